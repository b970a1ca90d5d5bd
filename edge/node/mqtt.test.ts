import { EventEmitter } from 'node:events';
import type { IClientOptions } from 'mqtt';
import { describe, expect, it } from 'vitest';
import { memoryJournal, Node } from './loop.ts';
import { connectNode, RefusedError, type Client } from './mqtt.ts';
import { credential, emptyFrame, FakeGateway, FakeTime, settle } from './world.fixture.ts';

/** The face of an `mqtt` client, worked by hand. */
class HandClient extends EventEmitter {
  readonly published: Uint8Array[] = [];
  readonly topics: string[] = [];
  readonly stream = {
    noDelay: false,
    setNoDelay: (on: boolean) => void (this.stream.noDelay = on),
  };
  ended = false;
  grant: Error | null = null;

  subscribe(topic: string, _options: unknown, done: (error: Error | null) => void): void {
    this.topics.push(topic);
    done(this.grant);
  }

  publishAsync(_topic: string, bytes: Uint8Array): Promise<undefined> {
    this.published.push(new Uint8Array(bytes));
    return Promise.resolve(undefined);
  }

  end(): void {
    this.ended = true;
  }

  endAsync(): Promise<void> {
    this.ended = true;
    return Promise.resolve();
  }
}

function ward() {
  const time = new FakeTime();
  const { clock, setTimer } = time;
  const node = new Node({ credential, journal: memoryJournal(), clock, setTimer });
  const clients: HandClient[] = [];
  const asked: [string, IClientOptions][] = [];
  const troubles: string[] = [];
  const connection = connectNode(node, {
    time,
    random: () => 1,
    onTrouble: (reason) => troubles.push(reason),
    connect: (url, options) => {
      asked.push([url, options]);
      const client = new HandClient();
      clients.push(client);
      return client as unknown as Client;
    },
  });
  return { time, node, clients, asked, troubles, connection };
}

describe('a node on a broker', () => {
  it('comes with its name and password, a clean session and its own down topic [WIRE-1]', async () => {
    const { node, clients, asked, connection } = ward();
    expect(asked[0]).toMatchObject([
      'mqtt://127.0.0.1:1883',
      { clientId: 'bed-7', username: 'bed-7', password: 'correct horse', clean: true },
    ]);
    void node.offer(emptyFrame(1));
    await settle();
    expect(clients[0]!.published).toEqual([]);
    clients[0]!.emit('connect');
    await connection.ready;
    await settle();
    expect(clients[0]!.stream.noDelay).toBe(true);
    expect(clients[0]!.topics).toEqual(['vitalshare/bed-7/down']);
    expect(clients[0]!.published).toHaveLength(1);
  });

  it('waits 0.5, 1, 2 … 30 s for a broker that is away', async () => {
    const { time, clients } = ward();
    for (const seconds of [0.5, 1, 2, 4, 8, 16, 30, 30]) {
      const before = clients.length;
      clients.at(-1)!.emit('error', new Error('connect ECONNREFUSED'));
      clients.at(-1)!.emit('close');
      await time.pass(seconds * 1000 - 1);
      expect(clients).toHaveLength(before);
      await time.pass(1);
      expect(clients).toHaveLength(before + 1);
    }
  });

  it('is soon back after a connection that settled something, not after one that did not', async () => {
    const { time, node, clients } = ward();
    const gateway = new FakeGateway();
    void node.offer(emptyFrame(1));
    for (const seconds of [0.5, 1, 2]) {
      clients.at(-1)!.emit('connect');
      await settle();
      clients.at(-1)!.emit('close');
      await time.pass(seconds * 1000 - 1);
      const before = clients.length;
      await time.pass(1);
      expect(clients).toHaveLength(before + 1);
    }
    clients.at(-1)!.emit('connect');
    await settle();
    const { boot } = gateway.take(clients.at(-1)!.published[0]!);
    clients.at(-1)!.emit('message', 'vitalshare/bed-7/down', gateway.answer(boot));
    await node.drained();
    clients.at(-1)!.emit('close');
    const before = clients.length;
    await time.pass(500);
    expect(clients).toHaveLength(before + 1);
  });

  it.each([4, 5])('says that return code %i is a refusal, and waits the longest', async (code) => {
    const { time, clients, troubles, connection } = ward();
    clients[0]!.emit('error', Object.assign(new Error('Connection refused'), { code }));
    clients[0]!.emit('close');
    await expect(connection.ready).rejects.toThrow(RefusedError);
    expect(troubles).toEqual(['the broker does not know this node or its password']);
    await time.pass(29_999);
    expect(clients).toHaveLength(1);
    await time.pass(1);
    expect(clients).toHaveLength(2);
  });

  it('says when the broker does not grant its topic', async () => {
    const { node, clients, connection } = ward();
    clients[0]!.grant = Object.assign(new Error('Subscribe error'), { packet: {} });
    clients[0]!.emit('connect');
    clients[0]!.emit('close');
    await expect(connection.ready).rejects.toThrow(RefusedError);
    expect(node.isConnected).toBe(false);
  });

  it('ends with close, whatever the client still says', async () => {
    const { time, node, clients, connection, troubles } = ward();
    clients[0]!.emit('connect');
    await connection.close();
    clients[0]!.emit('close');
    await time.pass(120_000);
    expect(clients).toHaveLength(1);
    expect(clients[0]!.ended).toBe(true);
    expect({ isConnected: node.isConnected, troubles }).toEqual({
      isConnected: false,
      troubles: [],
    });
  });
});

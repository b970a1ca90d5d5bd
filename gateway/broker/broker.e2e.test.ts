/** The broker with the real `mqtt` client over sockets, its frames going to a list. */
import { spawnSync } from 'node:child_process';
import { type EventEmitter, once } from 'node:events';
import { createConnection } from 'node:net';
import { Aedes } from 'aedes';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { addPermanentSubscriber, type Broker, startBroker } from './broker.ts';
import { EMITTER_CONCURRENCY } from './hooks.ts';
import type { BrokerOptions } from './options.ts';
import { Refusal, type RefusalReason } from './refusal.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Ward {
  broker: Broker;
  frames: { node: string; bytes: Uint8Array }[];
  refused: [RefusalReason, string | undefined][];
  failed: unknown[];
  online: Set<string>;
}

async function ward(
  frame?: (node: string, bytes: Uint8Array) => Promise<unknown>,
  more: Partial<BrokerOptions> = {},
): Promise<Ward> {
  const frames: Ward['frames'] = [];
  const refused: Ward['refused'] = [];
  const failed: unknown[] = [];
  const online = new Set<string>();
  const broker = await startBroker({
    host: '127.0.0.1',
    port: 0,
    admit: (name, password) =>
      Promise.resolve(name.startsWith('n') && Buffer.from(password).toString() === `${name}-pw`),
    frame: async (node, bytes) => {
      frames.push({ node, bytes: bytes.slice() });
      return (await frame?.(node, bytes)) !== false;
    },
    refused: (reason, node) => refused.push([reason, node]),
    failed: (error) => failed.push(error),
    connected: (node, is) => (is ? online.add(node) : online.delete(node)),
    clock: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    ...more,
  });
  closers.push(() => broker.close());
  return { broker, frames, refused, failed, online };
}

function client({ broker }: Ward, name: string, options: IClientOptions = {}): MqttClient {
  const made = mqtt.connect(`mqtt://127.0.0.1:${broker.port}`, {
    username: name,
    password: `${name}-pw`,
    protocolVersion: 4,
    reconnectPeriod: 0,
    ...options,
  });
  made.on('error', () => undefined);
  closers.push(() => made.endAsync(true));
  return made;
}

/** The client's own event types leave `events.once` no overload. */
const seen = (emitter: unknown, name: string): Promise<unknown[]> =>
  once(emitter as EventEmitter, name);

const online = async (ward: Ward, name: string, options?: IClientOptions): Promise<MqttClient> => {
  const made = client(ward, name, options);
  await seen(made, 'connect');
  return made;
};

describe('the broker', () => {
  it('lets a node publish on its own topic and acknowledges when the frame is settled', async () => {
    let settle = (): void => undefined;
    const w = await ward(() => new Promise<void>((resolve) => (settle = resolve)));
    const node = await online(w, 'n1');
    let acknowledged = false;
    const publishing = node
      .publishAsync('vitalshare/n1/up', Buffer.from([1, 2, 3]), { qos: 1 })
      .then(() => (acknowledged = true));
    await expect.poll(() => w.frames.length).toBe(1);
    expect([w.frames[0]!.node, ...w.frames[0]!.bytes]).toEqual(['n1', 1, 2, 3]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(acknowledged).toBe(false);
    settle();
    await publishing;
  });

  it('delivers an answer on the node’s own …/down', async () => {
    const w = await ward();
    const node = await online(w, 'n1');
    await node.subscribeAsync('vitalshare/n1/down');
    w.broker.answer('n2', Uint8Array.of(7));
    w.broker.answer('n1', Uint8Array.of(9, 8));
    const [topic, payload] = (await seen(node, 'message')) as [string, Buffer];
    expect([topic, [...payload]]).toEqual(['vitalshare/n1/down', [9, 8]]);
  });

  it.each([
    ['another node’s up', 'vitalshare/n2/up'],
    ['its own down', 'vitalshare/n1/down'],
    ['a topic of the broker', '$SYS/x'],
    ['a topic of eleven levels', 'vitalshare/n1/up/4/5/6/7/8/9/10/11'],
    ['a topic with #', 'vitalshare/n1/#'],
    ['a topic with +', 'vitalshare/+/up'],
  ])('closes the connection on a publication to %s [WIRE-1]', async (_, topic) => {
    const w = await ward();
    const node = await online(w, 'n1');
    node.publish(topic, 'x', { qos: 1 });
    await seen(node, 'close');
    expect(w.frames).toEqual([]);
    expect(w.refused).toEqual([['wrong-topic', 'n1']]);
  });

  it.each([
    'vitalshare/n2/down',
    'vitalshare/n1/up',
    'vitalshare/+/down',
    '#',
    '$share/g/vitalshare/n1/down',
    '$SYS/#',
  ])('closes the connection on a subscription to %s [WIRE-1]', async (topic) => {
    const w = await ward();
    const node = await online(w, 'n1');
    node.subscribe(topic);
    await seen(node, 'close');
    expect(w.refused).toEqual([['wrong-topic', 'n1']]);
  });

  it.each([
    ['a publication to nothing', [0x32, 4, 0, 0, 0, 1]],
    ['a subscription to nothing', [0x82, 5, 0, 1, 0, 0, 0]],
    ['a subscription to a filter that is none', [0x82, 7, 0, 1, 0, 2, 0x23, 0x23, 0]],
    ['a subscription of eleven levels', [0x82, 15, 0, 1, 0, 10, ...Buffer.from('//////////'), 0]],
    ['the end of a subscription to nothing', [0xa2, 4, 0, 1, 0, 0]],
  ])('closes the connection on %s [WIRE-1]', async (_, packet) => {
    const w = await ward();
    const node = await online(w, 'n1');
    node.stream.write(Uint8Array.from(packet));
    await seen(node, 'close');
    expect(w.refused).toEqual([['wrong-topic', 'n1']]);
  });

  it('refuses wills and QoS 2, and keeps nothing retained', async () => {
    const w = await ward();
    client(w, 'n1', { will: { topic: 'vitalshare/n1/up', payload: Buffer.from('x'), qos: 1 } });
    await expect.poll(() => w.refused).toEqual([['wrong-topic', undefined]]);
    const node = await online(w, 'n2');
    node.publish('vitalshare/n2/up', 'x', { qos: 2 });
    await seen(node, 'close');
    expect(w.refused[1]).toEqual(['wrong-topic', 'n2']);
    expect(w.frames).toEqual([]);
  });

  it.each([
    ['a wrong password', { username: 'n1', password: 'guess' }],
    ['an unknown name', { username: 'stranger', password: 'stranger-pw' }],
    ['no name', { username: '', password: '' }],
  ])('refuses %s', async (_, options) => {
    const w = await ward();
    const node = client(w, 'n1', options);
    const [error] = (await seen(node, 'error')) as [Error & { code?: number }];
    expect(error.code).toBe(4);
    expect(w.refused).toEqual([['bad-credentials', undefined]]);
  });

  it('takes a frame of 65,536 bytes and not one byte more [WIRE-5]', async () => {
    const w = await ward();
    const node = await online(w, 'n1');
    await node.publishAsync('vitalshare/n1/up', Buffer.alloc(65_536), { qos: 1 });
    expect(w.frames[0]!.bytes.length).toBe(65_536);
    node.publish('vitalshare/n1/up', Buffer.alloc(65_537), { qos: 1 });
    await seen(node, 'close');
    expect(w.frames.length).toBe(1);
    expect(w.refused).toEqual([['too-large', 'n1']]);
  });

  it('cuts off a packet that claims 256 MiB before its bytes are collected', async () => {
    const w = await ward();
    const node = await online(w, 'n1');
    node.stream.write(Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f]));
    await seen(node, 'close');
    expect(w.refused).toEqual([['too-large', 'n1']]);
    const stranger = createConnection(w.broker.port, '127.0.0.1');
    stranger.write(Buffer.from([0x10, 0xff, 0xff, 0x03]));
    await seen(stranger, 'close');
    expect(w.refused[1]).toEqual(['too-large', undefined]);
  });

  it('closes without PUBACK when the frame is refused', async () => {
    const w = await ward(() => Promise.reject(new Refusal('bad-seal', 'does not open')));
    const node = await online(w, 'n1');
    const acks: unknown[] = [];
    node.on('packetreceive', ({ cmd }) => acks.push(cmd));
    node.publish('vitalshare/n1/up', 'x', { qos: 1 });
    await seen(node, 'close');
    expect(w.refused).toEqual([['bad-seal', 'n1']]);
    expect(acks).not.toContain('puback');
  });

  it('counts and tells an error of its own, and closes without PUBACK', async () => {
    const broken = new RangeError('broken');
    const w = await ward(() => Promise.reject(broken));
    const node = await online(w, 'n1');
    node.publish('vitalshare/n1/up', 'x', { qos: 1 });
    await seen(node, 'close');
    expect([w.refused, w.failed]).toEqual([[['internal', 'n1']], [broken]]);
  });

  it('gives a node one connection, whatever client id it sends', async () => {
    const w = await ward();
    const other = await online(w, 'n2', { clientId: 'n2' });
    const first = await online(w, 'n1', { clientId: 'n2' });
    expect(other.connected).toBe(true);
    const closed = seen(first, 'close');
    await online(w, 'n1', { clientId: 'again' });
    await closed;
    expect(other.connected).toBe(true);
    expect([...w.online].sort()).toEqual(['n1', 'n2']);
    w.broker.drop('n1');
    await expect.poll(() => [...w.online]).toEqual(['n2']);
  });
});

describe('a subscriber that leaves under load', () => {
  /** 20,000 messages in one turn while the only subscriber of their topic goes. */
  async function load(aedes: Aedes): Promise<void> {
    const slow = (_packet: unknown, done: () => void): void => void setImmediate(done);
    await new Promise<void>((resolve) => aedes.subscribe('vitalshare/n1/down', slow, resolve));
    const publish = (): Promise<unknown> =>
      new Promise((resolve) =>
        aedes.publish(
          {
            cmd: 'publish',
            topic: 'vitalshare/n1/down',
            payload: 'x',
            qos: 0,
            retain: false,
            dup: false,
          },
          resolve,
        ),
      );
    const sent = Array.from({ length: 20_000 }, publish);
    aedes.unsubscribe('vitalshare/n1/down', slow, () => undefined);
    await Promise.all(sent);
  }

  it.each([
    ['the concurrency alone', EMITTER_CONCURRENCY, false],
    ['the permanent subscriber alone', 100, true],
  ])('does not overflow the stack with %s', async (_, concurrency, permanent) => {
    const aedes = await Aedes.createBroker({ concurrency });
    closers.push(() => new Promise<void>((resolve) => aedes.close(resolve)));
    if (permanent) await addPermanentSubscriber(aedes);
    await load(aedes);
  });

  it('overflows it with neither', () => {
    // In a process of its own, for it dies.
    const script = `
      import { Aedes } from 'aedes';
      const aedes = await Aedes.createBroker({ concurrency: 100 });
      const slow = (_packet, done) => void setImmediate(done);
      await new Promise((resolve) => aedes.subscribe('t', slow, resolve));
      const packet = { cmd: 'publish', topic: 't', payload: 'x', qos: 0, retain: false };
      for (let i = 0; i < 20_000; i++) aedes.publish({ ...packet }, () => undefined);
      aedes.unsubscribe('t', slow, () => undefined);
    `;
    const args = ['--input-type=module', '-e', script];
    const { status, stderr } = spawnSync(process.execPath, args, {
      ...{ cwd: import.meta.dirname, encoding: 'utf8' },
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect(status).not.toBe(0);
    expect(stderr).toContain('RangeError: Maximum call stack size exceeded');
  });
});

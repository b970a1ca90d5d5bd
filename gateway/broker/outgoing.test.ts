import type { Client } from 'aedes';
import { generate, parser, type Packet } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { Outgoing } from './outgoing.ts';

/** A connection that writes down what it is given, and is full when told so. */
function connection() {
  const written: Buffer[] = [];
  const waiting: ((error: Error | null) => void)[] = [];
  const state = { closed: false, full: false };
  const client = {
    get closed() {
      return state.closed;
    },
    conn: {
      destroyed: false,
      write: (bytes: Buffer) => {
        written.push(bytes);
        return !state.full;
      },
    },
    waitForDrain: (callback: (error: Error | null) => void) => waiting.push(callback),
  } as unknown as Client;
  return { client, written, waiting, state };
}

function turns() {
  const due: (() => void)[] = [];
  const outgoing = new Outgoing((run) => due.push(run));
  const turn = (): void => {
    for (const run of due.splice(0)) run();
  };
  return { outgoing, due, turn };
}

const mqtt = (packet: Packet): Buffer => generate(packet);

describe('what goes back to a node', () => {
  it('is the bytes of MQTT 3.1.1, one write a connection and turn', () => {
    const { outgoing, due, turn } = turns();
    const [a, b] = [connection(), connection()];
    const done: string[] = [];
    outgoing.puback(a.client, 0x1234, () => done.push('a1'));
    outgoing.puback(b.client, 7, () => done.push('b'));
    outgoing.puback(a.client, 65_535, () => done.push('a2'));
    expect(due).toHaveLength(1);
    expect(done).toEqual([]);
    turn();
    expect(a.written.map((bytes) => bytes.toString('hex'))).toEqual(['400212344002ffff']);
    expect(b.written.map((bytes) => bytes.toString('hex'))).toEqual(['40020007']);
    expect(done).toEqual(['a1', 'a2', 'b']);
    outgoing.puback(a.client, 1, () => done.push('a3'));
    turn();
    expect(a.written).toHaveLength(2);
  });

  it.each([1, 108, 109, 500, 16_364, 16_365])(
    'is an answer of %i bytes as mqtt-packet writes it, and reads it',
    (length) => {
      const { outgoing, turn } = turns();
      const { client, written } = connection();
      const payload = Buffer.alloc(length, 0xa5);
      const topic = 'vitalshare/n/down';
      outgoing.answer(client, 'n', payload);
      turn();
      const expected = mqtt({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false });
      expect(written[0]!.equals(expected)).toBe(true);
      const read: Packet[] = [];
      parser()
        .on('packet', (packet) => read.push(packet))
        .parse(written[0]!);
      expect(read).toMatchObject([{ cmd: 'publish', topic, qos: 0, length: 19 + length }]);
    },
  );

  it('is done once a full connection has drained, and the next packet waits until then', () => {
    const { outgoing, turn } = turns();
    const { client, waiting, state } = connection();
    const done: unknown[] = [];
    state.full = true;
    outgoing.puback(client, 1, (error) => done.push(error));
    turn();
    expect(done).toEqual([]);
    waiting[0]!(null);
    expect(done).toEqual([null]);
  });

  it('is an error to a connection that has gone, and nothing is written', () => {
    const { outgoing, turn } = turns();
    const { client, written, state } = connection();
    const done: unknown[] = [];
    outgoing.puback(client, 1, (error) => done.push(error));
    state.closed = true;
    turn();
    expect(written).toEqual([]);
    expect(done).toEqual([new Error('connection closed')]);
  });
});

/**
 * The limits of the broker under attack, each also with the limit off, where the attack must succeed. Limits
 * are small here: the attacks are the same as on the real ones, only faster.
 */
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Broker, startBroker } from './broker.ts';

const OFF = 1e9;
const knobs = vi.hoisted(() => ({
  ...{ CONNECTIONS_MAX: 4, CONNECT_TIMEOUT_MS: 100, PUBACK_HOLD_MS_MAX: 50 },
  ...{ NODE_FRAMES_PER_SECOND_MAX: 100, NODE_FRAMES_BURST: 20 },
  ...{ NODE_BYTES_PER_SECOND_MAX: 1e9, NODE_BYTES_BURST: 1e9 },
  ...{ EARLY_PACKETS_MAX: 8, DRAIN_TIMEOUT_MS: 100 },
}));
vi.mock('../limits.ts', async (importOriginal) => {
  const limits = await importOriginal<Record<string, unknown>>();
  const mocked = { ...limits };
  for (const name of Object.keys(knobs) as (keyof typeof knobs)[]) {
    Object.defineProperty(mocked, name, { get: () => knobs[name], enumerable: true });
  }
  return mocked;
});
const usual = { ...knobs };

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  Object.assign(knobs, usual);
});

interface Ward {
  readonly broker: Broker;
  readonly frames: { readonly node: string; readonly atMs: number }[];
  readonly refused: string[];
  slowed: number;
  settle: (() => void)[];
}

interface Attacked {
  readonly perAddress?: number;
  readonly isDiskSlow?: boolean;
  /** How long the registry takes to know a node. */
  readonly admitMs?: number;
}

async function ward(options: Attacked = {}): Promise<Ward> {
  const w = { frames: [], refused: [], slowed: 0, settle: [] } as unknown as Ward & {
    broker: Broker;
  };
  w.broker = await startBroker({
    ...{ host: '0.0.0.0', port: 0, connectionsPerAddressMax: options.perAddress ?? OFF },
    admit: () => new Promise((resolve) => setTimeout(() => resolve(true), options.admitMs ?? 0)),
    frame: (node) => {
      w.frames.push({ node, atMs: performance.now() });
      if (options.isDiskSlow !== true) return Promise.resolve(true);
      return new Promise((resolve) => w.settle.push(() => resolve(true)));
    },
    refused: (reason) => w.refused.push(reason),
    failed: () => undefined,
    connected: () => undefined,
    slowed: () => (w.slowed += 1),
    clock: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  closers.push(() => w.broker.close());
  return w;
}

/** Bytes of MQTT 3.1.1, written out: what a client library would not send. */
const CONNECT = Buffer.from('\x10\x14\0\x04MQTT\x04\xc2\0\0\0\0\0\x02n1\0\x02pw', 'latin1');
const publish = (id: number): Buffer =>
  Buffer.from(`\x32\x14\0\x10vitalshare/n1/up${String.fromCharCode(id >> 8, id & 0xff)}`, 'latin1');

function dial({ broker }: Ward, localAddress = '127.0.0.1'): Socket {
  const socket = createConnection({ port: broker.port, host: '127.0.0.1', localAddress });
  socket.on('error', () => undefined);
  closers.push(() => socket.destroy());
  return socket;
}

/** Whether this address gets as far as CONNACK 0. */
async function isLetIn(w: Ward, localAddress: string): Promise<boolean> {
  const socket = dial(w, localAddress);
  socket.write(CONNECT);
  const first = await Promise.race([
    once(socket, 'data') as Promise<[Buffer]>,
    once(socket, 'close').then(() => [Buffer.alloc(0)] as const),
  ]);
  return first[0].equals(Buffer.of(0x20, 2, 0, 0));
}

async function admitted(w: Ward): Promise<Socket> {
  const socket = dial(w);
  socket.write(CONNECT);
  await once(socket, 'data');
  return socket;
}

describe('an attacker of one address who takes all places', () => {
  const attack = async (perAddress: number): Promise<[boolean, string[]]> => {
    knobs.CONNECT_TIMEOUT_MS = 60_000;
    const w = await ward({ perAddress });
    const sockets = Array.from({ length: 4 }, () => dial(w));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    await new Promise((resolve) => setTimeout(resolve, 50));
    return [await isLetIn(w, '127.0.0.2'), w.refused];
  };
  it('does not shut out a node of another', async () => {
    expect(await attack(2)).toEqual([true, ['too-many', 'too-many']]);
  });
  it('would without the limit; that none is left is counted', async () => {
    expect(await attack(OFF)).toEqual([false, ['too-many']]);
  });
  it('frees its places when it goes', async () => {
    const w = await ward({ perAddress: 1 });
    const first = dial(w);
    await once(first, 'connect');
    first.destroy();
    await expect.poll(() => w.broker.state().connections).toBe(0);
    expect(await isLetIn(w, '127.0.0.1')).toBe(true);
  });
});

describe('a stranger', () => {
  it('who says nothing is cut off in time, and counted', async () => {
    const w = await ward();
    await once(dial(w), 'close');
    expect(w.refused).toEqual(['no-connect']);
  });
  it('who says nothing would stay without the limit', async () => {
    knobs.CONNECT_TIMEOUT_MS = 60_000;
    const w = await ward();
    dial(w);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([w.refused, w.broker.state().connections]).toEqual([[], 1]);
  });
  it.each([
    ['no MQTT', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a packet before CONNECT', publish(1)],
    ['a packet type that is none', Buffer.of(0xf0, 0)],
  ])('who sends %s is cut off, and counted', async (_, bytes) => {
    const w = await ward();
    const socket = dial(w);
    socket.write(bytes);
    await once(socket, 'close');
    expect(w.refused).toEqual(['bad-packet']);
  });
});

it('a second CONNECT ends the connection, and is counted [MQTT-3.1.0-2]', async () => {
  const w = await ward();
  const node = await admitted(w);
  node.write(CONNECT);
  await once(node, 'close');
  expect(w.refused).toEqual(['bad-packet']);
});

describe('a node that floods', () => {
  /** 120 frames at once; how long until the last was taken, and whether each got its PUBACK. */
  const flood = async (): Promise<{ w: Ward; ms: number; pubacks: number }> => {
    const w = await ward();
    const node = await admitted(w);
    let bytes = 0;
    node.on('data', (chunk: Buffer) => (bytes += chunk.length));
    const fromMs = performance.now();
    node.write(Buffer.concat(Array.from({ length: 120 }, (_, i) => publish(i + 1))));
    await expect.poll(() => w.frames.length, { timeout: 5_000 }).toBe(120);
    await expect.poll(() => bytes).toBe(4 * 120);
    return { w, ms: w.frames.at(-1)!.atMs - fromMs, pubacks: bytes / 4 };
  };
  it('is slowed to its rate and loses nothing', async () => {
    const { w, ms, pubacks } = await flood();
    // 20 at once, 100 more at 100 a second.
    expect(ms).toBeGreaterThan(900);
    expect([pubacks, w.slowed, w.refused]).toEqual([120, 100, []]);
  });
  it('would take all it can get without the limit', async () => {
    Object.assign(knobs, { NODE_FRAMES_PER_SECOND_MAX: OFF, NODE_FRAMES_BURST: OFF });
    const { w, ms } = await flood();
    expect([ms < 500, w.slowed]).toEqual([true, 0]);
  });
  it('with bytes is slowed as well', async () => {
    Object.assign(knobs, { NODE_FRAMES_PER_SECOND_MAX: OFF, NODE_FRAMES_BURST: OFF });
    Object.assign(knobs, { NODE_BYTES_PER_SECOND_MAX: 20_000, NODE_BYTES_BURST: 10_000 });
    const w = await ward();
    const node = await admitted(w);
    const head = Buffer.from('\x32\x92\x4e\0\x10vitalshare/n1/up', 'latin1');
    const fromMs = performance.now();
    for (let id = 1; id <= 2; id++) {
      // 18 bytes of topic and its length, 2 of packet id, 9,982 of frame.
      node.write(Buffer.concat([head, Buffer.of(0, id), Buffer.alloc(10_002 - 20)]));
    }
    await expect.poll(() => w.frames.length).toBe(2);
    expect(w.frames[1]!.atMs - fromMs).toBeGreaterThan(400);
    expect(w.slowed).toBe(1);
  });
});

describe('a node that sends before it is let in', () => {
  const attack = async (): Promise<Ward> => {
    Object.assign(knobs, { NODE_FRAMES_PER_SECOND_MAX: OFF, NODE_FRAMES_BURST: OFF });
    const w = await ward({ admitMs: 50 });
    const early = Array.from({ length: 20 }, (_, i) => publish(i + 1));
    dial(w).write(Buffer.concat([CONNECT, ...early]));
    await expect.poll(() => w.refused.length + w.frames.length).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return w;
  };
  it('is kept waiting with a few packets, and cut off with more', async () => {
    const { refused, frames } = await attack();
    expect([refused, frames.length]).toEqual([['bad-packet'], 0]);
  });
  it('would have all of them kept without the limit', async () => {
    knobs.EARLY_PACKETS_MAX = OFF;
    const { refused, frames } = await attack();
    expect([refused, frames.length]).toEqual([[], 20]);
  });
});

describe('a node that takes no answers', () => {
  /** 32 MB are more than the buffers of two sockets. */
  const attack = async (): Promise<Ward> => {
    const w = await ward();
    const node = await admitted(w);
    node.write(Buffer.from('\x82\x17\0\x01\0\x12vitalshare/n1/down\0', 'latin1'));
    await once(node, 'data'); // SUBACK
    node.pause();
    const answer = new Uint8Array(16_000);
    for (let i = 0; i < 2_000; i++) w.broker.answer('n1', answer);
    await new Promise((resolve) => setTimeout(resolve, 500));
    return w;
  };
  it('is cut off, and its answers with it', async () => {
    expect((await attack()).broker.state().connections).toBe(0);
  });
  it('would keep them in memory without the limit', async () => {
    knobs.DRAIN_TIMEOUT_MS = OFF;
    expect((await attack()).broker.state().connections).toBe(1);
  });
});

describe('a disk that does not answer', () => {
  const attack = async (): Promise<{ w: Ward; received: () => number }> => {
    const w = await ward({ isDiskSlow: true });
    const node = await admitted(w);
    let bytes = 0;
    node.on('data', (chunk: Buffer) => (bytes += chunk.length));
    // Two chunks: the socket is read on only when the first is over.
    node.write(Buffer.concat(Array.from({ length: 10 }, (_, i) => publish(i + 1))));
    await expect.poll(() => w.frames.length).toBe(10);
    node.write(publish(11));
    await new Promise((resolve) => setTimeout(resolve, 120));
    return { w, received: () => bytes };
  };
  it('does not keep the ward from hearing its nodes: sockets are read on without PUBACK', async () => {
    const { w, received } = await attack();
    expect(w.frames).toHaveLength(10);
    w.broker.tick();
    await expect.poll(() => w.frames.length).toBe(11);
    expect(w.broker.state()).toMatchObject({ held: 1, letGo: 10 });
    for (const settle of w.settle) settle();
    // The last was not held for long, so it has its PUBACK; those before it have none, ever.
    await expect.poll(received).toBe(4);
  });
  it('would without letting go', async () => {
    knobs.PUBACK_HOLD_MS_MAX = OFF;
    const { w } = await attack();
    w.broker.tick();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(w.frames).toHaveLength(10);
  });
});

import { describe, expect, it } from 'vitest';
import { readHeader } from '../wire/wire.ts';
import { memoryJournal, Node, type Journal, type NodeOptions } from './loop.ts';
import { credential, emptyFrame, FakeGateway, FakeTime, settle } from './world.fixture.ts';

function ward(options: Partial<NodeOptions> = {}) {
  const time = new FakeTime();
  const gateway = new FakeGateway();
  const journal = options.journal ?? memoryJournal();
  const node = new Node({
    credential,
    journal,
    clock: time.clock,
    setTimer: time.setTimer,
    ...options,
  });
  const wire: Uint8Array[] = [];
  const publish = (topic: string, bytes: Uint8Array) => {
    expect(topic).toBe('vitalshare/bed-7/up');
    wire.push(bytes);
    return Promise.resolve();
  };
  /** What is on the wire, as boot/sequence, taken off it. */
  const sent = () =>
    wire.splice(0).map((bytes) => {
      const { boot, sequence } = gateway.take(bytes);
      return `${boot}/${sequence}`;
    });
  return { time, gateway, journal, node, wire, publish, sent };
}

const range = (first: number, last: number) => ({ first, last });
const noRanges = { missing: [], refused: [] };

describe('a node', () => {
  it('publishes what it is offered and erases it when it is settled, not at PUBACK [WIRE-2]', async () => {
    const { node, gateway, journal, publish, sent } = ward();
    node.connected(publish);
    void node.offer(emptyFrame(1));
    void node.offer(emptyFrame(2));
    await settle();
    expect(sent()).toEqual(['1/1', '1/2']);
    expect(journal.bytesKept).toBeGreaterThan(0);
    node.receive(gateway.answer(1));
    expect(journal.bytesKept).toBe(0);
    expect(node.counts).toMatchObject({ offered: 2, settled: 2, refused: 0, dropped: 0 });
    await node.drained();
  });

  it('keeps what it is offered without a connection and sends it in order later', async () => {
    const { node, publish, sent, wire } = ward();
    for (let i = 1; i <= 5; i++) void node.offer(emptyFrame(i));
    await settle();
    expect(wire).toEqual([]);
    node.connected(publish);
    await settle();
    expect(sent()).toEqual(['1/1', '1/2', '1/3', '1/4', '1/5']);
  });

  it('has at most 64 frames in flight [WIRE-16]', async () => {
    const { node, gateway, publish, sent } = ward();
    node.connected(publish);
    for (let i = 1; i <= 200; i++) void node.offer(emptyFrame(i));
    await settle();
    expect(sent()).toHaveLength(64);
    node.receive(gateway.seal({ boot: 1, sequence: 10, ...noRanges }));
    await settle();
    expect(sent()).toHaveLength(10);
    expect(() => ward({ inFlightMax: 65 })).toThrow(RangeError);
  });

  it('holds no more than 1,024 offers for a journal that does not answer', async () => {
    const journal = memoryJournal();
    let answer = (): void => undefined;
    const answers = new Promise<void>((resolve) => (answer = resolve));
    const openBoot = journal.openBoot.bind(journal);
    journal.openBoot = async () => {
      await answers;
      return await openBoot();
    };
    const { node } = ward({ journal });
    const offers = Array.from({ length: 1_030 }, (_, i) => node.offer(emptyFrame(i)));
    expect(await Promise.all(offers.slice(1_024))).toEqual(Array(6).fill(false));
    expect(node.bufferedFrames).toBe(1_024);
    expect(node.counts).toMatchObject({ offered: 1_030, dropped: 6 });
    answer();
    await settle();
    expect(node.bufferedFrames).toBe(1_024);
    expect(await journal.pending()).toMatchObject([{ boot: 1, sequences: { length: 1_024 } }]);
  });

  it('lets an awaited offer run only as fast as the gateway settles', async () => {
    const { node, gateway, publish, sent } = ward({ inFlightMax: 4 });
    node.connected(publish);
    let offered = 0;
    const replay = (async () => {
      for (let i = 1; i <= 12; i++) {
        await node.offer(emptyFrame(i));
        offered = i;
      }
      await node.drained();
    })();
    await settle();
    expect(offered).toBe(4);
    while (node.counts.settled < 12) {
      expect(sent().length).toBeLessThanOrEqual(4);
      node.receive(gateway.answer(1));
      await settle();
    }
    await replay;
    expect(gateway.payloads).toHaveLength(12);
  });

  it('sends again after 5 s, then 10, 20, 40, 60, 60 [WIRE-16]', async () => {
    const { node, time, publish, sent } = ward();
    node.connected(publish);
    void node.offer(emptyFrame(1));
    await settle();
    expect(sent()).toEqual(['1/1']);
    for (const seconds of [5, 10, 20, 40, 60, 60]) {
      await time.pass(seconds * 1000 - 1);
      expect(sent()).toEqual([]);
      await time.pass(1);
      expect(sent()).toEqual(['1/1']);
    }
    expect(node.counts.resent).toBe(6);
  });

  it('sends a missing frame again at once, but only once, then by its timer [WIRE-13]', async () => {
    const { node, gateway, time, publish, wire, sent } = ward();
    node.connected(publish);
    for (let i = 1; i <= 3; i++) void node.offer(emptyFrame(i));
    await settle();
    wire.splice(1, 1); // The network loses 1/2.
    expect(sent()).toEqual(['1/1', '1/3']);
    node.receive(gateway.answer(1));
    node.receive(gateway.answer(1));
    await settle();
    expect(wire.splice(0).map((bytes) => readHeader(bytes)?.sequence)).toEqual([2]);
    node.receive(gateway.answer(1));
    await settle();
    expect(wire).toEqual([]);
    expect(node.counts.settled).toBe(2);
    await time.pass(10_000);
    expect(sent()).toEqual(['1/2']);
    node.receive(gateway.answer(1));
    await node.drained();
  });

  it('counts refused frames apart and erases them too [WIRE-13]', async () => {
    const { node, gateway, journal, publish } = ward();
    node.connected(publish);
    for (let i = 1; i <= 4; i++) void node.offer(emptyFrame(i));
    await settle();
    const answer = { boot: 1, sequence: 4, missing: [], refused: [range(2, 3)] };
    node.receive(gateway.seal(answer));
    node.receive(gateway.seal(answer));
    expect(node.counts).toMatchObject({ settled: 2, refused: 2, ignoredAnswers: 0 });
    expect(journal.bytesKept).toBe(0);
  });

  it('ignores and counts answers it cannot believe [WIRE-14]', async () => {
    const { node, gateway, publish } = ward();
    node.connected(publish);
    void node.offer(emptyFrame(1));
    await settle();
    const settles = { boot: 1, sequence: 1, ...noRanges };
    const forged = new Uint8Array(32).fill(7);
    const flipped = gateway.seal(settles);
    flipped[30]! ^= 1;
    node.receive(gateway.seal(settles, forged));
    node.receive(flipped);
    node.receive(new Uint8Array(0));
    node.receive(gateway.seal({ ...settles, boot: 2 }));
    node.receive(gateway.seal({ ...settles, sequence: 2 }));
    expect(node.counts).toMatchObject({ settled: 0, ignoredAnswers: 5 });
    node.receive(gateway.seal({ ...settles, sequence: 0 }));
    expect(node.counts).toMatchObject({ settled: 0, ignoredAnswers: 5 });
    node.receive(gateway.seal(settles));
    expect(node.counts).toMatchObject({ settled: 1, ignoredAnswers: 5 });
  });

  it('failure 12: the buffer recreated on reconnect: all that flew is sent again, in order, and nothing while there is none', async () => {
    const { node, time, publish, sent } = ward();
    node.connected(publish);
    for (let i = 1; i <= 3; i++) void node.offer(emptyFrame(i));
    await settle();
    expect(sent()).toEqual(['1/1', '1/2', '1/3']);
    node.disconnected();
    expect(time.pending).toBe(0);
    await time.pass(600_000);
    expect(sent()).toEqual([]);
    node.connected(publish);
    await settle();
    expect(sent()).toEqual(['1/1', '1/2', '1/3']);
  });

  it('goes on after a publish that fails', async () => {
    const { node, time, publish, sent } = ward();
    node.connected(() => Promise.reject(new Error('no route')));
    void node.offer(emptyFrame(1));
    await settle();
    node.connected(publish);
    await time.pass(0);
    expect(sent()).toEqual(['1/1']);
  });

  it('takes up an earlier lifetime byte for byte, in a new boot of its own [WIRE-4]', async () => {
    const journal = memoryJournal();
    const first = ward({ journal });
    for (let i = 1; i <= 3; i++) void first.node.offer(emptyFrame(i));
    await settle();
    const second = ward({ journal });
    void second.node.offer(emptyFrame(4));
    second.node.connected(second.publish);
    await settle();
    expect(second.sent()).toEqual(['1/1', '1/2', '1/3', '2/1']);
    second.node.receive(second.gateway.answer(1));
    second.node.receive(second.gateway.answer(2));
    await second.node.drained();
    expect(second.node.counts).toMatchObject({ offered: 1, resumed: 3, settled: 4, dropped: 0 });
    expect(journal.bytesKept).toBe(0);
  });

  it('settles an earlier boot beyond what its journal still knows', async () => {
    // Of 1/1 and 1/2 the journal lost the second in a power cut; the gateway has both.
    const { node, gateway, publish } = ward({ journal: await withOneFrame() });
    node.connected(publish);
    await settle();
    node.receive(gateway.seal({ boot: 1, sequence: 2, ...noRanges }));
    expect(node.counts).toMatchObject({ resumed: 1, settled: 1, ignoredAnswers: 0 });
  });

  it('starts a new boot when the sequence numbers of one are used up [WIRE-4]', async () => {
    const { node, publish, sent } = ward({ sequenceMax: 2 });
    node.connected(publish);
    for (let i = 1; i <= 5; i++) void node.offer(emptyFrame(i));
    await settle();
    expect(sent()).toEqual(['1/1', '1/2', '2/1', '2/2', '3/1']);
    expect(() => ward({ sequenceMax: 2 ** 32 })).toThrow(RangeError);
  });

  it('failure 13: a full buffer that never drains: new frames are dropped while it is full, and it recovers by itself', async () => {
    const { node, gateway, publish, sent } = ward({ journalBytesMax: 120 });
    node.connected(publish);
    const kept: boolean[] = [];
    for (let i = 1; i <= 4; i++) void node.offer(emptyFrame(i)).then((answer) => kept.push(answer));
    await settle();
    expect(kept.toSorted()).toEqual([false, true, true, true]);
    expect(sent()).toEqual(['1/1', '1/2', '1/3']);
    node.receive(gateway.answer(1));
    expect(await node.offer(emptyFrame(5))).toBe(true);
    expect(sent()).toEqual(['1/4']);
  });

  it('leaves a boot whose journal failed, so that no sequence number is taken twice [S12]', async () => {
    const journal = memoryJournal();
    let broken = true;
    const faults: unknown[] = [];
    const append: Journal['append'] = (boot, sequence, bytes) =>
      broken ? Promise.reject(new Error('ENOSPC')) : journal.append(boot, sequence, bytes);
    const failing: Journal = {
      openBoot: () => journal.openBoot(),
      read: (boot, sequence) => journal.read(boot, sequence),
      erase: (boot, ranges) => journal.erase(boot, ranges),
      pending: () => journal.pending(),
      bytesKept: 0,
      append,
    };
    const { node, publish, sent } = ward({
      journal: failing,
      onFault: (error) => faults.push(error),
    });
    node.connected(publish);
    expect(await node.offer(emptyFrame(1))).toBe(false);
    broken = false;
    expect(await node.offer(emptyFrame(2))).toBe(true);
    expect(sent()).toEqual(['2/1']);
    expect(faults).toHaveLength(1);
    expect(node.counts).toMatchObject({ offered: 2, dropped: 1 });
  });

  it('runs a sensor to its end', async () => {
    const { node, publish, sent } = ward();
    node.connected(publish);
    async function* sensor() {
      for (let i = 1; i <= 3; i++) yield await Promise.resolve(emptyFrame(i));
    }
    await node.run(sensor());
    await settle();
    expect(sent()).toEqual(['1/1', '1/2', '1/3']);
  });

  it('throws at once on a frame that has no bytes, and on an offer after close', async () => {
    const { node, publish } = ward();
    expect(() => node.offer(emptyFrame(-1))).toThrow(RangeError);
    const waiting = node.offer(emptyFrame(1));
    const drained = node.drained();
    await Promise.all([node.close(), expect(drained).rejects.toThrow('closed')]);
    expect(await waiting).toBe(true);
    expect(() => node.offer(emptyFrame(2))).toThrow(TypeError);
    node.connected(publish);
    expect(node.counts).toMatchObject({ offered: 1 });
  });
});

async function withOneFrame(): Promise<Journal> {
  const journal = memoryJournal();
  const { node } = ward({ journal });
  void node.offer(emptyFrame(1));
  await settle();
  return journal;
}

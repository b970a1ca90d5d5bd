import { describe, expect, it } from 'vitest';
import { makeIdentity, signer } from '@vitalshare/edge/identity/node';
import { utf8 } from '@vitalshare/edge/seal';
import { findVital } from '@vitalshare/edge/vital';
import { KIND, LogError } from '../messages/batch.ts';
import { encodeGenesis } from '../messages/records.ts';
import { Applier } from './apply.ts';
import { MemoryStore } from './store-memory.fixture.ts';
import type { Put, Store } from './store.ts';
import { applyLog, column, makeWorld, random, TestLog } from './world.fixture.ts';

const T = 1_700_000_000;
const HEART_RATE = 1;

/** Everything a server holds of one column, by second: the low word of the share. */
function shares(applier: Applier, log: TestLog, stay = 1, vital = HEART_RATE): [number, number][] {
  const state = applier.books.stay(applier.books.log(log.name)!.index, stay)!;
  const key = { log: state.log, stay, vitals: [vital] };
  return applier.columns.numbers(key).flatMap((number) => {
    const { presence, lows } = applier.columns.read(key, number)!;
    return Array.from({ length: 4000 }, (_, slot) => slot)
      .filter((slot) => (presence[slot >> 3]! >> (slot & 7)) & 1)
      .map((slot): [number, number] => [4000 * number + slot, lows[slot]!]);
  });
}

/** A store that keeps nothing of a commit while `isDead`: a process killed before it landed. */
class MortalStore extends MemoryStore {
  isDead = false;
  override commit(puts: readonly Put[]): Promise<void> {
    return this.isDead ? Promise.resolve() : super.commit(puts);
  }
}

const serverOn = (log: TestLog, store: Store) => new Applier(log.world.dataServers[0]!, store);

const fault = (code: string, message: RegExp): Error =>
  expect.objectContaining({
    name: 'LogError',
    code,
    message: expect.stringMatching(message) as string,
  }) as Error;

describe('a data server that is killed', () => {
  it('goes on from its last commit: nothing twice, nothing lost', async () => {
    const log = new TestLog(makeWorld());
    log.stay(1, 'bed-1').frame(1, { 'heart-rate': column(T + 3990, [1, 2, 3]) });
    log.commit();
    const store = new MortalStore();
    const before = serverOn(log, store);
    applyLog(before, log);
    await before.flush();
    // Applied and lost: frames, a second run, a new stay.
    log.frame(1, { 'heart-rate': column(T + 3992, [30, 4]) }).commit();
    log.startRun();
    log.stay(2, 'bed-2').frame(2, { spo2: column(T, [970]) });
    log.frame(1, { 'heart-rate': column(T + 4000, [5, 6]) }).commit();
    applyLog(before, log);
    const held = shares(before, log);
    const [logState, stayState] = [before.books.log(log.name), before.books.stay(1, 1)];
    store.isDead = true;
    await before.flush();
    store.isDead = false;

    const after = serverOn(log, store);
    expect(after.headOf(log.name).position).toBe(4);
    applyLog(after, log);
    expect(shares(after, log)).toEqual(held);
    expect(shares(after, log).map(([second]) => second - T)).toEqual([
      3990, 3991, 3992, 3993, 4000, 4001,
    ]);
    expect(after.books.log(log.name)).toEqual(logState);
    expect(after.books.stay(1, 1)).toEqual(stayState);
    expect(after.books.log(log.name)!.counters).toMatchObject({ cells: 7, 'cell-taken': 1 });

    await after.flush();
    const again = serverOn(log, store);
    expect(shares(again, log)).toEqual(held);
    expect(again.headOf(log.name)).toEqual(after.headOf(log.name));
  });

  it('refuses a counter of the run it was in before', async () => {
    const log = new TestLog(makeWorld());
    log
      .stay(1, 'bed-1')
      .frame(1, { 'heart-rate': column(T, [1]) }, [], 7)
      .commit();
    const store = new MemoryStore();
    const before = serverOn(log, store);
    applyLog(before, log);
    await before.flush();
    const after = serverOn(log, store);
    log.frame(1, { 'heart-rate': column(T + 1, [1]) }, [], 7).commit();
    applyLog(after, log);
    expect(after.books.log(log.name)!.counters['counter-reused']).toBe(1);
  });
});

describe('failure 14: two readings with one timestamp, one lost', () => {
  it('of two vital signs, two stays, two leads: all are kept', () => {
    const log = new TestLog(makeWorld());
    log.stay(1, 'bed-1').stay(2, 'bed-2');
    log.frame(1, { 'heart-rate': column(T, [700]), spo2: column(T, [970]) });
    log.frame(2, { 'heart-rate': column(T, [800]) });
    const lead = (index: number) => ({
      ...{ channel: 64, lead: index, unit: 1, startMicros: T * 1e6, rateMilliHz: 250_000 },
      ...{ gain: 200, baseline: 0, count: 2, plaintext: new Uint8Array(6) },
    });
    // Two leads of one frame, and another frame from the same microsecond on.
    log
      .frame(1, {}, [lead(1), lead(2)])
      .frame(1, {}, [lead(3)])
      .commit();
    const server = serverOn(log, new MemoryStore());
    applyLog(server, log);
    for (const [stay, vital] of [
      [1, HEART_RATE],
      [1, findVital('spo2')!.code],
      [2, HEART_RATE],
    ] as const) {
      expect(shares(server, log, stay, vital).map(([second]) => second)).toEqual([T]);
    }
    const { counters } = server.books.log(log.name)!;
    expect(counters).toMatchObject({ frames: 4, cells: 3, 'cell-taken': 0 });
    expect(Object.keys(server.books.stay(1, 1)!.waveforms)).toEqual(['64.1', '64.2', '64.3']);
  });

  it('[PROTO-9] of one cell: the first in the log stays, the later one is counted, at every server', () => {
    const world = makeWorld();
    const log = new TestLog(world);
    log.stay(1, 'bed-1');
    log.frame(1, { 'heart-rate': column(T, [700, 710]) });
    const first = log.commit();
    log.frame(1, { 'heart-rate': column(T + 1, [999, 720]) }).commit();
    for (const party of world.dataServers) {
      const server = new Applier(party, new MemoryStore());
      applyLog(server, log);
      const state = server.books.log(log.name)!;
      expect(state.counters).toMatchObject({ cells: 3, 'cell-taken': 1 });
      const key = { log: state.index, stay: 1, vitals: [HEART_RATE] };
      const { arrivals } = server.columns.read(key, Math.floor(T / 4_000))!;
      expect(arrivals.map(({ position, slots }) => [position < first, slots])).toEqual([
        [true, 2],
        [false, 1],
      ]);
    }
  });
});

describe('records a server passes over [PROTO-19]', () => {
  it('[SHARE-7] a counter that does not rise within a run; a new run counts anew', () => {
    const log = new TestLog(makeWorld());
    log.stay(1, 'bed-1');
    log.frame(1, { 'heart-rate': column(T, [1]) }, [], 5);
    log.frame(1, { 'heart-rate': column(T + 1, [1]) }, [], 5);
    log.frame(1, { 'heart-rate': column(T + 2, [1]) }, [], 4);
    log.frame(1, { 'heart-rate': column(T + 3, [1]) }, [], 9).commit();
    log.startRun();
    log.frame(1, { 'heart-rate': column(T + 4, [1]) }, [], 1).commit();
    const server = serverOn(log, new MemoryStore());
    applyLog(server, log);
    expect(shares(server, log).map(([second]) => second - T)).toEqual([0, 3, 4]);
    expect(server.books.log(log.name)!.counters).toMatchObject({ frames: 3, 'counter-reused': 2 });
  });

  it('what is not well formed, names no stay, or takes a number or name of another', () => {
    const log = new TestLog(makeWorld());
    log.stay(1, 'bed-1');
    log.record({ kind: KIND.stay, bytes: utf8('{"stay": "x"}') });
    log.record({ kind: KIND.frame, bytes: random(40) });
    log.stay(1, 'bed-9').stay(2, 'bed-1').stay(3, 'bed-3');
    log.frame(3, { spo2: column(T, [970]) });
    log.frame(2, { spo2: column(T, [970]) }).commit();
    const server = serverOn(log, new MemoryStore());
    applyLog(server, log);
    expect(server.books.log(log.name)!.counters).toMatchObject({
      frames: 1,
      malformed: 2,
      'stay-conflict': 2,
      'unknown-stay': 1,
    });
    expect(server.books.names).toEqual(['bed-1', 'bed-3']);
    expect(server.headOf(log.name).position).toBe(10);
  });
});

describe('batches a server stops at', () => {
  it('failure 10: replay, double count, batch mismatch: a batch that does not continue the head it has is refused', () => {
    const world = makeWorld();
    const log = new TestLog(world);
    const server = serverOn(log, new MemoryStore());
    applyLog(server, log);
    const fork = new TestLog(world, log.created, log.id);
    fork.stay(1, 'bed-1').commit();
    expect(() => applyLog(server, fork)).toThrow(fault('fork', /continues another log/));
    expect(server.headOf(log.name)).toEqual({ position: 2, hash: log.hash });
  });

  it("refuses another signer's batch and applies nothing of it", () => {
    const log = new TestLog(makeWorld());
    const server = serverOn(log, new MemoryStore());
    applyLog(server, log);
    const stranger = makeIdentity('stranger', 'gateway', random);
    const records = [{ kind: KIND.stay, bytes: utf8('{}') }];
    log.append(1, records, new Uint8Array(32), signer(stranger));
    expect(() => applyLog(server, log)).toThrow(fault('signature', /not signed by the gateway/));
    expect(server.headOf(log.name).position).toBe(2);
  });

  it('[PROTO-1] refuses a log of another name or configuration, and one that begins otherwise', () => {
    const world = makeWorld();
    const log = new TestLog(world);
    const server = serverOn(log, new MemoryStore());
    expect(() => applyLog(server, rename(new TestLog(world), log.name))).toThrow(
      fault('record', /asked for log/),
    );
    const foreign = new TestLog({ ...world, configDigest: makeWorld().configDigest });
    expect(() => applyLog(server, foreign)).toThrow(fault('record', /another configuration/));
    expect(server.books.logs).toEqual([]);
  });

  it('refuses a body it cannot open, and goes on when the right one comes', () => {
    const log = new TestLog(makeWorld());
    const server = serverOn(log, new MemoryStore());
    log.stay(1, 'bed-1').commit();
    const wrongKey = serverWithLogKey(log, random(32));
    expect(() => applyLog(wrongKey, log)).toThrow(fault('sealed', /does not open/));
    expect(wrongKey.headOf(log.name).position).toBe(2);
    applyLog(server, log);
    expect(server.books.names).toEqual(['bed-1']);
  });

  it('refuses a run of an epoch whose split keys it does not have', () => {
    const log = new TestLog(makeWorld());
    const party = log.world.dataServers[0]!;
    const keys = { ...party.keys, split: new Map([[2, party.keys.split.get(1)!]]) };
    const server = new Applier({ ...party, keys }, new MemoryStore());
    expect(() => applyLog(server, log)).toThrow(fault('record', /split keys of epoch 1/));
    expect(server.headOf(log.name).position).toBe(1);
  });

  it('refuses a run sealed for another server', () => {
    const log = new TestLog(makeWorld());
    const [first, second] = log.world.dataServers;
    const mixed = { ...first!, identity: second!.identity };
    const server = new Applier(mixed, new MemoryStore());
    expect(() => applyLog(server, log)).toThrow(fault('record', /do not open/));
  });

  it('refuses a second genesis and a run out of order', () => {
    const log = new TestLog(makeWorld());
    const server = serverOn(log, new MemoryStore());
    const genesis = { log: log.name, config: log.world.configDigest, created: 1, continues: [] };
    log.append(0, [{ kind: KIND.genesis, bytes: encodeGenesis(genesis) }], null);
    expect(() => applyLog(server, log)).toThrow(fault('record', /genesis record stands inside/));
    const skipped = new TestLog(log.world);
    const other = serverOn(skipped, new MemoryStore());
    skipped.run = 4;
    skipped.startRun();
    expect(() => applyLog(other, skipped)).toThrow(fault('record', /expected run 2, got run 5/));
    expect(other.books.log(skipped.name)!.run).toBe(1);
  });

  it('names the position, and nothing of a record', () => {
    const log = new TestLog(makeWorld());
    log.stay(1, 'bed-1').commit();
    const error = caught(() => applyLog(serverWithLogKey(log, random(32)), log));
    expect(error).toBeInstanceOf(LogError);
    expect((error as LogError).position).toBe(2);
    expect((error as LogError).message).not.toContain('bed-1');
  });
});

describe('waiting for the log', () => {
  it('[PROTO-13] resolves when the position is applied, or when time is up', async () => {
    const log = new TestLog(makeWorld());
    const server = serverOn(log, new MemoryStore());
    applyLog(server, log);
    const never = new Promise<void>(() => undefined);
    expect(await server.reached({ [log.name]: 2 }, never)).toBe(true);
    const waiting = server.reached({ [log.name]: 3 }, never);
    log.stay(1, 'bed-1').commit();
    applyLog(server, log);
    expect(await waiting).toBe(true);
    expect(await server.reached({ [log.name]: 4 }, Promise.resolve())).toBe(false);
    expect(await server.reached({ ['0'.repeat(32)]: 1 }, Promise.resolve())).toBe(false);
  });
});

const serverWithLogKey = (log: TestLog, logKey: Uint8Array): Applier => {
  const party = log.world.dataServers[0]!;
  return new Applier({ ...party, keys: { ...party.keys, log: logKey } }, new MemoryStore());
};

/** The same bytes, served under another name. */
function rename(log: TestLog, name: string): TestLog {
  return Object.create(log, { name: { value: name } }) as TestLog;
}

function caught(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

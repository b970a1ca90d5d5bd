/**
 * One question has one answer, however a server comes to it: from summaries, by scanning, after a
 * restart, after late frames, having committed or not. `expectedOf` is a second implementation, from
 * PROTOCOL.md alone.
 */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '@vitalshare/edge/seal';
import { Applier } from './apply.ts';
import { chooseCohort } from './cohort.ts';
import { computeMoments, type Moments, type MomentsPlan } from './moments.ts';
import { momentsTextbook } from './moments-textbook.ts';
import { elementOf } from './moments-kernel.ts';
import type { Put } from './store.ts';
import { MemoryStore } from './store-memory.fixture.ts';
import { applyLog, column, makeWorld, TestLog, type TestWorld } from './world.fixture.ts';

// T % 4000 = 0: chunks begin at T, T + 4000 and T + 8000.
const T = 1_700_000_000;
const VITALS = { 'heart-rate': 1, spo2: 3, 'skin-temperature': 6 } as const;
const breathe = () => Promise.resolve();
const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** Counts what is read, so that a test can tell a summary from a scan. */
class CountingStore extends MemoryStore {
  scans = 0;
  override read(...[table, key, use]: Parameters<MemoryStore['read']>): boolean {
    if (table === 'shares') this.scans++;
    return super.read(table, key, use);
  }
}

interface Question {
  readonly vitals: readonly number[];
  readonly degree: 0 | 1 | 2;
  readonly from: number;
  readonly to: number;
  readonly asOf: Readonly<Record<string, number>>;
}

function planOf({ books, hashes }: Applier, question: Question): MomentsPlan {
  const { asOf, ...rest } = question;
  const members = chooseCohort(books, asOf, {}, undefined);
  return { ...rest, logs: hashes.asOf(asOf), members, productColumns: false };
}

const answer = (server: Applier, question: Question): Promise<Moments> =>
  computeMoments(server.columns, planOf(server, question), breathe);

/** What of an answer crosses the wire, and each member's part. */
const told = ({ members, data, ...rest }: Moments) => ({
  ...rest,
  data: Buffer.from(data).toString('hex'),
  members: members.map(({ member, rows, sums }) => ({ stay: member.stay, rows, sums })),
});

/** [PROTO-12] [PROTO-16] [PROTO-20], cell by cell. */
function expectedOf(server: Applier, question: Question): Record<string, unknown> {
  const { vitals, degree, from, to, asOf } = question;
  const { logs, members } = planOf(server, question);
  const whole: Uint8Array[] = logs.flatMap(({ log, hash }) => [log, hash]);
  const columns: bigint[][] = vitals.map(() => []);
  const parts = members.flatMap((member) => {
    const cells = vitals.map((vital) => {
      const of = new Map<number, { log: string; position: number; share: bigint }>();
      for (const { log, state } of member.parts) {
        const key = { log: state.log, stay: state.number, vitals: [vital] };
        for (const number of server.columns.numbers(key)) {
          const chunk = server.columns.read(key, number)!;
          for (const { position, first, slots } of chunk.arrivals) {
            for (let slot = first; slot < first + slots; slot++) {
              const second = 4000 * number + slot;
              if (position >= (asOf[log.log] ?? 0) || of.has(second)) continue;
              const share = elementOf(chunk.lows[slot]!, chunk.highs[slot]!);
              of.set(second, { log: log.log, position, share });
            }
          }
        }
      }
      return of;
    });
    const seconds = [...cells[0]!.keys()]
      .filter((second) => second >= from && second < to && cells.every((of) => of.has(second)))
      .sort((a, b) => a - b);
    if (seconds.length === 0) return [];
    vitals.forEach((vital, i) => {
      const leaves = new Map<number, { second: number; rows: number; log: string; at: number }[]>();
      for (const second of seconds) {
        const { log, position } = cells[i]!.get(second)!;
        const runs = leaves.get(Math.floor(second / 4000)) ?? [];
        leaves.set(Math.floor(second / 4000), runs);
        const last = runs.at(-1);
        const isMore = last?.log === log && last.at === position;
        if (isMore && last.second + last.rows === second) last.rows++;
        else runs.push({ second, rows: 1, log, at: position });
      }
      const hashes = [...leaves.values()].map((runs) =>
        sha256(
          ...runs.map(({ second, rows, log, at }) => {
            const run = Buffer.alloc(32, Buffer.from(fromHex(log, 16)));
            run.writeUInt32LE(second, 0);
            run.writeUInt32LE(rows, 4);
            run.set(fromHex(log, 16), 8);
            run.writeBigUInt64LE(BigInt(at), 24);
            return run;
          }),
        ),
      );
      const rows = Buffer.from(Uint32Array.of(seconds.length).buffer);
      const head = Buffer.concat([Buffer.from(`${member.stay}\0`), Uint8Array.of(vital), rows]);
      whole.push(head, sha256(...hashes));
    });
    const own = cells.map((of) => seconds.map((second) => of.get(second)!.share));
    own.forEach((shares, i) => columns[i]!.push(...shares));
    const sums = degree >= 1 ? momentsTextbook(own).slice(0, vitals.length) : [];
    return [{ stay: member.stay, rows: seconds.length, sums, tag: member.version.tag }];
  });
  const all = momentsTextbook(columns);
  return {
    count: columns[0]!.length,
    patients: new Set(parts.map(({ tag }) => tag)).size,
    sums: degree >= 1 ? all.slice(0, vitals.length) : [],
    products: degree === 2 ? all.slice(vitals.length) : [],
    data: sha256(...whole).toString('hex'),
    members: parts.map(({ stay, rows, sums }) => ({ stay, rows, sums })),
  };
}

interface TestFrame {
  readonly log: number;
  readonly stay: number;
  readonly start: number;
  readonly gaps: readonly boolean[];
  readonly vitals: readonly (keyof typeof VITALS)[];
}

const names = Object.keys(VITALS) as (keyof typeof VITALS)[];
const aFrame = fc.record({
  log: fc.constantFrom(0, 0, 0, 1),
  stay: fc.constantFrom(1, 1, 2),
  start: fc.oneof(fc.constantFrom(3_990, 3_995, 7_990), fc.integer({ min: 0, max: 60 })),
  gaps: fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }).filter((g) => g.includes(true)),
  vitals: fc.oneof(fc.constant(names), fc.subarray(names, { minLength: 1 })),
});

function write(log: TestLog, { stay, start, gaps, vitals }: TestFrame): void {
  const readings = gaps.map((isThere, i) => (isThere ? 500 + i : undefined));
  log.frame(stay, Object.fromEntries(vitals.map((v) => [v, column(T + start, readings)])));
  log.commit();
}

const aQuestion = fc.record({
  vitals: fc.shuffledSubarray(Object.values(VITALS), { minLength: 1 }),
  degree: fc.constantFrom(0 as const, 1 as const, 2 as const, 2 as const),
  from: fc.constantFrom(0, 0, 0, T, T + 5, T + 3_999),
  to: fc.constantFrom(2 ** 32, 2 ** 32, T + 12_000, T + 4_010),
  back: fc.constantFrom(0, 0, 0, 1, 3),
});

function begin(world: TestWorld): TestLog[] {
  const logs = [0, 1].map((i) => new TestLog(world, 1_700_000_000_000 + i));
  for (const log of logs) log.stay(1, 'bed-1').stay(2, 'bed-2').commit();
  return logs;
}

describe('summaries', () => {
  it('[PROTO-16] [PROTO-20] change no answer, whatever a server asked, committed or restarted before', async () => {
    let withRows = 0;
    const run = fc.asyncProperty(
      fc.array(aFrame, { minLength: 2, maxLength: 8 }),
      fc.array(aQuestion, { minLength: 1, maxLength: 4 }),
      async (frames, questions) => {
        const world = makeWorld();
        const logs = begin(world);
        const party = world.dataServers[0]!;
        const quiet = new Applier(party, new MemoryStore());
        const store = new MemoryStore();
        let busy = new Applier(party, store);
        for (const [i, frame] of frames.entries()) {
          write(logs[frame.log]!, frame);
          for (const log of logs) applyLog(busy, log);
          if (i % 3 !== 2) await busy.flush();
          const asOf = Object.fromEntries(logs.map(({ name, position }) => [name, position]));
          for (const question of questions) await answer(busy, { ...question, asOf });
          if (i % 4 === 3) {
            await busy.flush();
            busy = new Applier(party, store);
          }
        }
        for (const log of logs) applyLog(quiet, log);
        for (const { back, ...rest } of questions) {
          const asOf = Object.fromEntries(
            logs.map(({ name, position }) => [name, Math.max(3, position - back)]),
          );
          const question = { ...rest, asOf };
          const expected = expectedOf(quiet, question);
          withRows += expected['count'] === 0 ? 0 : 1;
          expect(told(await answer(quiet, question))).toEqual(expected);
          expect(told(await answer(busy, question))).toEqual(expected);
          expect(told(await answer(busy, question))).toEqual(expected);
        }
      },
    );
    await fc.assert(run, { numRuns: 25 });
    expect(withRows).toBeGreaterThan(20);
  });

  async function settled() {
    const world = makeWorld();
    const [log] = begin(world) as [TestLog];
    const store = new CountingStore();
    const server = new Applier(world.dataServers[0]!, store);
    for (const start of [0, 3_990]) {
      write(log, {
        log: 0,
        stay: 1,
        start,
        gaps: new Array(20).fill(true) as true[],
        vitals: names,
      });
    }
    applyLog(server, log);
    await server.flush();
    const question = (part: Partial<Question> = {}): Question => ({
      vitals: [1, 3],
      degree: 2,
      from: 0,
      to: 2 ** 32,
      asOf: { [log.name]: log.position },
      ...part,
    });
    const scans = async (part: Partial<Question> = {}, of = server): Promise<number> => {
      store.scans = 0;
      await answer(of, question(part));
      return store.scans;
    };
    return { world, log, store, server, question, scans };
  }

  it('[PROTO-21] answer whole chunks, in any order of the vital signs; cut ones are scanned', async () => {
    const { scans, log } = await settled();
    // Two chunks of two vital signs, then none.
    expect(await scans()).toBe(4);
    expect(await scans()).toBe(0);
    expect(await scans({ vitals: [3, 1] })).toBe(0);
    expect(await scans({ vitals: [3, 1], degree: 1 })).toBe(0);
    expect(await scans({ from: T, to: T + 8_000 })).toBe(0);
    expect(await scans({ from: T + 1 })).toBe(2);
    expect(await scans({ to: T + 7_999 })).toBe(2);
    expect(await scans({ vitals: [1] })).toBe(2);
    // The frame before the last brought no cell of the second chunk.
    expect(await scans({ asOf: { [log.name]: log.position - 1 } })).toBe(4);
    // Three vital signs need all three pairs; present alike, they leave them too.
    expect(await scans({ vitals: [1, 3, 6] })).toBe(6);
    expect(await scans({ vitals: [6, 1, 3] })).toBe(0);
    expect(await scans({ vitals: [6, 3] })).toBe(0);
  });

  it.each([
    [
      'pairs first',
      [
        [1, 3],
        [1, 6],
        [3, 6],
        [1, 3, 6],
      ],
    ],
    ['all three first', [[1, 3, 6], [1, 3], [1, 6], [3, 6], [3]]],
  ])('of three vital signs serve only where all are present alike: %s', async (_, asked) => {
    const { server, log, question } = await settled();
    const [one, other] = [
      [true, true, false],
      [false, true, true],
    ];
    write(log, { log: 0, stay: 1, start: 200, gaps: one, vitals: ['heart-rate', 'spo2'] });
    write(log, { log: 0, stay: 1, start: 201, gaps: other, vitals: ['skin-temperature'] });
    applyLog(server, log);
    await server.flush();
    const asOf = { [log.name]: log.position };
    for (const vitals of asked) {
      const each = question({ vitals, asOf });
      expect(told(await answer(server, each))).toEqual(expectedOf(server, each));
    }
  });

  it('are written with the next commit and read after a restart', async () => {
    const { scans, server, store, question } = await settled();
    const before = told(await answer(server, question()));
    await server.flush();
    const restarted = new Applier(server.party, store);
    expect(await scans({}, restarted)).toBe(0);
    expect(told(await answer(restarted, question()))).toEqual(before);
  });

  it('go with the commit that changes their chunk, and not before it', async () => {
    const { scans, server, store, log, question } = await settled();
    await scans();
    await server.flush();
    const old = question();
    const before = told(await answer(server, old));
    write(log, { log: 0, stay: 1, start: 100, gaps: [true], vitals: ['spo2'] });
    applyLog(server, log);
    // A kill here: the store has the old chunk and the old summary, and both agree.
    const killed = new Applier(server.party, store);
    expect(told(await answer(killed, old))).toEqual(before);
    await server.flush();
    for (const each of [server, new Applier(server.party, store)]) {
      expect(told(await answer(each, old))).toEqual(before);
      const now = question({ asOf: { [log.name]: log.position } });
      expect(told(await answer(each, now))).toEqual(expectedOf(each, now));
    }
    // The first chunk as of before its last frame is scanned for ever; the second is as it was.
    expect(await scans(old)).toBe(2);
  });

  it('are not kept of a chunk that waits for a commit: a late frame into it counts', async () => {
    const { server, log, question } = await settled();
    const late = (start: number) => {
      write(log, { log: 0, stay: 1, start, gaps: [true], vitals: ['heart-rate', 'spo2'] });
      applyLog(server, log);
      return question({ asOf: { [log.name]: log.position } });
    };
    expect((await answer(server, late(100))).count).toBe(41);
    const now = late(200);
    const fresh = new Applier(server.party, new MemoryStore());
    applyLog(fresh, log);
    const told42 = told(await answer(server, now));
    expect(told42.count).toBe(42);
    expect(told42).toEqual(told(await answer(fresh, now)));
  });

  it('of another version count for nothing and are made anew', async () => {
    const { scans, server, store } = await settled();
    await scans();
    await server.flush();
    const blocks = [...store.keys('summaries', new Uint8Array(0), new Uint8Array(16).fill(255))];
    expect(blocks).toHaveLength(1);
    const block = store.get('summaries', blocks[0]!)!;
    // Version 1, then 128 records of 30 words.
    expect(block).toHaveLength(4 * (2 + 128 * 30));
    expect(block[0]).toBe(1);
    const aged: Put = { table: 'summaries', key: blocks[0]!, value: block.fill(0xee, 0, 1) };
    await store.commit([aged]);
    const restarted = new Applier(server.party, store);
    expect(await scans({}, restarted)).toBe(4);
    expect(await scans({}, restarted)).toBe(0);
  });
});

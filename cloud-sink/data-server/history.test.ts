import { describe, expect, it } from 'vitest';
import { getBigInt, readElements, toSigned, writeElements } from '@vitalshare/edge/field';
import { setsOf } from '@vitalshare/edge/sharing';
import { commitmentOf, openColumn, openSegment } from '@vitalshare/edge/sharing/open';
import type { HistoryPart } from '../messages/history-answer.ts';
import { decodeColumnHeader, decodeSegmentHeader } from '../messages/masked-frame.ts';
import type { HistoryQuery } from '../messages/query.ts';
import { Applier } from './apply.ts';
import { answerHistory } from './history.ts';
import { MemoryStore } from './store-memory.fixture.ts';
import { applyLog, column, makeWorld, TestLog, type TestWorld } from './world.fixture.ts';

const T = 1_700_000_000;
const SECOND = 1_000_000;
const breathe = () => Promise.resolve();

async function servers(world: TestWorld, log: TestLog) {
  return Promise.all(
    world.dataServers.map(async (party) => {
      const store = new MemoryStore();
      const applier = new Applier(party, store);
      applyLog(applier, log);
      await applier.flush();
      return { applier, store };
    }),
  );
}

const ask = (log: TestLog, part: Partial<HistoryQuery> = {}): HistoryQuery => ({
  version: 1,
  asOf: { [log.name]: log.position },
  stay: 'bed-1',
  channel: 'heart-rate',
  ...part,
});

/** Joins what `t + 1` servers sent of one part: every set's keystream once, and κ. */
function join(world: TestWorld, parts: readonly HistoryPart[]) {
  const sets = new Map(parts.flatMap((part) => part.sets.map((set) => [set.mask, set])));
  expect([...sets.keys()].sort((a, b) => a - b)).toEqual(setsOf(world.configuration));
  const kappa = openSegment(
    new Uint8Array(32),
    [...sets.values()].map(({ commit }) => commit),
  );
  return { part: parts[0]!, streams: [...sets.values()].map((set) => set.keystream), kappa };
}

function columnOf(world: TestWorld, parts: readonly HistoryPart[]) {
  const { part, streams, kappa } = join(world, parts);
  const count = part.masked.length / 8;
  const opened = openColumn(
    readElements(part.masked, 0, count),
    streams.map((stream) => readElements(stream, 0, count)),
  );
  const plaintext = new Uint8Array(8 * count);
  writeElements(opened, plaintext, 0);
  expect(commitmentOf(kappa, part.header, plaintext)).toEqual(part.commitment);
  const values = Array.from({ length: count }, (_, i) => Number(toSigned(getBigInt(opened, i))));
  return { start: decodeColumnHeader(part.header).start - T, values };
}

const segment = (startMicros: number, lead: number, samples: number) => ({
  channel: 64,
  lead,
  unit: 1,
  startMicros,
  rateMilliHz: 1_000,
  gain: 200,
  baseline: -3,
  count: samples,
  plaintext: Uint8Array.from({ length: 2 + 2 * samples }, (_, i) => i + lead),
});

describe('history', () => {
  it.each([
    [3, 1],
    [5, 2],
  ])(
    '[PROTO-18] [S7] opens and verifies from any t + 1 of %i servers, threshold %i',
    async (n, t) => {
      const world = makeWorld(n, t);
      const log = new TestLog(world);
      log.stay(1, 'bed-1').stay(2, 'bed-2');
      // The column asked for stands behind another in the first frame and alone in the second run's.
      log.frame(1, { spo2: column(T, [970, 971]), 'heart-rate': column(T, [600, undefined, -7]) });
      log.frame(2, { 'heart-rate': column(T, [1]) }).commit();
      log.startRun();
      log.frame(1, { 'heart-rate': column(T + 60, [610]) }).commit();
      const all = await servers(world, log);
      const answers = await Promise.all(
        all.map(({ applier, store }) => answerHistory(applier, store, ask(log), breathe)),
      );
      for (const chosen of [answers.slice(0, t + 1), answers.slice(n - t - 1)]) {
        const opened = [0, 1].map((i) =>
          columnOf(
            world,
            chosen.map(({ parts }) => parts[i]!),
          ),
        );
        expect(opened).toEqual([
          { start: 0, values: [600, -7] },
          { start: 60, values: [610] },
        ]);
      }
      expect(answers.map(({ next, parts }) => [next, parts.length])).toEqual(
        answers.map(() => ['', 2]),
      );
    },
  );

  it('gives waveforms by lead, at their place in the keystream', async () => {
    const world = makeWorld();
    const log = new TestLog(world);
    const segments = [segment(T * SECOND, 2, 3), segment(T * SECOND, 7, 5)];
    log
      .stay(1, 'bed-1')
      .frame(1, { spo2: column(T, [970]) }, segments)
      .commit();
    const all = await servers(world, log);
    const open = async (part: Partial<HistoryQuery>) => {
      const query = ask(log, { channel: 'ecg', ...part });
      const answers = await Promise.all(
        all.map(({ applier, store }) => answerHistory(applier, store, query, breathe)),
      );
      return answers[0]!.parts.map((_, i) => {
        const joined = join(
          world,
          answers.map(({ parts }) => parts[i]!),
        );
        const plaintext = openSegment(joined.part.masked, joined.streams);
        const { header, commitment } = joined.part;
        expect(commitmentOf(joined.kappa, header, plaintext)).toEqual(commitment);
        return [decodeSegmentHeader(header).lead, [...plaintext]];
      });
    };
    const first = [2, [2, 3, 4, 5, 6, 7, 8, 9]];
    const second = [7, [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]];
    expect(await open({})).toEqual([first, second]);
    expect(await open({ lead: 'V1' })).toEqual([second]);
    expect(await open({ lead: 'III' })).toEqual([]);
    expect(await open({ channel: 'pleth' })).toEqual([]);
  });

  it('finds parts that overlap the time asked for, also inside long frames', async () => {
    const world = makeWorld();
    const log = new TestLog(world);
    log.stay(1, 'bed-1');
    log.frame(1, { 'heart-rate': column(T, new Array<number>(100).fill(600)) });
    log.frame(1, { spo2: column(T - 500, [970]), 'heart-rate': column(T + 100, [610]) });
    log.frame(1, { 'heart-rate': column(T + 200, [620]) }).commit();
    const [{ applier, store }] = (await servers(world, log)) as [
      { applier: Applier; store: MemoryStore },
    ];
    const starts = async (from: number, to: number) => {
      const query = ask(log, { from: (T + from) * SECOND, to: (T + to) * SECOND });
      const { parts } = await answerHistory(applier, store, query, breathe);
      return parts.map(({ header }) => decodeColumnHeader(header).start - T).sort((a, b) => a - b);
    };
    expect(await starts(0, 300)).toEqual([0, 100, 200]);
    expect(await starts(99, 100)).toEqual([0]);
    expect(await starts(100, 101)).toEqual([100]);
    expect(await starts(101, 200)).toEqual([]);
    expect(await starts(200, 201)).toEqual([200]);
  });

  it('[PROTO-13] gives frames before the snapshot only, and pages that join without gap', async () => {
    const world = makeWorld();
    const log = new TestLog(world);
    log.stay(1, 'bed-1');
    const hour = new Array<number>(3600).fill(600);
    // 3,600 rows: 28.8 kB masked and two keystreams, some 90 kB a part; 8 MiB hold about 96.
    for (let i = 0; i < 150; i++) {
      log.frame(1, { 'heart-rate': column(T + 3600 * i, hour) });
      if (i === 74) log.commit();
    }
    const position = log.commit();
    log.frame(1, { 'heart-rate': column(T - 10, [1]) }).commit();
    const all = await servers(world, log);
    const pages = await Promise.all(
      all.map(async ({ applier, store }) => {
        const cursors: string[] = [];
        const starts: number[] = [];
        let after: string | undefined;
        do {
          const query = ask(log, { asOf: { [log.name]: position }, ...(after ? { after } : {}) });
          const { next, parts } = await answerHistory(applier, store, query, breathe);
          starts.push(...parts.map(({ header }) => decodeColumnHeader(header).start));
          cursors.push(next);
          after = next;
        } while (after !== '');
        expect(starts).toEqual(Array.from({ length: 150 }, (_, i) => T + 3600 * i));
        return cursors;
      }),
    );
    expect(pages[0]!.length).toBe(2);
    expect(pages[1]).toEqual(pages[0]);
  });

  it('refuses an unknown stay, a lead of a vital sign and a cursor that is none', async () => {
    const log = new TestLog(makeWorld());
    log.stay(1, 'bed-1').commit();
    const [{ applier, store }] = (await servers(log.world, log)) as [
      { applier: Applier; store: MemoryStore },
    ];
    const refused = (part: Partial<HistoryQuery>, code: string) =>
      expect(answerHistory(applier, store, ask(log, part), breathe)).rejects.toMatchObject({
        code,
      });
    await refused({ stay: 'bed-2' }, 'unknown-stay');
    await refused({ asOf: { [log.name]: 2 } }, 'unknown-stay');
    await refused({ lead: 'II' }, 'bad-request');
    await refused({ after: 'x' }, 'bad-request');
    await refused({ after: `${'0'.repeat(32)}.1.1` }, 'bad-request');
  });
});

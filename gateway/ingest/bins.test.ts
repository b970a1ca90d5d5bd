/** Counts by bin on a real log, read back as a server would and unmasked with every set's keystream. */
import { existsSync, readFileSync } from 'node:fs';
import {
  BatchReader,
  decodeMaskedBins,
  decodeRecords,
  decodeRunRecord,
  EMPTY_HEAD,
  KIND,
  logRunKey,
} from '@vitalshare/cloud-sink/messages';
import { verifier } from '@vitalshare/edge/identity/node';
import { addVectors, fieldVector, getBigInt } from '@vitalshare/edge/field';
import { fromBase64Url, fromHex } from '@vitalshare/edge/seal';
import { type MaskKeys, streamElements, USE } from '@vitalshare/edge/sharing';
import { findVital } from '@vitalshare/edge/vital';
import { binCount, binEdges } from '@vitalshare/edge/vital/bins';
import { encodePayload, numericColumn } from '@vitalshare/edge/wire';
import { decodePayload } from '@vitalshare/edge/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOfFrame } from '../log/frame-cells.ts';
import { bench, gateway, open, runOptions } from '../log/log.fixture.ts';
import { MemoryDisk } from '../log/memory-disk.fixture.ts';
import { Bins } from './bins.ts';
import { CountedCells } from './counted-cells.ts';
import { maskFrame } from './mask.ts';
import { placeFrame, type PlacedColumn } from './place.ts';

/** 300 · 6,000,000. */
const T = 1_800_000_000;
const heart = findVital('heart-rate')!;

interface Increment {
  readonly counter: number;
  readonly vital: number;
  readonly window: number;
  readonly readings: number;
  readonly counts: number[];
}

async function world() {
  const disk = new MemoryDisk();
  const { log, keys } = await bench(disk);
  let nowMs = 1_000 * T;
  const cells = new CountedCells();
  const bins = new Bins({ keys, log, cells, clock: () => nowMs });
  return {
    ...{ disk, log, keys, cells, bins },
    at: (second: number) => (nowMs = 1_000 * (T + second)),
    /** The log as it is when it has stopped. */
    appended: async () => {
      await log.stop();
      return incrementsIn(disk, log.log, keys);
    },
  };
}

function incrementsIn(disk: MemoryDisk, log: string, keys: MaskKeys): Increment[] {
  const reader = new BatchReader({ head: EMPTY_HEAD, verify: verifier(gateway.sign) });
  let runKey: Uint8Array | null = null;
  const found: Increment[] = [];
  for (const batch of reader.push(disk.files.get(`${log}.log`)!.written)) {
    for (const { kind, bytes } of decodeRecords(batch, runKey)) {
      if (kind === KIND.run) {
        const { run, salt } = decodeRunRecord(bytes);
        const { log: logKey } = runOptions.keys;
        runKey = logRunKey(logKey, fromBase64Url(salt, 32), fromHex(log, 16), run);
      }
      if (kind !== KIND.bins) continue;
      const { counter, vital, window, readings, masked } = decodeMaskedBins(bytes);
      const stream = fieldVector(masked.length / 2);
      for (const key of keys.keysOf(USE.bin, 'bed-1')) {
        streamElements(key, counter, 0, stream);
        addVectors(masked, stream);
      }
      const counts = Array.from({ length: masked.length / 2 }, (_, i) =>
        Number(getBigInt(masked, i)),
      );
      found.push({ counter, vital, window, readings, counts });
    }
  }
  return found;
}

const columns = (start: number, values: (number | null)[], vital = 'heart-rate') =>
  placeFrame(
    decodePayload(
      encodePayload({
        ...{ deviceTimeUs: 1e6 * (start + values.length), segments: [], events: [] },
        columns: [numericColumn(vital, start, values)],
      }),
    ),
    1_000 * T,
  ).columns;

/** Bin → readings, of those that hold some, added up over increments. */
function total(increments: readonly Increment[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { window, counts } of increments) {
    counts.forEach((count, bin) => {
      if (count > 0) {
        const key = `${window - T} ${bin}`;
        sums[key] = (sums[key] ?? 0) + count;
      }
    });
  }
  return sums;
}

describe('counts by bin', () => {
  it('are appended once their five minutes are over and still, and open to the counts [PROTO-35]', async () => {
    const { bins, at, appended, log } = await world();
    bins.count('bed-1', 1, columns(0, [72, null, 74.9, 75]));
    bins.count('bed-1', 1, columns(299, [29, 200]));
    const before = log.head.position;
    at(374);
    bins.tick();
    at(376);
    bins.count('bed-1', 1, columns(60, [72]));
    bins.tick();
    at(385);
    bins.tick();
    await Promise.resolve();
    expect(log.head.position).toBe(before);
    at(386);
    bins.tick();
    bins.tick();
    const increments = await appended();
    // 70 and 75 /min begin bins 8 and 9; below 30 is bin 0. The second at 300 is not over yet.
    expect(increments.map(({ counts, ...head }) => [head, counts.length])).toEqual([
      [{ counter: 1, vital: 1, window: T, readings: 5 }, 28],
    ]);
    expect(total(increments)).toEqual({ '0 0': 1, '0 8': 3, '0 9': 1 });
  });

  it('of late frames are increments of the same window, each with a counter of its own [SHARE-21]', async () => {
    const { bins, at, appended } = await world();
    bins.count('bed-1', 1, columns(0, [60, 61]));
    at(400);
    bins.tick();
    bins.count('bed-1', 1, columns(2, [62, 100]));
    bins.count('bed-1', 1, columns(0, [16], 'respiratory-rate'));
    at(420);
    bins.tick();
    const increments = await appended();
    expect(increments.map(({ counter, window, readings }) => [counter, window, readings])).toEqual([
      [1, T, 2],
      [2, T, 2],
      [3, T, 1],
    ]);
    expect(total(increments.slice(0, 2))).toEqual({ '0 6': 3, '0 14': 1 });
  });

  it('count a cell once, whoever sends it again, before and after it was appended', async () => {
    const { bins, at, appended } = await world();
    bins.count('bed-1', 1, columns(0, [60, 61, null, 63]));
    bins.count('bed-1', 1, columns(1, [90, 91, 92, 93]));
    at(400);
    bins.tick();
    bins.count('bed-1', 1, columns(0, [120, 120, 120, 120, 120, 120]));
    at(420);
    bins.tick();
    const increments = await appended();
    expect(increments.map(({ readings }) => readings)).toEqual([5, 1]);
    expect(total(increments)).toEqual({ '0 6': 3, '0 12': 2, '0 18': 1 });
  });

  it('after a restart are not made again of cells the log holds', async () => {
    const { disk, log, keys, bins, at } = await world();
    const stay = { stay: 'bed-1', tag: 'tag-1', admitted: true, labels: {} };
    const { encodeStay } = await import('@vitalshare/cloud-sink/messages');
    await log.append({ kind: KIND.stay, bytes: encodeStay({ number: 1, ...stay }) });
    const placed = columns(290, [60, 61, null, 63, 64, 65, 66, 67, 68, 69, 70, 71]);
    const target = { stay: 'bed-1', number: 1, counter: 1, tag: new Uint8Array(16) };
    const frame = maskFrame(keys, target, { columns: placed, segments: [] });
    await log.append({ kind: KIND.frame, bytes: frame });
    bins.count('bed-1', 1, placed);
    bins.flush();
    await log.close();
    expect(at(0)).toBeGreaterThan(0);

    const cells = new CountedCells();
    const again = await open(disk, undefined, (name, record) => {
      for (const column of columnsOfFrame(record)) cells.take(name, column);
    });
    const fresh: [number, number, number][] = [];
    const [column] = columns(
      290,
      Array.from({ length: 14 }, () => 80),
    );
    cells.take('bed-1', { ...column!, vital: 1 }, (...cell) => fresh.push(cell));
    // The second that was missing, and two that are new: readings 2, 12 and 13 of this column.
    expect(fresh).toEqual([
      [T, 292, 2],
      [T + 300, 2, 12],
      [T + 300, 3, 13],
    ]);
    await again.log.close();
  });

  it('equal plain counting on any frames in any order', async () => {
    const frames = fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 700 }),
        fc.array(fc.option(fc.integer({ min: 0, max: 3_500 })), { minLength: 1, maxLength: 400 }),
      ),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(frames, fc.array(fc.boolean(), { maxLength: 6 }), async (sent, flushes) => {
        const { bins, appended } = await world();
        const first = new Map<number, number>();
        sent.forEach(([start, values], i) => {
          bins.count(
            'bed-1',
            1,
            columns(
              start,
              values.map((v) => (v === null ? v : v / 10)),
            ),
          );
          values.forEach((value, row) => {
            if (value !== null && !first.has(start + row)) first.set(start + row, value);
          });
          if (flushes[i] === true) bins.flush();
        });
        bins.flush();
        const plain: Record<string, number> = {};
        const edges = binEdges(heart);
        for (const [second, value] of first) {
          const bin = edges.findLastIndex((edge, i) => i < binCount(heart) && edge <= value);
          const key = `${second - (second % 300)} ${bin}`;
          plain[key] = (plain[key] ?? 0) + 1;
        }
        const increments = await appended();
        expect(total(increments)).toEqual(plain);
        for (const { readings, counts } of increments) {
          expect(counts.reduce((a, b) => a + b)).toBe(readings);
        }
        const counters = increments.map(({ counter }) => counter);
        expect(counters).toEqual(counters.map((_, i) => i + 1));
      }),
      { numRuns: 40 },
    );
  });
});

const FOLDER = new URL('../../../shared/data/vitals-bidmc/', import.meta.url);
const title = existsSync(FOLDER) ? '' : ' (skipped: no recordings at ../shared/data)';

describe.skipIf(!existsSync(FOLDER))(`the bytes of counts on a recording${title}`, () => {
  it('are under one a reading live, in 60-reading frames and in 1-second frames alike', async () => {
    const text = readFileSync(new URL('bidmc_01_Numerics.csv', FOLDER), 'utf8');
    const rates = text
      .trim()
      .split(/\r?\n/)
      .slice(1, 481)
      .map((line) => Number(line.split(',')[1]));
    for (const span of [60, 1]) {
      const { bins, at, appended } = await world();
      let readings = 0;
      // Ten times the recording: 80 minutes, 16 windows.
      for (let second = 0; second < 4_800; second += span) {
        const values = Array.from({ length: span }, (_, i) => rates[(second + i) % 480]!);
        at(second + span);
        bins.tick();
        const placed: readonly PlacedColumn[] = columns(second, values);
        bins.count('bed-1', 1, placed);
        readings += values.length;
      }
      at(10_000);
      bins.tick();
      const increments = await appended();
      expect(increments).toHaveLength(16);
      const bytes = increments.reduce((sum, { counts }) => sum + 5 + 20 + 8 * counts.length, 0);
      expect(bytes / readings).toBeCloseTo(0.83, 2);
    }
  });
});

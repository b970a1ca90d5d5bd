/** Fresh secrets of every run, seen in what they mask [S1]. */
import { randomBytes } from 'node:crypto';
import { decodeMaskedFrame } from '@vitalshare/cloud-sink/messages';
import { type MaskKeys, setsOf, USE } from '@vitalshare/edge/sharing';
import { numericColumn } from '@vitalshare/edge/wire';
import { describe, expect, it } from 'vitest';
import { maskFrame } from '../ingest/mask.ts';
import { placeFrame } from '../ingest/place.ts';
import { configuration, runOptions, tools } from './log.fixture.ts';
import { MemoryDisk } from './memory-disk.fixture.ts';
import { createLog, startRun } from './start-run.ts';

type Random = (lengthBytes: number) => Uint8Array;
const real: Random = (length) => new Uint8Array(randomBytes(length));
const constant: Random = (length) => new Uint8Array(length).fill(7);

/** Run 1 of a log whose id is always the same, under the same keys. */
async function runWith(random: Random): Promise<MaskKeys> {
  const log = await createLog(
    new MemoryDisk(),
    { ...runOptions, random: (length) => new Uint8Array(length).fill(0xab) },
    [],
    tools,
  );
  expect(log.log).toBe('ab'.repeat(16));
  return await startRun(log, 1, { ...runOptions, random });
}

function masked(keys: MaskKeys): string {
  const frame = {
    ...{ deviceTimeUs: 5_000_000, segments: [], events: [] },
    columns: [numericColumn('heart-rate', 0, [71, 72, 73])],
  };
  const target = { stay: 'bed-1', number: 1, counter: 1, tag: new Uint8Array(16) };
  const bytes = maskFrame(keys, target, placeFrame(frame, 1_700_000_000_000));
  return decodeMaskedFrame(bytes).columns[0]!.masked.join();
}

const keyOf = (keys: MaskKeys, mask: number): string =>
  Buffer.from(keys.keyOf(mask, USE.numeric, 'bed-1')).toString('hex');

describe('a run begun twice from the same log, run number and keys [S1]', () => {
  it('masks the same reading differently, under every set', async () => {
    const [one, two] = [await runWith(real), await runWith(real)];
    expect(masked(one)).not.toBe(masked(two));
    for (const mask of setsOf(configuration)) {
      expect(keyOf(one, mask)).not.toBe(keyOf(two, mask));
    }
  });

  it('would mask it alike if randomness failed: nothing else is fresh', async () => {
    expect(masked(await runWith(constant))).toBe(masked(await runWith(constant)));
  });

  it('draws one secret of 32 bytes for each set, which decides that set’s masks alone', async () => {
    const sets = setsOf(configuration);
    expect(sets).toEqual([3, 5, 6]);
    const lengths: number[] = [];
    /** Draw by draw the same bytes, but for those of one draw. */
    const but = (changed: number): Random => {
      lengths.length = 0;
      return (length) => {
        lengths.push(length);
        const draw = lengths.length;
        return new Uint8Array(length).fill(draw === changed ? 0xee : draw);
      };
    };
    const plain = await runWith(but(0));
    const draws = lengths.length;
    // A secret a set, the salt of the log's key, and what seals the record to each of 3 servers.
    expect([draws, ...lengths.slice(0, 4)]).toEqual([7, 32, 32, 32, 32]);
    const decides: number[][] = [];
    for (let draw = 1; draw <= draws; draw++) {
      const keys = await runWith(but(draw));
      decides.push(sets.filter((mask) => keyOf(keys, mask) !== keyOf(plain, mask)));
    }
    expect(decides).toEqual([[3], [5], [6], [], [], [], []]);
  });
});

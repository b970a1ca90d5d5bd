import { randomBytes } from 'node:crypto';
import { decodeMaskedFrame, segmentBytes } from '@vitalshare/cloud-sink/messages';
import { addVectors, fieldVector, getBigInt, toSigned } from '@vitalshare/edge/field';
import { MaskKeys, setsOf, streamBytes, streamElements, USE } from '@vitalshare/edge/sharing';
import { findWaveform } from '@vitalshare/edge/vital';
import { type Frame, numericColumn } from '@vitalshare/edge/wire';
import { describe, expect, it } from 'vitest';
import { maskFrame, NOTHING } from './mask.ts';
import { placeFrame } from './place.ts';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const keysFor = (servers: number, threshold: number): MaskKeys =>
  new MaskKeys(
    { servers, threshold },
    { log: random(16), epoch: 1, run: 1, generation: 1 },
    new Map(setsOf({ servers, threshold }).map((mask) => [mask, random(32)])),
  );
const target = { stay: 'bed-1', number: 3, counter: 9, tag: random(16) };

const frame: Frame = {
  deviceTimeUs: 5_000_000,
  columns: [
    numericColumn('heart-rate', 0, [71, null, 72.5]),
    numericColumn('skin-temperature', 1, [-3.5, 31]),
  ],
  segments: [
    {
      ...({ waveform: findWaveform('ecg')!, lead: 'II', unit: 'mV', leadOff: true } as const),
      ...{ saturated: false, quality: 3, startUs: 250, rateMilliHz: 250_000, gain: 200 },
      ...{ baseline: 0, samples: Int16Array.of(1, -2, -32768) },
    },
  ],
  events: [],
};
const placed = placeFrame(frame, 1_700_000_000_123);

/** What every set together says: the sum of all keystreams. */
function unmask(keys: MaskKeys, use: 1 | 3, vectors: Uint32Array[]): number[][] {
  const count = vectors.reduce((sum, vector) => sum + vector.length / 2, 0);
  const whole = fieldVector(count);
  let at = 0;
  for (const vector of vectors) whole.set(vector, (at += vector.length) - vector.length);
  const stream = fieldVector(count);
  for (const key of keys.keysOf(use, target.stay)) {
    streamElements(key, target.counter, 0, stream);
    addVectors(whole, stream);
  }
  let index = 0;
  return vectors.map((vector) =>
    Array.from({ length: vector.length / 2 }, () => Number(toSigned(getBigInt(whole, index++)))),
  );
}

describe('a masked frame', () => {
  it('carries rows in UTC and opens, under all sets, to the fixed-point readings', () => {
    const keys = keysFor(3, 1);
    const masked = decodeMaskedFrame(maskFrame(keys, target, placed));
    expect(masked).toMatchObject({ stay: 3, counter: 9, products: [] });
    expect([...masked.tag]).toEqual([...target.tag]);
    expect(masked.columns.map(({ vital, start, rows }) => [vital, start, rows])).toEqual([
      [1, 1_700_000_000, 3],
      [6, 1_700_000_001, 2],
    ]);
    const columns = masked.columns.map((column) => column.masked);
    expect(unmask(keys, USE.numeric, columns)).toEqual([
      [710, 725],
      [-3500, 31_000],
    ]);
  });

  it('carries a waveform that opens to flags, quality and samples [SHARE-11]', () => {
    const keys = keysFor(3, 1);
    const [segment] = decodeMaskedFrame(maskFrame(keys, target, placed)).segments;
    expect(segment).toMatchObject({
      ...{ channel: 64, lead: 2, unit: 1, startMicros: 1_700_000_000_123_250 },
      ...{ rateMilliHz: 250_000, gain: 200, baseline: 0, count: 3 },
    });
    const plain = segment!.masked.slice();
    for (const key of keys.keysOf(USE.waveform, target.stay)) {
      streamBytes(key, target.counter, 0, segmentBytes(3)).forEach(
        (byte, i) => (plain[i]! ^= byte),
      );
    }
    expect([...plain]).toEqual([1, 3, 1, 0, 0xfe, 0xff, 0x00, 0x80]);
  });

  it('carries products of its own rows where shares of products cannot be opened [SHARE-10] [S18]', () => {
    const keys = keysFor(2, 1);
    const masked = decodeMaskedFrame(maskFrame(keys, target, placed));
    expect(masked.products.map(({ a, b }) => [a, b])).toEqual([
      [0, 0],
      [0, 1],
      [1, 1],
    ]);
    // Both are present in the third second only: 72.5/min and 31 °C.
    const products = masked.products.map((product) => product.masked);
    expect(unmask(keys, USE.product, products)).toEqual([
      [710 * 710, 725 * 725],
      [725 * 31_000],
      [3500 * 3500, 31_000 * 31_000],
    ]);
  });

  it('masks one frame differently under every counter', () => {
    const keys = keysFor(3, 1);
    const one = maskFrame(keys, target, placed);
    const two = maskFrame(keys, { ...target, counter: 10 }, placed);
    const masked = (bytes: Uint8Array) => [...decodeMaskedFrame(bytes).columns[0]!.masked];
    expect(masked(one)).not.toEqual(masked(two));
  });

  it('is its place alone where the node’s frame was refused [PROTO-8]', () => {
    const masked = decodeMaskedFrame(maskFrame(keysFor(2, 1), target, NOTHING));
    expect(masked).toMatchObject({ columns: [], products: [], segments: [], counter: 9 });
  });
});

describe('a placed frame', () => {
  it('falls into the second of its boot, not rounded up [WIRE-7]', () => {
    const { columns, latestMs } = placeFrame(frame, 1_700_000_000_999);
    expect(columns[0]!.start).toBe(1_700_000_000);
    expect(latestMs).toBe(1_700_000_005_999);
  });

  it('drops what no body can have and keeps the rest absent, never zero', () => {
    const columns = [numericColumn('heart-rate', 0, [351, 71, -1, 350])];
    const out = placeFrame({ ...frame, columns, segments: [] }, 0);
    expect(out.outOfRange).toBe(2);
    expect([...out.columns[0]!.presence, ...out.columns[0]!.values]).toEqual([0b1010, 710, 3500]);
  });
});

/** For tests: arbitrary and example values of the binary forms. */
import fc from 'fast-check';
import { fieldVector, setBigInt, type FieldVector } from '@vitalshare/edge/field';
import type { MaskedColumn, MaskedFrame, MaskedSegment } from './masked-frame.ts';
import { presenceBytes, presentBoth, presentCount } from './presence.ts';

const P = 2_305_843_009_213_693_951n;

export const bytesOf = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => new Uint8Array(bytes));

export const elements = (count: number): fc.Arbitrary<FieldVector> =>
  fc.array(fc.bigInt(0n, P - 1n), { minLength: count, maxLength: count }).map((values) => {
    const vector = fieldVector(count);
    values.forEach((value, i) => setBigInt(vector, i, value));
    return vector;
  });

const column = (vital: number): fc.Arbitrary<MaskedColumn> =>
  fc.integer({ min: 1, max: 20 }).chain((rows) =>
    fc
      .record({
        vital: fc.constant(vital),
        start: fc.integer({ min: 1_000, max: 1_010 }),
        rows: fc.constant(rows),
        presence: bytesOf(presenceBytes(rows)).map((presence) => {
          const unused = rows % 8 === 0 ? 0 : 0xff << (rows % 8);
          presence[presence.length - 1]! &= ~unused;
          return presence;
        }),
      })
      .chain((header) =>
        fc
          .record({
            masked: elements(presentCount(header.presence)),
            commitment: bytesOf(16),
          })
          .map((rest) => ({ ...header, ...rest })),
      ),
  );

const segment: fc.Arbitrary<MaskedSegment> = fc.integer({ min: 1, max: 9 }).chain((count) =>
  fc.record({
    channel: fc.integer({ min: 0, max: 255 }),
    lead: fc.integer({ min: 0, max: 255 }),
    unit: fc.integer({ min: 0, max: 255 }),
    startMicros: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    rateMilliHz: fc.integer({ min: 1, max: 100_000_000 }),
    gain: fc.double({ min: 0.001, max: 1e6, noNaN: true }),
    baseline: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    count: fc.constant(count),
    masked: bytesOf(2 + 2 * count),
    commitment: bytesOf(16),
  }),
);

export const maskedFrame: fc.Arbitrary<MaskedFrame> = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { maxLength: 3 }),
    fc.boolean(),
    fc.array(segment, { maxLength: 2 }),
  )
  .chain(([vitals, withProducts, segments]) =>
    fc.tuple(...vitals.map(column)).chain((columns) => {
      const pairs = !withProducts
        ? []
        : columns.flatMap((_, a) => columns.slice(a).map((__, i) => ({ a, b: a + i })));
      return fc.record({
        stay: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        counter: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        tag: bytesOf(16),
        columns: fc.constant(columns),
        products: fc.tuple(
          ...pairs.map(({ a, b }) =>
            elements(presentBoth(columns[a]!, columns[b]!).length).map((masked) => ({
              a,
              b,
              masked,
            })),
          ),
        ),
        segments: fc.constant(segments),
      });
    }),
  );

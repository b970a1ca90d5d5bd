import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementOf, MomentsKernel } from './moments-kernel.ts';
import { momentsTextbook } from './moments-textbook.ts';

const P = 2_305_843_009_213_693_951n;
const kernel = new MomentsKernel();

function fill(columns: readonly (readonly bigint[])[]): void {
  columns.forEach((values, i) => {
    const planes = kernel.planes(i);
    const words = new Uint32Array(planes.buffer, planes.byteOffset, 8_000);
    words.fill(0xffffffff); // What was there before must not matter.
    values.forEach((value, row) => {
      words[row] = Number(value & 0x7fffffffn);
      words[4_000 + row] = Number(value >> 31n);
    });
  });
}

function momentsOf(columns: readonly (readonly bigint[])[], degree: 1 | 2 = 2): bigint[] {
  const words = kernel.ofChunk(columns.length, columns[0]!.length, degree);
  return Array.from({ length: words.length / 2 }, (_, i) =>
    elementOf(words[2 * i]!, words[2 * i + 1]!),
  );
}

const element = fc.oneof(
  fc.bigInt(0n, P - 1n),
  fc.constantFrom(0n, 1n, P - 1n, P - 2n, (1n << 31n) - 1n, 1n << 31n, 1n << 60n, (1n << 60n) - 1n),
);
const table = (rowsMax: number) =>
  fc
    .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: rowsMax }))
    .chain(([k, rows]) =>
      fc.array(fc.array(element, { minLength: rows, maxLength: rows }), {
        minLength: k,
        maxLength: k,
      }),
    );

describe('the moments kernel', () => {
  it('equals its textbook twin for one to eight columns of any length', () => {
    fc.assert(
      fc.property(table(70), (columns) => {
        fill(columns);
        expect(momentsOf(columns)).toEqual(momentsTextbook(columns));
        fill(columns);
        const sums = momentsTextbook(columns).slice(0, columns.length);
        expect(momentsOf(columns, 1)).toEqual(sums);
      }),
    );
  });

  it('equals it under masks: empty, full, ragged', () => {
    const masks = (rows: number) =>
      fc.oneof(
        fc.constantFrom(0, 0xff, 0x0f, 0xaa).map((byte) => new Uint8Array(500).fill(byte)),
        fc.uint8Array({ minLength: Math.ceil(rows / 8), maxLength: 500 }),
      );
    const masked = table(70).chain((columns) =>
      fc.tuple(fc.constant(columns), masks(columns[0]!.length)),
    );
    fc.assert(
      fc.property(masked, ([columns, mask]) => {
        const rows = columns[0]!.length;
        fill(columns);
        columns.forEach((_, i) => kernel.keep(i, mask, rows));
        const isUsed = (row: number) => ((mask[row >> 3]! >> (row & 7)) & 1) === 1;
        expect(momentsOf(columns)).toEqual(momentsTextbook(columns, isUsed));
      }),
    );
  });

  it.each([1, 15, 16, 17, 3_999, 4_000])(
    'is exact for %i rows of p − 1 in eight columns',
    (rows) => {
      const columns = Array.from({ length: 8 }, () => new Array<bigint>(rows).fill(P - 1n));
      fill(columns);
      // −1 added up is −rows, and (−1)² = 1.
      const sums = new Array<bigint>(8).fill(P - BigInt(rows));
      expect(momentsOf(columns)).toEqual([...sums, ...new Array<bigint>(36).fill(BigInt(rows))]);
    },
  );

  it('is exact for the most elements of a call, of the largest words, and refuses more', () => {
    const { at, words } = kernel.reserve(2 * 4 * 50_048);
    words.fill(0x7fffffff, 0, 50_000);
    // All ones in both words would be p itself.
    words.fill(0x3ffffffe, 50_048, 100_048);
    const pointers = [at, at + 4 * 50_048, at, at + 4 * 50_048];
    const value = P - (1n << 31n);
    const result = kernel.at(pointers, 50_000, 2);
    const of = (i: number) => elementOf(result[2 * i]!, result[2 * i + 1]!);
    expect(of(0)).toBe((value * 50_000n) % P);
    for (const i of [2, 3, 4]) expect(of(i)).toBe((value * value * 50_000n) % P);
    expect(() => kernel.at(pointers, 50_001, 2)).toThrow('expected at most 8 columns');
    expect(() => kernel.at(new Array<number>(18).fill(at), 16, 2)).toThrow(RangeError);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ratioToNumber, rootOfRatio, solveGram } from './rational.ts';

describe('ratioToNumber', () => {
  it('is what the engine divides, for integers doubles hold exactly (IEEE 754 rounds a quotient once)', () => {
    const integer = fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 });
    fc.assert(
      fc.property(
        integer,
        integer.filter((value) => value !== 0),
        (a, b) => {
          expect(ratioToNumber(BigInt(a), BigInt(b))).toBe(a === 0 ? 0 : a / b);
        },
      ),
    );
  });

  it('does not depend on a common factor of 3,000 bits, beyond the range of a double', () => {
    const factor = (1n << 3000n) - 1n;
    const integer = fc.integer({ min: 1, max: 2 ** 53 - 1 });
    fc.assert(
      fc.property(integer, integer, (a, b) => {
        expect(ratioToNumber(BigInt(a) * factor, BigInt(b) * -factor)).toBe(-(a / b));
      }),
    );
  });

  it('rounds ties to even and what lies above a tie up', () => {
    expect(ratioToNumber(2n ** 53n + 1n, 1n)).toBe(9007199254740992);
    expect(ratioToNumber(2n ** 53n + 3n, 1n)).toBe(9007199254740996);
    expect(ratioToNumber((2n ** 53n + 1n) * 2n ** 200n + 1n, 2n ** 200n)).toBe(9007199254740994);
  });

  it('reaches both ends of the range', () => {
    expect(ratioToNumber(1n, 2n ** 1022n)).toBe(2.2250738585072014e-308);
    expect(ratioToNumber(2n ** 1023n, 1n)).toBe(8.98846567431158e307);
    expect(ratioToNumber(2n ** 3000n, 1n)).toBe(Infinity);
    expect(() => ratioToNumber(1n, 0n)).toThrow(RangeError);
  });

  it('takes roots', () => {
    expect(rootOfRatio(2n, 1n)).toBe(Math.SQRT2);
    expect(rootOfRatio(49n, 4n)).toBe(3.5);
  });
});

describe('solveGram', () => {
  it('solves what was multiplied out, exactly', () => {
    const entry = fc.bigInt({ min: -1000n, max: 1000n });
    const square = fc.integer({ min: 1, max: 6 }).chain((size) =>
      fc.tuple(
        fc.array(fc.array(entry, { minLength: size, maxLength: size }), {
          minLength: size + 3,
          maxLength: size + 3,
        }),
        fc.array(entry, { minLength: size, maxLength: size }),
      ),
    );
    fc.assert(
      fc.property(square, ([columns, unknowns]) => {
        const size = unknowns.length;
        const dot = (a: number, b: number) =>
          columns.reduce((sum, row) => sum + row[a]! * row[b]!, 0n);
        const gram = Array.from({ length: size }, (_, a) =>
          Array.from({ length: size }, (__, b) => dot(a, b)),
        );
        const right = gram.map((row) => row.reduce((sum, v, i) => sum + v * unknowns[i]!, 0n));
        const solved = solveGram(gram, right);
        if ('badPivot' in solved) {
          expect(solved.negative).toBe(false); // A Gram matrix has no negative leading minor.
          return;
        }
        expect(solved.solution).toEqual(unknowns.map((x) => x * solved.determinant));
      }),
    );
  });

  it('names the first column that depends on those before it', () => {
    expect(
      solveGram(
        [
          [4n, 8n],
          [8n, 16n],
        ],
        [1n, 2n],
      ),
    ).toEqual({ badPivot: 1, negative: false });
    expect(solveGram([[0n]], [0n])).toEqual({ badPivot: 0, negative: false });
    expect(
      solveGram(
        [
          [1n, 2n],
          [2n, 1n],
        ],
        [1n, 1n],
      ),
    ).toEqual({ badPivot: 1, negative: true });
  });
});

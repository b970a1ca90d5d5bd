import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutLimbs, makeLimbs, sumLimbs, sumProducts } from './limbs.ts';
import { sumProductsTextbook, sumTextbook } from './moments-textbook.ts';

const P = 2_305_843_009_213_693_951n;

function limbsOf(values: readonly bigint[]) {
  const words = new Uint32Array(2 * values.length);
  values.forEach((value, i) => {
    words[2 * i] = Number(value & 0x7fffffffn);
    words[2 * i + 1] = Number(value >> 31n);
  });
  const slots = Uint16Array.from(values, (_, i) => i);
  const limbs = makeLimbs(values.length);
  cutLimbs(words, slots, values.length, limbs);
  return limbs;
}

describe('sums over limbs', () => {
  const element = fc.oneof(
    fc.bigInt(0n, P - 1n),
    fc.constantFrom(0n, 1n, P - 1n, P - 2n, (1n << 31n) - 1n, 1n << 31n, 1n << 60n),
  );

  it('equal their textbook twin', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(element, element), { maxLength: 60 }), (rows) => {
        const x = rows.map(([a]) => a);
        const y = rows.map(([, b]) => b);
        const [lx, ly] = [limbsOf(x), limbsOf(y)];
        expect(sumLimbs(lx, rows.length)).toBe(sumTextbook(x));
        expect(sumProducts(lx, ly, rows.length)).toBe(sumProductsTextbook(x, y));
        expect(sumProducts(lx, lx, rows.length)).toBe(sumProductsTextbook(x, x));
      }),
    );
  });

  it.each([511, 512, 513, 4000])('are exact for %i rows of the largest element', (rows) => {
    const limbs = limbsOf(new Array<bigint>(rows).fill(P - 1n));
    // (−1)² = 1, and −1 added up is −rows.
    expect(sumProducts(limbs, limbs, rows)).toBe(BigInt(rows));
    expect(sumLimbs(limbs, rows)).toBe(P - BigInt(rows));
  });

  it.each([512, 4000])('are exact for %i rows of all-ones limbs', (rows) => {
    const value = (1n << 60n) - 1n;
    const limbs = limbsOf(new Array<bigint>(rows).fill(value));
    expect(sumProducts(limbs, limbs, rows)).toBe((value * value * BigInt(rows)) % P);
  });

  it('take the slots asked for and no others', () => {
    const words = Uint32Array.of(1, 0, 2, 0, 4, 0, 8, 0);
    const limbs = makeLimbs(4);
    cutLimbs(words, Uint16Array.of(3, 1), 2, limbs);
    expect(sumLimbs(limbs, 2)).toBe(10n);
    expect(sumLimbs(limbs, 1)).toBe(8n);
  });
});

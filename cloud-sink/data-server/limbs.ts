/**
 * Sums and sums of products of shares, exact mod p = 2^61 − 1, on typed arrays.
 *
 * An element in limbs of 21, 21 and 19 bits, each a double: x = x0 + x1·2^21 + x2·2^42. Products of
 * limbs are below 2^42 and no A_k takes more than 2^43 a row, so 512 rows add up exactly in a double
 * (2^52 < 2^53); then they go into a BigInt.
 *
 *   Σ x·y = Σ A_k·2^(21k),  A_k = Σ_{i+j=k} x_i·y_j,  k = 0 … 4
 *
 * `moments-textbook.ts` is the slow twin.
 */
import { P } from '@vitalshare/edge/field';

/** Rows between two carries. */
const BLOCK_ROWS = 512;

/** One column's limbs for up to `capacity` rows. */
export interface Limbs {
  readonly x0: Float64Array;
  readonly x1: Float64Array;
  readonly x2: Float64Array;
}

export const makeLimbs = (capacity: number): Limbs => ({
  x0: new Float64Array(capacity),
  x1: new Float64Array(capacity),
  x2: new Float64Array(capacity),
});

/** Cuts the packed words (low u31, high u30) of `slots[0 … rows)` into limbs 0 … rows − 1. */
export function cutLimbs(
  words: Uint32Array,
  slots: Uint16Array,
  rows: number,
  { x0, x1, x2 }: Limbs,
): void {
  for (let i = 0; i < rows; i++) {
    const at = 2 * slots[i]!;
    const low = words[at]!;
    const high = words[at + 1]!;
    x0[i] = low & 0x1fffff;
    x1[i] = (low >>> 21) | ((high & 0x7ff) << 10);
    x2[i] = high >>> 11;
  }
}

/** Σ x over `rows` rows, in [0, p). */
export function sumLimbs({ x0, x1, x2 }: Limbs, rows: number): bigint {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  // Limbs are below 2^21: exact for 2^32 rows.
  for (let i = 0; i < rows; i++) {
    s0 += x0[i]!;
    s1 += x1[i]!;
    s2 += x2[i]!;
  }
  return (BigInt(s0) + (BigInt(s1) << 21n) + (BigInt(s2) << 42n)) % P;
}

/** Σ x·y over `rows` rows, in [0, p). */
export function sumProducts(x: Limbs, y: Limbs, rows: number): bigint {
  let sum = 0n;
  for (let from = 0; from < rows; from += BLOCK_ROWS) {
    sum += blockProducts(x, y, from, Math.min(from + BLOCK_ROWS, rows));
  }
  return sum % P;
}

function blockProducts(x: Limbs, y: Limbs, from: number, to: number): bigint {
  const { x0, x1, x2 } = x;
  const { x0: y0, x1: y1, x2: y2 } = y;
  let a0 = 0;
  let a1 = 0;
  let a2 = 0;
  let a3 = 0;
  let a4 = 0;
  for (let i = from; i < to; i++) {
    const p0 = x0[i]!;
    const p1 = x1[i]!;
    const p2 = x2[i]!;
    const q0 = y0[i]!;
    const q1 = y1[i]!;
    const q2 = y2[i]!;
    a0 += p0 * q0;
    a1 += p0 * q1 + p1 * q0;
    a2 += p0 * q2 + p1 * q1 + p2 * q0;
    a3 += p1 * q2 + p2 * q1;
    a4 += p2 * q2;
  }
  const low = BigInt(a0) + (BigInt(a1) << 21n) + (BigInt(a2) << 42n);
  return low + (BigInt(a3) << 63n) + (BigInt(a4) << 84n);
}

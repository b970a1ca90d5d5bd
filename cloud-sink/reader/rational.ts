/**
 * Exact arithmetic for results: ratios of big integers, and linear systems without fractions.
 *
 * Opened moments are integers, so every statistic is a ratio of integers until its very last step.
 * One rounding, at the end, is all that separates a result from the exact one [S21].
 */

/** Bits kept of a quotient: 53 of a double, and enough below that only one rounding is left. */
const QUOTIENT_BITS = 64;

/**
 * `numerator / denominator` as the nearest double (ties to even), however long both are.
 *
 * The quotient is cut to at least 64 bits with a sticky last bit; `Number(bigint)` then rounds once,
 * and the power of two that scales it back is exact, above the subnormal range.
 */
export function ratioToNumber(numerator: bigint, denominator: bigint): number {
  if (denominator === 0n) throw new RangeError('ratioToNumber: the denominator must not be 0');
  if (numerator === 0n) return 0;
  const negative = numerator < 0n !== denominator < 0n;
  const top = absolute(numerator);
  const bottom = absolute(denominator);
  const shift = bitLength(bottom) - bitLength(top) + QUOTIENT_BITS;
  const scaledTop = shift > 0 ? top << BigInt(shift) : top;
  const scaledBottom = shift > 0 ? bottom : bottom << BigInt(-shift);
  const quotient = scaledTop / scaledBottom;
  const sticky = quotient * scaledBottom === scaledTop ? quotient : quotient | 1n;
  const magnitude = timesPowerOfTwo(Number(sticky), -shift);
  return negative ? -magnitude : magnitude;
}

/** √(numerator / denominator), at most one unit in the last place off. The ratio is not negative. */
export const rootOfRatio = (numerator: bigint, denominator: bigint): number =>
  Math.sqrt(ratioToNumber(numerator, denominator));

export interface IntegerSolution {
  /** `solution[i] / determinant` is the i-th unknown. */
  readonly solution: readonly bigint[];
  readonly determinant: bigint;
}

/**
 * Solves `A x = c` for a symmetric positive semi-definite integer matrix (a Gram matrix) by
 * fraction-free Gauss-Jordan elimination: Bareiss, "Sylvester's identity and multistep
 * integer-preserving Gaussian elimination", Math. Comp. 22 (1968). Every division is exact, and
 * the k-th pivot is the k-th leading minor. A zero one means that column k depends on the columns
 * before it, so rows are never swapped.
 *
 * Returns the position of the first pivot that is not positive instead, and its sign.
 */
export function solveGram(
  matrix: readonly (readonly bigint[])[],
  right: readonly bigint[],
): IntegerSolution | { readonly badPivot: number; readonly negative: boolean } {
  const size = matrix.length;
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  let previous = 1n;
  for (let k = 0; k < size; k++) {
    const pivotRow = rows[k]!;
    const pivot = pivotRow[k]!;
    if (pivot <= 0n) return { badPivot: k, negative: pivot < 0n };
    for (let i = 0; i < size; i++) {
      if (i === k) continue;
      const row = rows[i]!;
      const factor = row[k]!;
      for (let j = 0; j <= size; j++) {
        row[j] = (pivot * row[j]! - factor * pivotRow[j]!) / previous;
      }
    }
    previous = pivot;
  }
  return { solution: rows.map((row) => row[size]!), determinant: previous };
}

/** `magnitude · 2^exponent`, in steps that no double overflows on the way. */
function timesPowerOfTwo(magnitude: number, exponent: number): number {
  let value = magnitude;
  let left = exponent;
  while (left > 1000) {
    value *= 2 ** 1000;
    left -= 1000;
  }
  while (left < -1000) {
    value *= 2 ** -1000;
    left += 1000;
  }
  return value * 2 ** left;
}

const absolute = (value: bigint): bigint => (value < 0n ? -value : value);

/** Bits of a positive integer. */
const bitLength = (value: bigint): number => {
  const hex = value.toString(16);
  return 4 * (hex.length - 1) + (32 - Math.clz32(Number.parseInt(hex[0]!, 16)));
};

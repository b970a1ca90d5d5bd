/**
 * Public weights with which patients count nearly alike (PROTOCOL.md, /moments, unit patient).
 *
 *   c, h   middle and half width of a vital sign's declared range, in fixed-point steps
 *   C      the smaller of 4 · max n_i and the largest with (1.5·C·h)² · N < p/2        [PROTO-31]
 *   a_i    max(1, round(C / n_i));   w_i = (a_i·n_i)², all within C² (1 ± n_i/2C)²     [PROTO-30]
 *
 * Integers only and from public numbers only, so that every server and every reader has the same.
 */
import { P } from '@vitalshare/edge/field';
import type { Vital } from '@vitalshare/edge/vital';

/**
 * C in largest row counts: weights lie within a quarter of each other's middle. A larger C would make
 * them more alike and the opened sums longer: with coefficients of 30 bits one sum is a knapsack from
 * which each of three patients is read [PROTO-33].
 */
const STEPS = 4n;

export interface PatientWeights {
  /** a_i, in the order of the rows given. */
  readonly factors: readonly bigint[];
  /** Σ w_i and Σ w_i². */
  readonly sum: bigint;
  readonly squares: bigint;
}

/** `n_i` of each patient, all at least 1. `null` where a product could wrap the field [PROTO-31]. */
export function patientWeights(
  rows: readonly number[],
  vitals: readonly Vital[],
): PatientWeights | null {
  if (rows.length === 0) return { factors: [], sum: 0n, squares: 0n };
  const most = BigInt(rows.reduce((a, b) => Math.max(a, b), 1));
  const safe = scaleMax(rows.length, vitals);
  if (safe < most) return null;
  const scale = safe < STEPS * most ? safe : STEPS * most;
  const counts = rows.map(BigInt);
  const factors = counts.map((n) => {
    const rounded = (2n * scale + n) / (2n * n);
    return rounded > 1n ? rounded : 1n;
  });
  const weights = factors.map((a, i) => (a * counts[i]!) ** 2n);
  return {
    factors,
    sum: weights.reduce((sum, w) => sum + w, 0n),
    squares: weights.reduce((sum, w) => sum + w * w, 0n),
  };
}

/** Most rows one of so many patients may have. */
export function scaleMax(patients: number, vitals: readonly Vital[]): bigint {
  const half = vitals.map(halfRangeOf).reduce((a, b) => (a > b ? a : b), 1n);
  // (3/2·C·h)²·N < p/2, in integers: 9·C²·h²·N < 2p.
  return squareRoot((2n * P - 1n) / (9n * half * half * BigInt(patients)));
}

/** c: the middle of the declared range, rounded down. */
export const centreOf = (vital: Vital): bigint => {
  const [low, high] = rangeOf(vital);
  return BigInt(Math.floor((low + high) / 2));
};

/** h: no reading lies farther from c. */
const halfRangeOf = (vital: Vital): bigint => BigInt(rangeOf(vital)[1]) - centreOf(vital);

/** [low, high] of a reading, in fixed-point steps. */
export const rangeOf = ({ min, max, scale }: Vital): [number, number] => [
  Math.ceil(min * scale),
  Math.floor(max * scale),
];

/** ⌊√value⌋ by Newton's method from above. */
function squareRoot(value: bigint): bigint {
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

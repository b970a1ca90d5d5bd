/**
 * χ² of a vital sign's distribution over bins between groups of patients, corrected for readings of
 * one patient being alike: Rao and Scott's second-order correction with Satterthwaite's degrees of
 * freedom and an F reference (Annals of Statistics 12 (1984) 46; Thomas and Rao, JASA 82 (1987) 630).
 *
 *   group i   n = Σ c readings of K patients, p_j = Σ c_j / n, and over patients, m being one's readings,
 *             V_ab = K/(K−1) · Σ (c_a − p_a·m)(c_b − p_b·m) / n²          (ratio estimator, linearised)
 *   Pearson   X² = Σ_i Σ_j n_i (p_ij − p_j)² / p_j,    p_j over all groups
 *   M         the covariance of √(n_i/p_j)·(p_ij − p_j) where all groups share one distribution
 *   F = X² / tr M,  on d = (tr M)² / tr M²  and  d·ν degrees of freedom,  tr M = Σ_i a_i,
 *             a_i = n_i (1 − n_i/n) Σ_j V_jj/p_j,   ν = (Σ a_i)² / Σ a_i²/(K_i − 1)     (Satterthwaite,
 *             Biometrics Bulletin 2 (1946) 110: K − groups where groups are alike, fewer where not)
 *
 * V needs Σ c_j, Σ m·c_j, Σ c_a·c_b and Σ m² only: what /bins answers [PROTO-37]. Its numerators are
 * exact in BigInt [S21].
 */
import { PATIENTS_A_CELL } from '../limits.ts';
import { ratioToNumber } from './rational.ts';
import { productIndex, StatisticError } from './statistics.ts';

/** Sums over the patients of one group. */
export interface GroupSums {
  readonly patients: number;
  /** Σ m². */
  readonly squares: bigint;
  /** A cell: Σ c and Σ m·c. */
  readonly sums: readonly bigint[];
  readonly weighted: readonly bigint[];
  /** Σ c_a·c_b for a ≤ b, in the order of `productIndex`. */
  readonly products: readonly bigint[];
}

export interface ChiSquared {
  /** Pearson's X² over the mean of what it would be by patients' differences alone. */
  readonly f: number;
  readonly degreesOfFreedom: readonly [above: number, below: number];
  /** Pearson's, uncorrected: of readings as if they were independent. */
  readonly pearson: number;
  /** By how much patients being alike with themselves inflates it: tr M / ((groups − 1)(cells − 1)). */
  readonly designEffect: number;
}

/**
 * Cells of merged bins: their first bins, from 0. Bins are merged from the lowest up until a cell is
 * expected to hold what `PATIENTS_A_CELL` patients of the smallest group would: as many as Cochran's
 * rule (Biometrics 10 (1954) 417) asks of independent observations, and here these are patients.
 * Fewer than two cells: null.
 */
export function mergeBins(
  counts: readonly bigint[],
  patientsLeast: number,
  cellsMax: number,
): number[] | null {
  const all = counts.reduce((a, b) => a + b, 0n);
  const firsts = [0];
  let held = 0n;
  let left = all;
  const enough = (count: bigint): boolean =>
    count * BigInt(patientsLeast) >= BigInt(PATIENTS_A_CELL) * all;
  counts.forEach((count, bin) => {
    held += count;
    left -= count;
    if (!enough(held) || !enough(left) || firsts.length === cellsMax) return;
    firsts.push(bin + 1);
    held = 0n;
  });
  return firsts.length < 2 ? null : firsts;
}

/** Throws StatisticError `constant` where patients do not differ, RangeError on fewer than two groups. */
export function chiSquared(groups: readonly GroupSums[]): ChiSquared {
  const cells = groups[0]?.sums.length ?? 0;
  if (groups.length < 2 || cells < 2 || groups.some(({ patients }) => patients < 2)) {
    throw new RangeError('χ² needs two groups of two patients, and two cells');
  }
  const readings = groups.map(({ sums }) => sums.reduce((a, b) => a + b, 0n));
  const all = readings.reduce((a, b) => a + b, 0n);
  const weights = readings.map((n) => ratioToNumber(n, all));
  const shares = groups.map(({ sums }, i) => sums.map((sum) => ratioToNumber(sum, readings[i]!)));
  const pooled = Array.from({ length: cells }, (_, j) =>
    ratioToNumber(
      groups.reduce((sum, { sums }) => sum + sums[j]!, 0n),
      all,
    ),
  );
  const covariances = groups.map((group, i) => covarianceOf(group, readings[i]!));

  const scale = (i: number, j: number): number => Math.sqrt(Number(readings[i]) / pooled[j]!);
  const places = groups.flatMap((_, i) => pooled.map((__, j) => [i, j] as const));
  let pearson = 0;
  let trace = 0;
  let squares = 0;
  for (const [i, j] of places) {
    pearson += (scale(i, j) * (shares[i]![j]! - pooled[j]!)) ** 2;
    for (const [k, l] of places) {
      let covariance = 0;
      weights.forEach((weight, g) => {
        const own = (g === i ? 1 : 0) - weight;
        covariance += own * ((g === k ? 1 : 0) - weight) * covariances[g]![j]![l]!;
      });
      const entry = scale(i, j) * scale(k, l) * covariance;
      if (i === k && j === l) trace += entry;
      squares += entry * entry;
    }
  }
  if (!(trace > 0)) {
    throw new StatisticError(
      'constant',
      'Within each group every patient has one and the same distribution, so nothing tells how ' +
        'much patients differ by chance.',
    );
  }
  const parts = groups.map((_, i) =>
    pooled.reduce((sum, p, j) => {
      const own = Number(readings[i]) * (1 - weights[i]!);
      return sum + (own * covariances[i]![j]![j]!) / p;
    }, 0),
  );
  const spread = parts.reduce((sum, a, i) => sum + a ** 2 / (groups[i]!.patients - 1), 0);
  const above = trace ** 2 / squares;
  return {
    f: pearson / trace,
    degreesOfFreedom: [above, (above * trace ** 2) / spread],
    pearson,
    designEffect: trace / ((groups.length - 1) * (cells - 1)),
  };
}

/** V of one group. Throws StatisticError where no patients can have these sums. */
function covarianceOf(group: GroupSums, n: bigint): number[][] {
  const { patients, squares, sums, weighted, products } = group;
  const below = n ** 4n * BigInt(patients - 1);
  return sums.map((a, i) =>
    sums.map((b, j) => {
      const product = products[productIndex(Math.min(i, j), Math.max(i, j), sums.length)]!;
      // n⁴·Σ (c_a − p_a·m)(c_b − p_b·m)/n², p = c/n.
      const centred = n * n * product - n * (a * weighted[j]! + b * weighted[i]!) + a * b * squares;
      if (i === j && centred < 0n) {
        throw new StatisticError(
          'impossible',
          "The servers' answers open to counts that no patients can have: at least one server " +
            'answered wrongly. No number is given.',
        );
      }
      return ratioToNumber(BigInt(patients) * centred, below);
    }),
  );
}

/**
 * Comparing the means of groups of patients, from each group's own moments.
 *
 *   Welch    t = (μ₁ − μ₂)/√(SE₁² + SE₂²),   df = (SE₁² + SE₂²)² / Σ SE_g⁴/(n_g − 1)
 *            Welch, Biometrika 34 (1947)
 *   one-way  F = [Σ n_g (μ_g − μ)²/(G − 1)] / [Σ (n_g − 1) s_g²/(n − G)],   n = Σ n_g
 *
 * n_g is the effective number of patients (`inference.ts`), s_g² = n_g·SE_g².
 */
import type { Vital } from '@vitalshare/edge/vital';
import type { Distributions } from './distributions.ts';
import { allAlike, effectiveNumber, estimate, type Inference, meanOf } from './inference.ts';
import { type Moments, needObservations, StatisticError } from './statistics.ts';

export interface ComparedGroup {
  readonly label: string;
  readonly moments: Moments;
}

/** What a result tells of each group. */
export interface GroupMean {
  readonly label: string;
  readonly count: number;
  readonly patients: number;
  readonly mean: number;
  readonly sd: number;
}

export interface Comparison extends Inference {
  readonly value: number;
  readonly compared: readonly GroupMean[];
  /** Of an analysis of variance: the share of the variance that lies between the groups. */
  readonly etaSquared?: number;
}

interface Summary extends GroupMean {
  /** n_g and SE_g². */
  readonly n: number;
  readonly errorSquared: number;
}

/** The difference first − second. Throws StatisticError. */
export function tTest(
  vital: Vital,
  groups: readonly ComparedGroup[],
  confidence: number,
  dists: Distributions,
): Comparison {
  if (groups.length !== 2) {
    throw new RangeError(`t-test: expected two groups, got ${groups.length}`);
  }
  const summaries = groups.map((group) => summarise(vital, group));
  const [one, two] = summaries as [Summary, Summary];
  const squared = one.errorSquared + two.errorSquared;
  if (squared === 0) throw allAlike([`${vital.name} in each of the two groups`]);
  const below = one.errorSquared ** 2 / (one.n - 1) + two.errorSquared ** 2 / (two.n - 1);
  const df = squared ** 2 / below;
  const difference = estimate(one.mean - two.mean, Math.sqrt(squared), df, confidence, dists);
  return { ...difference, confidence, df, compared: summaries.map(told) };
}

/** Its value is F. Throws StatisticError. */
export function anova(
  vital: Vital,
  groups: readonly ComparedGroup[],
  dists: Distributions,
): Comparison {
  const summaries = groups.map((group) => summarise(vital, group));
  const total = add(summaries, ({ n }) => n);
  const grand = add(summaries, ({ n, mean }) => n * mean) / total;
  const between = add(summaries, ({ n, mean }) => n * (mean - grand) ** 2);
  const within = add(summaries, ({ n, errorSquared }) => (n - 1) * n * errorSquared);
  if (within === 0) throw allAlike([`${vital.name} in each of the groups`]);
  const df = [groups.length - 1, total - groups.length] as const;
  const f = between / df[0] / (within / df[1]);
  return {
    value: f,
    f,
    df,
    p: dists.fTail(f, df[0], df[1]),
    etaSquared: between / (between + within),
    compared: summaries.map(told),
  };
}

function summarise(vital: Vital, { label, moments }: ComparedGroup): Summary {
  needObservations(`The group ${label}`, moments, 2);
  const { value, standardError } = meanOf(vital, moments);
  const n = effectiveNumber(moments);
  return {
    label,
    count: moments.count,
    patients: moments.weights?.patients ?? moments.count,
    mean: value,
    sd: Math.sqrt(n) * standardError,
    n,
    errorSquared: standardError ** 2,
  };
}

const told = ({ label, count, patients, mean, sd }: Summary): GroupMean => ({
  label,
  count,
  patients,
  mean,
  sd,
});

const add = (summaries: readonly Summary[], of: (summary: Summary) => number): number =>
  summaries.reduce((sum, summary) => sum + of(summary), 0);

/** Throws StatisticError where a comparison of `by` cannot have these values. */
export function checkGroups(
  statistic: string,
  by: string,
  labels: readonly string[],
  [least, most]: readonly [number, number],
): void {
  if (labels.length >= least && labels.length <= most) return;
  const have = labels.length === 1 ? 'there is 1' : `there are ${labels.length}`;
  const wants = least === most ? `exactly ${least}` : `${least} to ${most}`;
  const cure =
    labels.length > most
      ? `Choose with --groups, such as --groups ${labels.slice(0, most).join(',')}.`
      : 'Another label may have more; `vitalshare catalogue` lists them.';
  throw new StatisticError(
    labels.length < least ? 'too-few-groups' : 'too-many-groups',
    `${statistic} compares ${wants} values of the label ${by}; ${have} (${labels.join(', ')}). ${cure}`,
  );
}

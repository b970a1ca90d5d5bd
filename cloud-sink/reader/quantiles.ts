/**
 * Histograms and quantiles from counts by bin.
 *
 *   the q-quantile of N readings is the ⌈q·N⌉-th smallest (the inverse of the empirical distribution;
 *   Hyndman and Fan, The American Statistician 50 (1996), definition 1)
 *   bin     the one that holds that rank            low, high   its edges
 *   value   low + (high − low)·(q·N − before) / in the bin      linear inside the bin
 *
 * `low` and `high` are what is known for certain: the quantile lies within, of all readings there are.
 * Where m of them were not counted, they may lie anywhere: the bounds are then those of the ranks
 * ⌈q·(N + m)⌉ − m and ⌈q·(N + m)⌉ among the counted ones.
 */
import type { Vital } from '@vitalshare/edge/vital';
import { binEdges } from '@vitalshare/edge/vital/bins';

export interface Bin {
  /** In the vital sign's unit: low ≤ reading < high, and ≤ in the last bin. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

export interface Quantile {
  /** In (0, 1). */
  readonly at: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** All bins of the vital sign, empty ones too. `counts` has one number each. */
export function histogramOf(vital: Vital, counts: readonly number[]): Bin[] {
  const edges = binEdges(vital);
  if (counts.length !== edges.length - 1) {
    throw new RangeError(`${vital.name} has ${edges.length - 1} bins, got ${counts.length} counts`);
  }
  return counts.map((count, i) => ({
    low: edges[i]! / vital.scale,
    high: edges[i + 1]! / vital.scale,
    count,
  }));
}

/** `bins` hold at least one reading; `missing` more were not counted. Throws RangeError otherwise. */
export function quantileOf(bins: readonly Bin[], at: number, missing = 0): Quantile {
  if (!(at > 0 && at < 1)) throw new RangeError(`a quantile lies between 0 and 1, got ${at}`);
  const counted = bins.reduce((sum, { count }) => sum + count, 0);
  if (counted === 0) throw new RangeError('no readings have no quantile');
  const inside = binOfRank(bins, rankOf(at, counted));
  const share = (at * counted - inside.before) / inside.bin.count;
  const { low, high } = inside.bin;
  const value = low + (high - low) * Math.min(1, Math.max(0, share));
  const rank = rankOf(at, counted + missing);
  return {
    at,
    value,
    low: rank - missing < 1 ? bins[0]!.low : binOfRank(bins, rank - missing).bin.low,
    high: rank > counted ? bins.at(-1)!.high : binOfRank(bins, rank).bin.high,
  };
}

/** ⌈q·n⌉, where a product that misses a whole number by rounding alone is that number. */
function rankOf(at: number, readings: number): number {
  const exact = at * readings;
  const nearest = Math.round(exact);
  const isWhole = Math.abs(exact - nearest) <= 4 * Number.EPSILON * readings;
  return Math.max(1, isWhole ? nearest : Math.ceil(exact));
}

/** The bin of the `rank`-th smallest, 1 to all, and how many lie in bins below it. */
function binOfRank(bins: readonly Bin[], rank: number): { bin: Bin; before: number } {
  let before = 0;
  for (const bin of bins) {
    if (before + bin.count >= rank) return { bin, before };
    before += bin.count;
  }
  throw new RangeError(`there is no reading of rank ${rank}`);
}

/**
 * The bins of every vital sign: what histograms, quantiles and χ² are made of.
 *
 *   bin i = edge i ≤ x < edge i+1,   edge 0 = min, the last edge = max, which the last bin includes
 *
 * Declared are the edges between bins, in the unit; where none are, 20 bins of equal width. They are
 * part of a vital sign's code: counts that stand in a log mean nothing under other edges, so edges
 * never change. At most 28, so that five minutes of them cost under a byte a reading (PROTOCOL.md).
 *
 * Edges keep the steps of NEWS2 apart (Royal College of Physicians, 2017). SpO₂'s lie between whole
 * percents, so that what a monitor shows is the middle of its bin.
 */
import { toFixedPoint, type Vital } from './vital.ts';

const BINS_EQUAL = 20;

/** `from` to `to`, both included. Steps are counted, not added up, so nothing drifts. */
const steps = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step);

const RATE = [30, ...steps(40, 150, 5), 160, 180, 200];

const HRV = [...steps(5, 50, 5), 60, 70, 80, 100, 120, 150, 200, 300, 500];

/** By name: the edges between bins, rising, above min and not above max. */
const BETWEEN: Readonly<Record<string, readonly number[]>> = {
  'heart-rate': RATE,
  'pulse-rate': RATE,
  spo2: [49.5, 59.5, 69.5, 74.5, ...steps(79.5, 99.5, 1)],
  'respiratory-rate': [5, ...steps(8, 26, 1), 28, 30, 35, 40, 50, 60],
  'body-temperature': [32, 34, ...steps(35, 39, 0.2), 39.5, 40, 41],
  'skin-temperature': [0, 10, 20, 24, 26, 28, ...steps(29, 37, 0.5), 38, 39, 40, 45],
  'systolic-pressure': [40, 50, 60, ...steps(70, 160, 5), 170, 180, 200, 220, 250],
  'diastolic-pressure': [20, ...steps(30, 110, 5), 120, 130, 150, 200],
  consciousness: [1, 2, 3, 4],
  rhythm: [1, 2, 3, 4, 5, 6, 7, 8],
  'hrv-sdnn': HRV,
  'hrv-rmssd': HRV,
  oxygen: [0.1, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 60],
};

const cache = new WeakMap<Vital, readonly number[]>();

/**
 * All edges in fixed point, rising, one more than there are bins: the first is the least and the last
 * the largest plausible reading. The last two may be equal: then the last bin holds that one value.
 */
export function binEdges(vital: Vital): readonly number[] {
  let edges = cache.get(vital);
  if (edges === undefined) {
    const { min, max } = vital;
    const width = (max - min) / BINS_EQUAL;
    const between = BETWEEN[vital.name] ?? steps(min + width, max - width, width);
    edges = [min, ...between, max].map((edge) => toFixedPoint(vital, edge));
    cache.set(vital, edges);
  }
  return edges;
}

export const binCount = (vital: Vital): number => binEdges(vital).length - 1;

/** The bin of a fixed-point reading. Throws RangeError outside the plausible range. */
export function binOf(vital: Vital, fixed: number): number {
  const edges = binEdges(vital);
  let low = 0;
  let high = edges.length - 1;
  if (!(fixed >= edges[low]! && fixed <= edges[high]!)) {
    throw new RangeError(`${vital.name}: a reading outside the plausible range has no bin`);
  }
  // edges[low] ≤ fixed throughout.
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (edges[middle]! <= fixed) low = middle;
    else high = middle;
  }
  return low;
}

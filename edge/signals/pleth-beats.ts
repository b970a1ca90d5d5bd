/**
 * The beats in a window of pleth, and how alike they look.
 *
 * A beat is where the pulse rises fastest: the steepest point within ±0.35 periods (at most ±0.3 s)
 * that is at least 0.4 times as steep as the steeper quarter of such points; the dicrotic wave rises
 * slower, the foot and the top move with breathing. An inverted pleth falls faster than it rises: the
 * skewness of the slope says which way up it is.
 *
 * Likeness is the mean correlation of each beat with the mean of all: Orphanidou et al., "Signal-quality
 * indices for the electrocardiogram and photoplethysmogram", IEEE JBHI 19(3):832–838 (2015). Of noise
 * filtered like a pleth it is 0.5 to 0.8; they ask for 0.86 of a pulse oximeter.
 */
import { median } from './filters.ts';
import { parabolaTop } from './periodicity.ts';

const REACH_PERIODS = 0.35;
const REACH_S_MAX = 0.3;
const STEEPNESS_MIN = 0.4;
/** A beat's shape, from before the steepest point to after it. */
const SHAPE_PERIODS = 0.7;
const SHAPE_BEFORE = 0.3;

export interface PlethBeats {
  /** Steepest points, in samples of the window, between whole ones by a parabola. */
  readonly at: readonly number[];
  /** Differences of `at`, samples. */
  readonly intervals: readonly number[];
  /** −1 to 1; 0 of fewer than two whole beats. */
  readonly likeness: number;
}

/** Skewness of the slope: above 0 upright, below 0 inverted. */
export function slopeSkewness(wave: Float64Array): number {
  let [square, cube] = [0, 0];
  for (let i = 1; i < wave.length; i++) {
    const slope = wave[i]! - wave[i - 1]!;
    square += slope * slope;
    cube += slope * slope * slope;
  }
  return square > 0 ? (cube / wave.length) * (wave.length / square) ** 1.5 : 0;
}

/** `sign` 1 for an upright window, −1 for an inverted one; `period` in samples, as a first guess. */
export function plethBeats(
  wave: Float64Array,
  rateHz: number,
  period: number,
  sign: 1 | -1,
): PlethBeats {
  const slope = new Float64Array(wave.length);
  for (let i = 1; i < wave.length - 1; i++) slope[i] = (sign * (wave[i + 1]! - wave[i - 1]!)) / 2;
  const reach = Math.max(2, Math.round(Math.min(REACH_PERIODS * period, REACH_S_MAX * rateHz)));
  const steepest = localMaxima(slope, reach);
  const steepness = quantile(
    steepest.map((i) => slope[i]!),
    0.75,
  );
  const beats = steepest.filter((i) => slope[i]! >= STEEPNESS_MIN * steepness);
  const at = beats.map((i) => i + parabolaTop(slope, i));
  const intervals = at.slice(1).map((value, i) => value - at[i]!);
  const shape = Math.round(SHAPE_PERIODS * Math.min(period, median(intervals) || period));
  return { at, intervals, likeness: likeness(wave, beats, shape) };
}

/** Indices above zero that are highest within ± reach; the first of equals. */
export function localMaxima(values: Float64Array, reach: number): number[] {
  const maxima: number[] = [];
  for (let i = 1; i < values.length - 1; i++) {
    const value = values[i]!;
    if (value <= 0 || values[i - 1]! > value || values[i + 1]! > value) continue;
    let highest = true;
    for (let j = Math.max(0, i - reach); highest && j <= i + reach && j < values.length; j++) {
      highest = values[j]! < value || (values[j]! === value && j >= i);
    }
    if (highest) maxima.push(i);
  }
  return maxima;
}

/** Of unsorted values, the nearest rank; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

function likeness(wave: Float64Array, beats: readonly number[], length: number): number {
  const before = Math.round(SHAPE_BEFORE * length);
  const shapes = beats
    .filter((beat) => beat - before >= 0 && beat - before + length <= wave.length)
    .map((beat) => wave.subarray(beat - before, beat - before + length));
  if (shapes.length < 2 || length < 4) return 0;
  const mean = Float64Array.from({ length }, (_, i) =>
    shapes.reduce((sum, shape) => sum + shape[i]! / shapes.length, 0),
  );
  return shapes.reduce((sum, shape) => sum + correlation(shape, mean) / shapes.length, 0);
}

/** Pearson's; 0 where either does not vary. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const { length } = a;
  let [meanA, meanB] = [0, 0];
  for (let i = 0; i < length; i++) {
    meanA += a[i]! / length;
    meanB += b[i]! / length;
  }
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < length; i++) {
    const [da, db] = [a[i]! - meanA, b[i]! - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

/**
 * The beats in a window of pleth, and how alike they look.
 *
 * A beat is where the pulse rises fastest: the steepest point within ±0.35 periods (at most ±0.3 s)
 * that is at least 0.4 times as steep as the steeper quarter of such points; the dicrotic wave rises
 * slower, the foot and the top move with breathing. An inverted pleth falls faster than it rises: the
 * skewness of the slope says which way up it is.
 *
 * Likeness is the mean correlation of each beat with the mean of all: Orphanidou et al.,
 * "Signal-quality indices for the electrocardiogram and photoplethysmogram", IEEE JBHI
 * 19(3):832–838 (2015). Of noise filtered like a pleth it is 0.5 to 0.8; they ask for 0.86 of a
 * pulse oximeter.
 */
import { median } from './filters.ts';
import { parabolaTop } from './periodicity.ts';
import { likeness, localMaxima, quantile } from './windows.ts';

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
  return { at, intervals, likeness: likeness(wave, beats, shape, SHAPE_BEFORE) };
}

/**
 * How periodic a window is, and with which period: the normalised square difference function.
 *
 *   r(τ) = 2·Σ x(t)·x(t+τ) / Σ (x(t)² + x(t+τ)²)        in [−1, 1]; 1 where the window repeats after τ
 *
 * McLeod and Wyvill, "A smarter way to find pitch", ICMC 2005. The period is the shortest peak that is
 * nearly as high as the highest one: a window that repeats after τ repeats after 2τ too. Unlike a plain
 * autocorrelation r does not sink with τ, so that two periods in a window are enough.
 *
 * A period shorter than asked for is found as well and then said to be none: a tone of 14 Hz repeats
 * after every multiple of 71 ms, and must not pass for a pulse of 210 a minute.
 */

/** A peak this near to the highest counts as the first repetition. */
const NEARLY_HIGHEST = 0.85;

export interface Periodicity {
  /** In samples, between whole ones by a parabola; NaN where nothing repeats in range. */
  readonly period: number;
  /** r at the period, or at one too short to be in range; 0 where nothing repeats. */
  readonly strength: number;
}

const NONE: Periodicity = { period: NaN, strength: 0 };

/** Looks for periods in [periodMin, periodMax] samples; needs a window longer than periodMax + 1. */
export function periodicity(
  window: Float64Array,
  periodMin: number,
  periodMax: number,
): Periodicity {
  const r = squareDifference(window, Math.min(periodMax + 1, window.length - 1));
  const peaks: number[] = [];
  // Before its first dip below zero r is about the sample's own width, not about repetition.
  let lag = 1;
  while (lag < r.length && r[lag]! > 0) lag++;
  for (; lag < r.length - 1; lag++) {
    if (r[lag]! > 0 && r[lag]! > r[lag - 1]! && r[lag]! >= r[lag + 1]!) peaks.push(lag);
  }
  const highest = Math.max(0, ...peaks.map((peak) => r[peak]!));
  const first = peaks.find((peak) => r[peak]! >= NEARLY_HIGHEST * highest);
  if (first === undefined) return NONE;
  if (first < periodMin) return { period: NaN, strength: r[first]! };
  return { period: first + parabolaTop(r, first), strength: r[first]! };
}

/**
 * The part of a window's energy that is not one sine of this period: 0 of a tone, 0.1 to 0.5 of a
 * pulse, 1 where there is no period.
 */
export function shareBesideTone(window: Float64Array, period: number): number {
  // One turn after the other instead of a cosine and a sine for every sample.
  const [turnCos, turnSin] = [Math.cos((2 * Math.PI) / period), Math.sin((2 * Math.PI) / period)];
  let [cosine, sine, energy, c, s] = [0, 0, 0, 1, 0];
  for (let i = 0; i < window.length; i++) {
    const value = window[i]!;
    cosine += value * c;
    sine += value * s;
    energy += value * value;
    const turned = c * turnCos - s * turnSin;
    s = c * turnSin + s * turnCos;
    c = turned;
  }
  const tone = (2 * (cosine * cosine + sine * sine)) / window.length;
  return energy > 0 && period > 0 ? Math.max(0, 1 - tone / energy) : 1;
}

/** r(0) … r(lagMax). */
function squareDifference(x: Float64Array, lagMax: number): Float64Array {
  const { length } = x;
  const r = new Float64Array(lagMax + 1);
  let energy = 0;
  for (const value of x) energy += 2 * value * value;
  for (let lag = 0; lag <= lagMax; lag++) {
    let product = 0;
    for (let i = lag; i < length; i++) product += x[i]! * x[i - lag]!;
    r[lag] = energy > 0 ? (2 * product) / energy : 0;
    energy -= x[lag]! * x[lag]! + x[length - 1 - lag]! * x[length - 1 - lag]!;
  }
  return r;
}

/** Where between −½ and ½ of `index` the parabola through three values has its top. */
export function parabolaTop(values: ArrayLike<number>, index: number): number {
  const [a, b, c] = [values[index - 1]!, values[index]!, values[index + 1]!];
  const bend = a - 2 * b + c;
  return bend < 0 ? (0.5 * (a - c)) / bend : 0;
}

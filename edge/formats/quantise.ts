/**
 * Real numbers to 16-bit samples with a gain and a baseline: stored = round(value · gain) + baseline.
 *
 *   1  steps     all values are multiples of 1/gain, a whole number: a monitor's own converter
 *   2  decimal   10^decimals fits: every value is exact to its last digit
 *   3  steps     as in 1, of any gain
 *   4  widest    else the largest gain whose range fits: off by at most half a step, 1 / (2 · gain)
 *
 * The range is −32767 to 32767; −32768 is a missing sample. NaN is missing.
 */
import { MISSING_SAMPLE } from '../vital/vital.ts';

export interface Quantised {
  readonly gain: number;
  readonly baseline: number;
  readonly samples: Int16Array;
  /** Whether the values come back to their last printed digit. */
  readonly isExact: boolean;
}

const STORED_MAX = 32767;
const BASELINE_MAX = 2 ** 31 - 1;
/** What a header can state; beyond it no converter counts. */
const GAIN_MAX = 1e12;
/** Values with more digits than this are doubles of some computation. */
const DECIMALS_MAX = 9;
/** A gain is worth its digits: three are enough where it is only the widest. */
const WIDEST_DIGITS = 3;

/** The most digits that the values of a column were printed with. */
export interface Digits {
  /** Behind the point. */
  readonly decimals: number;
  /** From the first that is not 0. */
  readonly significant: number;
}

/** Where all are NaN, the gain is 1. */
export function quantise(values: Float64Array, digits: Digits): Quantised {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const decimal = digits.decimals <= DECIMALS_MAX ? 10 ** digits.decimals : undefined;
  const steps = stepsPerUnit(values, digits);
  const candidates = Number.isInteger(steps) ? [steps, decimal] : [decimal, steps];
  const exact = candidates.find(
    (gain) => gain !== undefined && baselineFor(gain, min, max) !== undefined,
  );
  const gain = exact ?? widest(min, max);
  const baseline = baselineFor(gain, min, max) ?? 0;
  const samples = new Int16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    samples[i] = Number.isNaN(value) ? MISSING_SAMPLE : Math.round(value * gain) + baseline;
  }
  return { gain, baseline, samples, isExact: exact !== undefined };
}

/** 0 where both ends fit, else what centres them; undefined where they lie too far apart. */
function baselineFor(gain: number, min: number, max: number): number | undefined {
  const low = Math.round(min * gain);
  const high = Math.round(max * gain);
  if (low >= -STORED_MAX && high <= STORED_MAX) return 0;
  const baseline = -Math.round((low + high) / 2);
  if (!(high - low < 2 * STORED_MAX && Math.abs(baseline) <= BASELINE_MAX)) return undefined;
  return baseline;
}

function widest(min: number, max: number): number {
  // Where the values hardly differ, it is the baseline's 32 bits that end the gain.
  const range = Math.max(max - min, Math.abs(max) / 2 ** 15, Math.abs(min) / 2 ** 15);
  if (range === 0) return 1;
  const most = Math.min((2 * STORED_MAX - 2) / range, GAIN_MAX);
  const unit = 10 ** (Math.floor(Math.log10(most)) + 1 - WIDEST_DIGITS);
  return Math.floor(most / unit) * unit;
}

/**
 * The steps per unit of a converter whose values were printed: 0.35386, 0.35679 are 362 and 365 of
 * 1023. Undefined where there is none, or the digits are too few to say.
 */
function stepsPerUnit(values: Float64Array, digits: Digits): number | undefined {
  const sorted = Float64Array.from(new Set(values))
    .filter((value) => !Number.isNaN(value))
    .sort();
  if (sorted.length < 3 || sorted.length > 2 * STORED_MAX) return undefined;
  const largest = Math.max(Math.abs(sorted[0]!), Math.abs(sorted.at(-1)!));
  const distances = sorted
    .subarray(1)
    .map((value, i) => value - sorted[i]!)
    .sort();
  if (distances[0]! < 8 * halfDigit(digits, largest)) return undefined;
  const isStep = (gain: number): boolean =>
    sorted.every((value) => {
      const off = Math.abs(value - Math.round(value * gain) / gain);
      // A little more than half: some tables were rounded twice.
      return off <= 1.1 * halfDigit(digits, Math.abs(value));
    });
  for (const parts of SMALLEST_DISTANCE_STEPS) {
    const gain = refined(distances, parts / distances[0]!);
    const whole = Math.round(gain);
    const found = [whole, gain].find((each) => Math.abs(each - gain) < 1e-3 * gain && isStep(each));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** How many steps may lie between the two nearest values of a signal. */
const SMALLEST_DISTANCE_STEPS = [1, 2, 3, 4];

/** A guess, made better by every distance from small to large: their rounding averages out. */
function refined(distances: Float64Array, guess: number): number {
  let gain = guess;
  let steps = 0;
  let length = 0;
  for (const distance of distances) {
    steps += Math.round(distance * gain);
    length += distance;
    gain = steps / length;
  }
  return gain;
}

/** Half of the last digit that a value of this magnitude was printed to, and what doubles cost. */
function halfDigit({ decimals, significant }: Digits, magnitude: number): number {
  const leading = magnitude === 0 ? 0 : Math.floor(Math.log10(magnitude)) + 1;
  const printed = Math.max(0.5 * 10 ** -decimals, 0.5 * 10 ** (leading - significant));
  return printed + 1e-14 * magnitude;
}

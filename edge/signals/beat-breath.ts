/**
 * Respiratory rate from heartbeats: breathing sways how high a beat is, where it lies and when it
 * comes.
 *
 *   beats (time, height, level) ─┬► height     ─► whiten ─► spectrum ─┐
 *   of an ECG or of a pleth      ├► level      ─► whiten ─► spectrum ─┼─► weighted sum ─► peak, how narrow
 *                                └► interval   ─► whiten ─► spectrum ─┘
 *
 *   whiten: x(i) − a·x(i−1), a the correlation of neighbouring beats, 0 where negative: what merely
 *   forgets slowly has its peak at the low end of the band, in all three, and is then flat
 *
 * Three modulations, estimated together: Karlen et al., "Multiparameter respiratory rate estimation from
 * the photoplethysmogram", IEEE TBME 60(7):1946–1953 (2013); Pimentel et al., IEEE TBME 64(8):1914–1923
 * (2017). As there, modulations must agree, here two of three, and all below 70 beats a minute; spectra
 * are added, each weighted by the square of the part of its power at its peak; the sum must be narrow.
 *
 * The last 48 s, at 3 Hz between the beats by straight lines, less their mean of 12 s, under a Hann
 * window; 5 to 45 a minute, and below half the heart rate, for breaths are sampled once a beat.
 * Outliers (ectopic beats) are cut at three deviations.
 *
 * How narrow is measured against the band, which a slow heart leaves so little of that noise is narrow
 * too: 0 is what power spread evenly has near any peak, 1 is all of it there. Beats whose three
 * modulations are noise have a number in so many of 100 seconds (4,000 s of each of several seeds):
 *
 *                                         50    60    75    90 beats a minute
 *   white                                 0–2   0–1   0–1   0
 *   0.8 of it kept from beat to beat      1–4   1–2   2–3   1–2
 *
 * Limit: of 100 windows of BIDMC 01 a third has a number from the pleth, a fifth from the ECG.
 */
import { median } from './filters.ts';
import { parabolaTop } from './periodicity.ts';
import type { Bars, Estimate, Reason } from './stream.ts';
import { keep } from './windows.ts';

export const BEAT_BREATH_WINDOW_S = 48;
const GRID_HZ = 3;
const TREND_S = 12;
const RATE_MIN = 5;
const RATE_MAX = 45;
const RATE_STEP = 0.5;
/** Half the main lobe of a Hann window of 48 s, rounded up: power so near is that of the peak. */
const PEAK_HALF_WIDTH = 1.5;
const NARROW_MIN = 0.3;
/** A peak so near to an end of the band, /min, is the slope of something outside it. */
const EDGE = 0.75;
const OUTLIER_DEVIATIONS = 3;
const AGREE_PER_MINUTE = 2;
const AGREEING_MIN = 2;
/** Below so many beats a minute the band is narrow, chance agrees more often, and all three must. */
const SLOW_HEART_RATE = 70;
const SLOW_AGREEING_MIN = 3;
/** Answers in a row that differ by no more than AGREE_PER_MINUTE; asked for once a second. */
const STEADY_SECONDS = 15;
/** As many as come in a window at 240 a minute. */
const BEATS_MAX = 4 * BEAT_BREATH_WINDOW_S + 2;
/** Two beats further apart leave a hole that no straight line can fill. */
const HOLE_US_MAX = 4e6;

export interface BeatOfBreath {
  readonly atUs: number;
  /** Foot to top, or the height of a QRS, any unit. */
  readonly height: number;
  /** Where the beat lies: top of a pulse, baseline before a QRS; same unit. */
  readonly level: number;
}

export class BeatBreath {
  #beats: BeatOfBreath[] = [];
  #steady = 0;
  #previousRate = NaN;

  /** Beats in the order of their times. */
  push(beat: BeatOfBreath): void {
    const last = this.#beats.at(-1);
    if (last !== undefined && beat.atUs - last.atUs > HOLE_US_MAX) this.#beats = [];
    keep(this.#beats, beat, BEATS_MAX);
  }

  /** The rate of the 48 s that end with the last beat. Ask once a second; `nowUs` is the time then. */
  estimate(nowUs: number): Estimate {
    const { rate, bars, reason } = this.#judge(nowUs);
    const same = Math.abs(rate - this.#previousRate) <= AGREE_PER_MINUTE;
    this.#steady = same ? this.#steady + 1 : 1;
    this.#previousRate = rate;
    const no = (why: Reason): Estimate => ({ atUs: nowUs, value: null, bars: 1, reason: why });
    if (Number.isNaN(rate)) return no(reason);
    return this.#steady < STEADY_SECONDS ? no('learning') : { atUs: nowUs, value: rate, bars };
  }

  #judge(nowUs: number): { rate: number; bars: Bars; reason: Reason } {
    const none = (reason: Reason) => ({ rate: NaN, bars: 1, reason }) as const;
    const last = this.#beats.at(-1);
    if (last === undefined || nowUs - last.atUs > HOLE_US_MAX) return none('too-few-beats');
    const fromUs = last.atUs - BEAT_BREATH_WINDOW_S * 1e6;
    if (this.#beats[0]!.atUs > fromUs) return none('learning');
    const beats = this.#beats.filter((_, i) => (this.#beats[i + 1]?.atUs ?? Infinity) > fromUs);
    const heartRate = (60 * (beats.length - 1)) / BEAT_BREATH_WINDOW_S;
    const rateMax = Math.min(RATE_MAX, heartRate / 2);
    const spectra = modulationsOf(beats)
      .map(whitened)
      .map((values) => onGrid(beats, values, fromUs))
      .map((signal) => spectrumOf(signal, rateMax));
    const { rate, narrow, agreeing } = fuse(spectra);
    const even = Math.min(1, (2 * PEAK_HALF_WIDTH) / (rateMax - RATE_MIN));
    const excess = (narrow - even) / (1 - even);
    const agreeingMin = heartRate < SLOW_HEART_RATE ? SLOW_AGREEING_MIN : AGREEING_MIN;
    if (!(excess >= NARROW_MIN) || agreeing < agreeingMin) return none('noise');
    if (rate < RATE_MIN + EDGE || rate > rateMax - EDGE) return none('noise');
    return { rate, bars: excess >= 0.5 ? 4 : excess >= 0.4 ? 3 : 2, reason: 'noise' };
  }
}

/** Height, level, and the interval that ends at each beat. */
function modulationsOf(beats: readonly BeatOfBreath[]): number[][] {
  const intervals = beats.map(({ atUs }, i) => atUs - (beats[i - 1]?.atUs ?? NaN));
  intervals[0] = intervals[1] ?? 0;
  return [beats.map(({ height }) => height), beats.map(({ level }) => level), intervals];
}

/** Less what follows from the beat before: noise with a memory has a peak too, at the low edge. */
function whitened(values: readonly number[]): number[] {
  const middle = median(values);
  const bound = OUTLIER_DEVIATIONS * 1.4826 * median(values.map((one) => Math.abs(one - middle)));
  const cut = values.map((one) => Math.max(-bound, Math.min(bound, one - middle)));
  let [square, product] = [0, 0];
  for (let i = 1; i < cut.length; i++) {
    square += cut[i - 1]! ** 2;
    product += cut[i - 1]! * cut[i]!;
  }
  const memory = square > 0 ? Math.max(0, product / square) : 0;
  return cut.map((one, i) => one - memory * (cut[i - 1] ?? one));
}

/** Between the beats by straight lines; without its slow mean; windowed. */
function onGrid(
  beats: readonly BeatOfBreath[],
  values: readonly number[],
  fromUs: number,
): Float64Array {
  const length = BEAT_BREATH_WINDOW_S * GRID_HZ;
  const grid = new Float64Array(length);
  for (let i = 0, beat = 0; i < length; i++) {
    const atUs = fromUs + (i * 1e6) / GRID_HZ;
    while (beat + 2 < beats.length && beats[beat + 1]!.atUs < atUs) beat++;
    const [before, after] = [beats[beat]!, beats[beat + 1]!];
    const part = Math.min(1, Math.max(0, (atUs - before.atUs) / (after.atUs - before.atUs)));
    grid[i] = values[beat]! + (values[beat + 1]! - values[beat]!) * part;
  }
  return withoutTrend(grid).map((value, i) => value * HANN[i]!);
}

function withoutTrend(grid: Float64Array): Float64Array {
  const half = (TREND_S * GRID_HZ) / 2;
  const sums = new Float64Array(grid.length + 1);
  for (let i = 0; i < grid.length; i++) sums[i + 1] = sums[i]! + grid[i]!;
  return grid.map((value, i) => {
    const [from, to] = [Math.max(0, i - half), Math.min(grid.length, i + half + 1)];
    return value - (sums[to]! - sums[from]!) / (to - from);
  });
}

const HANN = Float64Array.from(
  { length: BEAT_BREATH_WINDOW_S * GRID_HZ },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / (BEAT_BREATH_WINDOW_S * GRID_HZ)),
);

const RATES = Array.from(
  { length: (RATE_MAX - RATE_MIN) / RATE_STEP + 1 },
  (_, i) => RATE_MIN + i * RATE_STEP,
);

/** Power at RATES, of sum 1, by Goertzel's recurrence; 0 above `rateMax`. */
function spectrumOf(signal: Float64Array, rateMax: number): Float64Array {
  const power = Float64Array.from(RATES, (rate) => {
    if (rate > rateMax) return 0;
    const factor = 2 * Math.cos((2 * Math.PI * rate) / 60 / GRID_HZ);
    let last = 0;
    let before = 0;
    for (let i = 0; i < signal.length; i++) {
      const next = signal[i]! + factor * last - before;
      before = last;
      last = next;
    }
    return last * last + before * before - factor * last * before;
  });
  const total = power.reduce((sum, one) => sum + one, 0);
  return total > 0 ? power.map((one) => one / total) : power;
}

interface Fused {
  readonly rate: number;
  /** Part of the fused power at its peak. */
  readonly narrow: number;
  /** Modulations that have their own peak there. */
  readonly agreeing: number;
}

function fuse(spectra: readonly Float64Array[]): Fused {
  const weights = spectra.map((spectrum) => nearPeak(spectrum, peakOf(spectrum)) ** 2);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return { rate: NaN, narrow: 0, agreeing: 0 };
  const sum = Float64Array.from(RATES, (_, i) =>
    spectra.reduce((power, spectrum, k) => power + (weights[k]! / total) * spectrum[i]!, 0),
  );
  const peak = peakOf(sum);
  const inner = peak > 0 && peak < RATES.length - 1;
  const rate = RATES[peak]! + (inner ? RATE_STEP * parabolaTop(sum, peak) : 0);
  const agreeing = spectra.filter(
    (spectrum) => Math.abs(RATES[peakOf(spectrum)]! - rate) <= AGREE_PER_MINUTE,
  ).length;
  return { rate, narrow: nearPeak(sum, peak), agreeing };
}

const peakOf = (spectrum: Float64Array): number => spectrum.indexOf(Math.max(...spectrum));

function nearPeak(spectrum: Float64Array, peak: number): number {
  const half = PEAK_HALF_WIDTH / RATE_STEP;
  const near = spectrum.subarray(Math.max(0, peak - half), peak + half + 1);
  return near.reduce((sum, one) => sum + one, 0);
}

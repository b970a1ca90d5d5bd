/**
 * Whether a window of band-passed RESP holds breaths, and how far their rate can be trusted.
 *
 * A breath is a highest point within ±0.35 periods, at least 0.3 times as high as the higher quarter
 * of them: Schäfer and Kratky, "Estimation of breathing rate from respiratory sinus arrhythmia", Ann
 * Biomed Eng 36:476–485 (2008), count method. Quality after Charlton et al., "An impedance pneumography
 * signal quality index", Biomed Signal Process Control 65:102339 (2021): breaths look alike
 * (correlation with their mean, there 0.75), last alike (deviation over mean below 0.25).
 *
 * Noise passes: white 0 of 600 seconds, a random walk 2, noise of 0.2–0.35 Hz 25, of 0.01–0.2 Hz 71
 * (5 to 11 a minute), for some of it does look like slow breathing.
 */
import { median } from './filters.ts';
import { periodicity } from './periodicity.ts';
import type { Periodicity } from './periodicity.ts';
import type { Bars } from './stream.ts';
import { noRate, type RateVerdict } from './verdict.ts';
import { likeness, localMaxima, quantile } from './windows.ts';

const PERIOD_S_MIN = 60 / 70;
/** 32 s hold two breaths of these. */
const PERIOD_S_MAX = 60 / 3.8;
const HEIGHT_MIN = 0.3;
const REACH_PERIODS = 0.35;
const SHAPE_PERIODS = 0.7;
const AGREE_PER_MINUTE = 2;
const AGREE_SHARE = 0.12;
const UNEVEN_LONG = 1.7;
const STRENGTH_MIN = 0.6;
const LIKENESS_MIN = 0.8;
const SPREAD_MAX = 0.25;
/** Where breaths come without a period they must look alike the more. */
const UNEVEN_LIKENESS_MIN = 0.92;
/** Fewer than three breaths in 32 s: only where nothing at all speaks against them. */
const SLOW_PER_MINUTE = 5;

/** `heightMin`: what a top must reach in any case; NaN where not known. */
export function judgeBreaths(wave: Float64Array, rateHz: number, heightMin: number): RateVerdict {
  const periods = periodicity(
    wave,
    Math.floor(PERIOD_S_MIN * rateHz),
    Math.ceil(PERIOD_S_MAX * rateHz),
  );
  if (!(periods.period > 0)) return noRate('noise');
  const reach = Math.max(1, Math.round(REACH_PERIODS * periods.period));
  const tops = localMaxima(wave, reach);
  const high = quantile(
    tops.map((top) => wave[top]!),
    0.75,
  );
  const least = Math.max(HEIGHT_MIN * high, heightMin || 0);
  const breaths = tops.filter((top) => wave[top]! >= least);
  return judgeTops(wave, breaths, periods, rateHz);
}

function judgeTops(
  wave: Float64Array,
  tops: readonly number[],
  { period, strength }: Periodicity,
  rateHz: number,
): RateVerdict {
  if (tops.length < 2) return noRate('noise');
  const durations = tops.slice(1).map((top, i) => top - tops[i]!);
  const mean = (tops.at(-1)! - tops[0]!) / durations.length;
  const spread =
    Math.sqrt(durations.reduce((sum, one) => sum + (one - mean) ** 2, 0) / durations.length) / mean;
  // Of three slow breaths two are cut by the ends of the window; then the period speaks for them.
  const whole = likeness(wave, tops, Math.round(SHAPE_PERIODS * period), 0.5);
  const alike = tops.length < 4 ? Math.max(whole, strength) : whole;
  const perMinute = (samples: number): number => (60 * rateHz) / samples;
  const typical = median(durations);
  const lost = Math.max(...durations) > UNEVEN_LONG * typical;
  const rate = perMinute(lost ? typical : mean);
  const agrees =
    Math.abs(rate - perMinute(period)) <= Math.max(AGREE_PER_MINUTE, AGREE_SHARE * rate);
  const bars = lost ? 2 : regularBars(strength, alike, spread);
  if (rate < SLOW_PER_MINUTE && !(agrees && bars === 4)) return noRate('irregular', 1);
  if (agrees && strength >= STRENGTH_MIN && alike >= LIKENESS_MIN) {
    return { rate, bars, reason: 'noise' };
  }
  if (tops.length >= 4 && spread < SPREAD_MAX && alike >= UNEVEN_LIKENESS_MIN)
    return { rate, bars: 2, reason: 'noise' };
  return noRate(alike >= 0.75 ? 'irregular' : 'noise', 1);
}

function regularBars(strength: number, alike: number, spread: number): Bars {
  if (strength >= 0.75 && alike >= 0.9 && spread < SPREAD_MAX) return 4;
  return strength >= 0.65 && alike >= 0.85 ? 3 : 2;
}

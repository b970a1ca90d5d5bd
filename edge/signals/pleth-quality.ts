/**
 * Signal quality of a pleth window beside the likeness of its beats: perfusion, skewness, swings.
 *
 *   perfusion index  100 · (pulsation, peak to peak) / (mean level of light), %; 0.3 weak, 1 to 10 usual
 *   skewness         of the band-passed pleth; Elgendi, "Optimal signal quality index for
 *                    photoplethysmogram signals", Bioengineering 3(4):21 (2016): the best single index
 *   swings           how far each second goes: one that goes much further than others is movement
 */
import { median } from './filters.ts';
import { quantile, swingOf } from './windows.ts';

/** %, of a window whose level is a level of light. NaN where that level is not above 0. */
export function perfusionIndex(wave: Float64Array, level: Float64Array): number {
  const light = level.reduce((sum, value) => sum + value, 0) / level.length;
  const values = [...wave];
  // The 5th to the 95th centile: one spike must not make a pulse.
  const swing = quantile(values, 0.95) - quantile(values, 0.05);
  return light > 0 ? (100 * swing) / light : NaN;
}

/** Third moment over the cube of the deviation; 0 of a constant. An upright pleth lies above 0. */
export function skewness(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [square, cube] = [0, 0];
  for (const value of values) {
    square += (value - mean) ** 2;
    cube += (value - mean) ** 3;
  }
  return square > 0 ? (cube / values.length) * (values.length / square) ** 1.5 : 0;
}

/** Peak to peak in each second of a window: the largest, and the middle one. */
export function swings(
  wave: Float64Array,
  rateHz: number,
): { readonly largest: number; readonly typical: number } {
  const second = Math.round(rateHz);
  const each: number[] = [];
  for (let from = 0; from + second <= wave.length; from += second) {
    each.push(swingOf(wave.subarray(from, from + second)));
  }
  return { largest: Math.max(...each), typical: median(each) };
}

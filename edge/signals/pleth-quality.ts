/**
 * Signal quality of a pleth window beside the likeness of its beats: perfusion and swings.
 *
 *   perfusion index  100 · (pulsation, peak to peak) / (mean level of light), %; 0.3 weak, 1 to 10 usual
 *   swings           how far each second goes: one that goes much further than others is movement
 */
import { median } from './filters.ts';
import { centileSwing, swingOf } from './windows.ts';

/** %, of a window whose level is a level of light. NaN where that level is not above 0. */
export function perfusionIndex(wave: Float64Array, level: Float64Array): number {
  const light = level.reduce((sum, value) => sum + value, 0) / level.length;
  return light > 0 ? (100 * centileSwing(wave)) / light : NaN;
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

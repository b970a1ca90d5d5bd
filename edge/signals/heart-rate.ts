/**
 * Heart rate from the last RR intervals, robust against a missed beat and true in bigeminy and fibrillation.
 *
 *   even rhythms     120 / median(RR[i] + RR[i+1])     over the last twelve intervals, at most 15 s back
 *   uneven rhythms   60 · beats / time                 over the last 15 s
 *
 * A pair of neighbours is as long in bigeminy as twice the mean interval, and one missed or false
 * beat spoils three pairs of eleven, which the median leaves out. Where the pairs themselves differ, as in
 * atrial fibrillation, their median jumps and only counting is true. How far the middle pair lies from the
 * median says which: up to 2.5 % of it the first alone, from 5.5 % on the second alone, between them
 * both by parts, so that nothing jumps. O(1) per beat; constant memory.
 */
import { median } from './filters.ts';
import { keep } from './windows.ts';

const INTERVALS = 12;
const INTERVALS_MIN = 3;
const WINDOW_S = 15;
/** More than any heart beats in 15 s. */
const BEATS_KEPT = 100;
const EVEN = 0.025;
const UNEVEN = 0.055;

export class HeartRate {
  /** Times of the last beats, s. */
  readonly #beatsS: number[] = [];

  beat(atS: number): void {
    keep(this.#beatsS, atS, BEATS_KEPT);
  }

  /** Beats a minute at a moment, NaN below three intervals. */
  at(nowS: number): number {
    const beats = this.#beatsS.filter((atS) => atS > nowS - WINDOW_S);
    if (beats.length < INTERVALS_MIN + 1) return NaN;
    const last = beats.slice(-INTERVALS - 1);
    const pairs = last.slice(2).map((atS, index) => atS - last[index]!);
    const pair = median(pairs);
    const spread = median(pairs.map((one) => Math.abs(one - pair))) / pair;
    const part = Math.min(1, Math.max(0, (spread - EVEN) / (UNEVEN - EVEN)));
    const counted = (60 * (beats.length - 1)) / (beats.at(-1)! - beats[0]!);
    return part * counted + ((1 - part) * 120) / pair;
  }
}

/**
 * Heart rate from the last RR intervals, robust against a missed beat and true in bigeminy.
 *
 *   rate = 120 / median(RR[i] + RR[i+1])        over the last twelve intervals, at most 15 s back
 *
 * A pair of neighbours is as long in bigeminy as twice the mean interval, and one missed or false
 * beat spoils three pairs of eleven, which the median leaves out. O(1) per beat; constant memory.
 */
import { median } from './filters.ts';
import { keep } from './windows.ts';

const INTERVALS = 12;
const INTERVALS_MIN = 3;
const WINDOW_S = 15;

export class HeartRate {
  /** Times of the last beats, s. */
  readonly #beatsS: number[] = [];

  beat(atS: number): void {
    keep(this.#beatsS, atS, INTERVALS + 1);
  }

  /** Beats a minute at a moment, NaN below three intervals. */
  at(nowS: number): number {
    const beats = this.#beatsS.filter((atS) => atS > nowS - WINDOW_S);
    if (beats.length < INTERVALS_MIN + 1) return NaN;
    return 120 / median(beats.slice(2).map((atS, index) => atS - beats[index]!));
  }
}

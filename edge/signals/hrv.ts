/**
 * Heart rate variability over five minutes of normal-to-normal intervals.
 *
 *   SDNN  = standard deviation of the NN intervals, ms
 *   RMSSD = root mean square of the differences of NN intervals that follow one another, ms
 *
 * Task Force of the ESC and NASPE, "Heart rate variability: standards of measurement", Circulation
 * 93:1043–1065 (1996): five minutes, normal beats only. An interval is NN when both its beats look
 * like the patient's usual one and it is within 20 % of the median of the eight before. Absent
 * unless NN intervals fill 80 % of the five minutes.
 */
import { median } from './filters.ts';
import { keep } from './windows.ts';

export const HRV_WINDOW_S = 300;
const NORMAL_USUAL = 0.8;
const NORMAL_PART = 0.2;
const COVERED_PART = 0.8;
const AROUND = 8;
/** Five minutes at 350 a minute, the highest heart rate the vocabulary has. */
const INTERVALS_MAX = 1_750;

export interface Hrv {
  readonly sdnnMs: number;
  readonly rmssdMs: number;
  readonly intervals: number;
}

interface Interval {
  readonly endS: number;
  readonly ms: number;
}

export class HrvWindow {
  #normal: Interval[] = [];
  readonly #around: number[] = [];
  #lastS = NaN;
  #lastIsNormal = false;

  /** `usual`: likeness with the patient's usual beat (beat-shape.ts). */
  beat(atS: number, usual: number): void {
    const ms = (atS - this.#lastS) * 1000;
    const isNormal = usual >= NORMAL_USUAL;
    const usualMs = median(this.#around);
    const fits = this.#around.length < AROUND || Math.abs(ms - usualMs) <= NORMAL_PART * usualMs;
    if (isNormal && this.#lastIsNormal && fits) {
      keep(this.#normal, { endS: atS, ms }, INTERVALS_MAX);
    }
    if (!Number.isNaN(ms)) keep(this.#around, ms, AROUND);
    this.#lastS = atS;
    this.#lastIsNormal = isNormal;
  }

  /** Of the five minutes before, null where less than 80 % of them are NN intervals. */
  at(nowS: number): Hrv | null {
    const fromS = nowS - HRV_WINDOW_S;
    const nn = (this.#normal = this.#normal.filter(({ endS, ms }) => endS - ms / 1000 >= fromS));
    const total = nn.reduce((sum, { ms }) => sum + ms, 0);
    if (total < COVERED_PART * HRV_WINDOW_S * 1000) return null;
    const mean = total / nn.length;
    const variance = nn.reduce((sum, { ms }) => sum + (ms - mean) ** 2, 0) / (nn.length - 1);
    let [squares, pairs] = [0, 0];
    for (let i = 1; i < nn.length; i++) {
      const { endS, ms } = nn[i]!;
      if (Math.abs(endS - ms / 1000 - nn[i - 1]!.endS) > 1e-6) continue;
      squares += (ms - nn[i - 1]!.ms) ** 2;
      pairs++;
    }
    return {
      sdnnMs: Math.sqrt(variance),
      rmssdMs: Math.sqrt(squares / pairs),
      intervals: nn.length,
    };
  }
}

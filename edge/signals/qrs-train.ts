/**
 * Low beats among high ones: what is too low for the threshold, but comes evenly and looks alike, is no noise.
 *
 *      |       |       |            |  |                    |
 *   ___|__^____|__^____|__^___    __|__|_^_^_^_^_^_^_^_^_^__|__
 *         bigeminy, alternans            a ventricular run
 *
 * Three in a row make a train: nothing half as high stands between them that was too low. P waves, T waves and
 * flutter waves come evenly too, so each must also be of a size that these seldom have beside their QRS, lie after
 * the T wave of the beat before, and have no beat right behind it.
 */
import type { Candidate } from './qrs-candidates.ts';

/** Of a P wave (0.25 mV) beside a QRS of 0.8 mV or more; its slopes are gentler still. */
const RANGE_PART = 0.35;
const SLOPE_PART = 0.25;
/** Heights within 30 %, intervals within 15 % of each other. */
const ALIKE = 0.3;
const EVEN = 0.15;
/** What stands between two of a train is lower than this part of them. */
const BETWEEN_PART = 0.5;
/** 220 a minute: flutter waves are faster. */
const INTERVAL_S_MIN = 0.27;
const INTERVAL_S_MAX = 3;
/** A P wave has its QRS within this. */
export const P_WAVE_S = 0.3;
/** A T wave ends within this of its QRS, also in a slow rhythm. */
const T_WAVE_S = 0.5;
const T_WAVE_SLOPE_PART = 0.5;
const KEPT = 8;

/** What the low ones are measured against. */
export interface Usual {
  readonly range: number;
  readonly slope: number;
}

export class QrsTrain {
  readonly #rateHz: number;
  #low: Candidate[] = [];

  constructor(rateHz: number) {
    this.#rateHz = rateHz;
  }

  /** Takes one that is too low, `last` being the beat before; the three of the train it is the last of, if any. */
  take(low: Candidate, usual: Usual, last: Candidate | null): readonly Candidate[] {
    const isTWave =
      last !== null &&
      low.at - last.at < T_WAVE_S * this.#rateHz &&
      low.slope < T_WAVE_SLOPE_PART * last.slope;
    if (isTWave) return [];
    const before = this.#low.filter(({ height }) => height >= BETWEEN_PART * low.height);
    this.#low.push(low);
    if (this.#low.length > KEPT) this.#low.shift();
    const three = [...before.slice(-2), low];
    return this.#isTrain(three, usual) ? three : [];
  }

  /** A beat at `at`: what was right before it was its P wave. */
  beat(at: number): void {
    this.#low = this.#low.filter((low) => low.at >= at || at - low.at >= P_WAVE_S * this.#rateHz);
  }

  #isTrain(three: readonly Candidate[], usual: Usual): boolean {
    const [a, b, c] = three;
    if (a === undefined || b === undefined || c === undefined) return false;
    const interval = c.at - b.at;
    return (
      interval >= INTERVAL_S_MIN * this.#rateHz &&
      interval <= INTERVAL_S_MAX * this.#rateHz &&
      Math.abs(b.at - a.at - interval) <= EVEN * interval &&
      three.every(
        ({ height, range, slope }) =>
          Math.abs(height - b.height) <= ALIKE * b.height &&
          (range >= RANGE_PART * usual.range || slope >= SLOPE_PART * usual.slope),
      )
    );
  }
}

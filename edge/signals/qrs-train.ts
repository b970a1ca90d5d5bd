/**
 * Low beats among high ones: what is too low for the threshold, but comes evenly and looks alike, is no noise.
 *
 *      |       |       |            |  |                    |
 *   ___|__^____|__^____|__^___    __|__|_^_^_^_^_^_^_^_^_^__|__
 *         bigeminy, alternans            a ventricular run
 *
 * Three in a row make a train, with nothing of about their height between them. P waves, T waves and flutter
 * waves come evenly too, so each must also be of a size that these seldom have beside their QRS, lie after the
 * T wave of the beat before, and have no beat right behind it.
 */
import type { Candidate } from './qrs-candidates.ts';

/** Of a P wave (0.25 mV) beside a QRS of 0.8 mV or more; its slopes are gentler still. */
const RANGE_PART = 0.35;
const SLOPE_PART = 0.3;
/** Heights within 30 %, intervals within 15 % of each other. */
const ALIKE = 0.3;
const EVEN = 0.15;
/** Between two of a train stands nothing of a height within this factor. */
const BETWEEN_FACTOR = 1.5;
/** What does all its range within 20 ms is a pacemaker's spike. */
const SPIKE_PART = 0.95;
/** 220 a minute: flutter waves are faster. */
const INTERVAL_S_MIN = 0.27;
const INTERVAL_S_MAX = 3;
/** A P wave has its QRS within this. */
export const P_WAVE_S = 0.3;
/** A T wave ends within this of its QRS, also in a slow rhythm. */
const T_WAVE_S = 0.5;
const T_WAVE_SLOPE_PART = 0.5;
const KEPT = 12;

/** What the low ones are measured against. */
export interface Usual {
  readonly range: number;
  readonly slope: number;
}

export class QrsTrain {
  readonly #rateHz: number;
  #kept: Candidate[] = [];

  constructor(rateHz: number) {
    this.#rateHz = rateHz;
  }

  /** Takes a candidate, `last` being the beat before: the three of the train it is the last of, if any. */
  take(candidate: Candidate, usual: Usual, last: Candidate | null): readonly Candidate[] {
    const isTWave =
      last !== null &&
      candidate.at - last.at < T_WAVE_S * this.#rateHz &&
      candidate.slope < T_WAVE_SLOPE_PART * last.slope;
    if (isTWave) return [];
    const before = this.#kept.filter(
      ({ height }) =>
        Math.max(height / candidate.height, candidate.height / height) < BETWEEN_FACTOR,
    );
    this.#kept.push(candidate);
    if (this.#kept.length > KEPT) this.#kept.shift();
    const three = [...before.slice(-2), candidate];
    return this.#isTrain(three, usual) ? three : [];
  }

  /** A beat at `at`: what was right before it was its P wave. */
  beat(at: number): void {
    this.#kept = this.#kept.filter(
      (candidate) => candidate.at >= at || at - candidate.at >= P_WAVE_S * this.#rateHz,
    );
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
          slope < SPIKE_PART * range &&
          (range >= RANGE_PART * usual.range || slope >= SLOPE_PART * usual.slope),
      )
    );
  }
}

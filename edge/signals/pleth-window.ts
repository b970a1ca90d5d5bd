/**
 * The last 12 s of a pleth, made ready for finding beats: slower, band-passed, with what was wrong.
 *
 *   sample ──► mean of k ──► 0.5–5 Hz ──► wave     at a working rate of 25 to 50 Hz
 *                  └───────► < 8 Hz ────► level     as it came, for heights and means
 *
 * Two Butterworth sections of second order each, so beats lie about 0.1 s late, all alike. A missing
 * sample is the last value held, and counted. Stuck: a run of 80 ms and more at the highest or the
 * lowest value of the stretch, which is what a saturated converter gives.
 */
import { Biquad } from './filters.ts';
import { Decimator } from './decimate.ts';
import { Ring } from './ring.ts';
import { swingOf } from './windows.ts';

export const PLETH_WINDOW_S = 12;
const WORKING_RATE_HZ = 25;
const STUCK_RUN_S = 0.08;

export class PlethWindow {
  readonly rateHz: number;
  readonly wave: Ring;
  readonly level: Ring;
  readonly #missing: Ring;
  readonly #stuck: Ring;
  readonly #decimator: Decimator;
  readonly #high: Biquad;
  readonly #low: Biquad;
  readonly #smooth: Biquad;
  readonly #rail: RailRuns;
  #last = NaN;
  #railed = 0;

  /** Throws RangeError below 20 Hz, where 8 Hz cannot be told from less. */
  constructor(rateHz: number, windowS: number = PLETH_WINDOW_S) {
    this.#decimator = new Decimator(rateHz, WORKING_RATE_HZ);
    this.rateHz = this.#decimator.rateHz;
    this.#high = new Biquad('high-pass', 0.5, this.rateHz);
    this.#low = new Biquad('low-pass', 5, this.rateHz);
    this.#smooth = new Biquad('low-pass', 8, this.rateHz);
    this.#rail = new RailRuns(Math.max(4, Math.ceil(STUCK_RUN_S * rateHz)));
    const length = Math.floor(windowS * this.rateHz);
    [this.wave, this.level] = [new Ring(length), new Ring(length)];
    [this.#missing, this.#stuck] = [new Ring(length), new Ring(length)];
  }

  /** NaN is a missing sample. */
  push(value: number): void {
    if (!Number.isNaN(value)) this.#railed += this.#rail.step(value);
    const mean = this.#decimator.step(value);
    if (mean === undefined) return;
    const present = !Number.isNaN(mean);
    if (present && Number.isNaN(this.#last)) {
      this.#high.settle(mean);
      this.#smooth.settle(mean);
    }
    if (present) this.#last = mean;
    const held = Number.isNaN(this.#last) ? 0 : this.#last;
    this.wave.push(this.#low.step(this.#high.step(held)));
    this.level.push(this.#smooth.step(held));
    this.#missing.push(present ? 0 : 1);
    this.#stuck.push(this.#railed > 0 ? 1 : 0);
    this.#railed = 0;
  }

  /** Nothing moves: less than a millionth of the level, which is rounding. */
  get flat(): boolean {
    const level = this.level.copy();
    return swingOf(level) <= 1e-6 * Math.abs(level[0]!);
  }

  get full(): boolean {
    return this.wave.full;
  }

  /** Part of the window that was not there, 0 to 1. */
  get missingShare(): number {
    return this.#missing.mean();
  }

  /** Part of the window at the rail, 0 to 1. */
  get stuckShare(): number {
    return this.#stuck.mean();
  }
}

/** Counts samples in long runs at the highest or lowest value seen so far. */
class RailRuns {
  readonly #runMin: number;
  #highest = -Infinity;
  #lowest = Infinity;
  #last = NaN;
  #run = 0;

  constructor(runMin: number) {
    this.#runMin = runMin;
  }

  /** 1 where this sample is stuck, else 0. */
  step(value: number): number {
    this.#highest = Math.max(this.#highest, value);
    this.#lowest = Math.min(this.#lowest, value);
    this.#run = value === this.#last ? this.#run + 1 : 1;
    this.#last = value;
    const railed = value === this.#highest || value === this.#lowest;
    return railed && this.#run >= this.#runMin ? 1 : 0;
  }
}

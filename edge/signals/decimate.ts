/**
 * Every `factor` samples as their mean: a signal of any rate at one between 250 and 500 Hz, where the
 * detectors work; slower ones stay as they are. The mean is the filter against aliases: at half the new
 * rate it takes 4 dB, at the new rate all.
 *
 * A block that lacks some samples is the mean of the others; one that lacks all is missing.
 */
const RATE_HZ_LEAST = 250;

export class Decimator {
  readonly factor: number;
  /** The rate behind it. */
  readonly rateHz: number;
  #sum = 0;
  #present = 0;
  #seen = 0;

  constructor(rateHz: number) {
    this.factor = Math.max(1, Math.floor(rateHz / RATE_HZ_LEAST));
    this.rateHz = rateHz / this.factor;
  }

  /** Takes a sample, NaN for a missing one; whether a block is full, to be taken with `value`. */
  step(value: number): boolean {
    if (!Number.isNaN(value)) {
      this.#sum += value;
      this.#present++;
    }
    return ++this.#seen === this.factor;
  }

  /** The block's mean, NaN where it is missing; the next one begins. */
  take(): number {
    const mean = this.#present === 0 ? NaN : this.#sum / this.#present;
    this.#sum = this.#present = this.#seen = 0;
    return mean;
  }

  /** Seconds from the first sample to the middle of block `index`. */
  secondsOf(index: number): number {
    return (index + (this.factor - 1) / (2 * this.factor)) / this.rateHz;
  }
}

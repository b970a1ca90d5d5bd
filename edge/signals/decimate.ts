/**
 * Every k samples as their mean, k so that the working rate lies in [target, 2 · target).
 *
 * The mean is also the filter against aliases: its zeros lie on the multiples of the working rate,
 * which are what would fold onto slow waves; at half the working rate it takes 4 dB. What is sought
 * must be slow for the target: a pulse is a tenth of 25 Hz, a QRS a tenth of 250 Hz.
 */
export class Decimator {
  /** The rate behind it. */
  readonly rateHz: number;
  readonly #factor: number;
  readonly #presentShareMin: number;
  #sum = 0;
  #present = 0;
  #seen = 0;

  /**
   * A rate below the target is left as it is. A block with fewer samples than `presentShareMin` of its
   * own is missing; 0 asks for one sample, as an ECG does: a QRS is only a few blocks wide.
   */
  constructor(rateHz: number, targetHz: number, presentShareMin = 0.5) {
    this.#presentShareMin = presentShareMin;
    this.#factor = Math.max(1, Math.floor(rateHz / targetHz));
    this.rateHz = rateHz / this.#factor;
  }

  /** NaN is a missing sample. A block's mean when it is full, NaN where too much of it is missing. */
  step(value: number): number | undefined {
    if (!Number.isNaN(value)) {
      this.#sum += value;
      this.#present++;
    }
    if (++this.#seen < this.#factor) return undefined;
    const isThere = this.#present >= this.#presentShareMin * this.#factor;
    // Of none present the mean is 0 / 0, which is NaN too.
    const mean = isThere ? this.#sum / this.#present : NaN;
    this.#sum = this.#present = this.#seen = 0;
    return mean;
  }

  /** Seconds from the first sample to the middle of block `index`. */
  secondsOf(index: number): number {
    return (index + (this.#factor - 1) / (2 * this.#factor)) / this.rateHz;
  }
}

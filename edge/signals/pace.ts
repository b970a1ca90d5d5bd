/**
 * Two clocks that slow detectors share: fewer samples, and whole seconds.
 *
 *   Decimator   the mean of k samples, k so that the working rate lies in [target, 2·target)
 *   Seconds     says when a whole second of the channel's time is complete
 *   Ring        the last n working samples, copied out oldest first
 *
 * The mean of k is also the filter before the decimation: its zeros lie on the multiples of the working
 * rate, which are what would fold onto slow waves; a pulse is at most a tenth of it.
 */

export class Decimator {
  readonly rateHz: number;
  readonly #factor: number;
  #sum = 0;
  #present = 0;
  #count = 0;

  /** A rate below the target is left as it is. */
  constructor(rateHz: number, targetHz: number) {
    this.#factor = Math.max(1, Math.floor(rateHz / targetHz));
    this.rateHz = rateHz / this.#factor;
  }

  /** NaN is a missing sample. Returns a mean, NaN where more than half was missing, else undefined. */
  step(value: number): number | undefined {
    if (!Number.isNaN(value)) {
      this.#sum += value;
      this.#present++;
    }
    if (++this.#count < this.#factor) return undefined;
    const mean = 2 * this.#present >= this.#factor ? this.#sum / this.#present : NaN;
    this.#sum = this.#present = this.#count = 0;
    return mean;
  }
}

export class Seconds {
  readonly #startUs: number;
  readonly #rateHz: number;
  #index = 0;
  #nextUs: number;

  constructor(startUs: number, rateHz: number) {
    this.#startUs = startUs;
    this.#rateHz = rateHz;
    this.#nextUs = (Math.floor(startUs / 1e6) + 1) * 1e6;
  }

  /** Time of the next sample. */
  get nowUs(): number {
    return this.#startUs + (this.#index * 1e6) / this.#rateHz;
  }

  /** After every sample: the whole second that is complete now (below 1 Hz the last of several). */
  step(): number | undefined {
    this.#index++;
    const nowUs = this.nowUs;
    if (nowUs < this.#nextUs) return undefined;
    const secondUs = Math.floor(nowUs / 1e6) * 1e6;
    this.#nextUs = secondUs + 1e6;
    return secondUs;
  }
}

export class Ring {
  readonly #values: Float64Array;
  #count = 0;

  constructor(length: number) {
    this.#values = new Float64Array(length);
  }

  get length(): number {
    return this.#values.length;
  }

  /** All that were ever pushed. */
  get count(): number {
    return this.#count;
  }

  get full(): boolean {
    return this.#count >= this.#values.length;
  }

  push(value: number): void {
    this.#values[this.#count++ % this.#values.length] = value;
  }

  /** Oldest first: as many as there are. */
  copy(): Float64Array {
    if (!this.full) return this.#values.slice(0, this.#count);
    const split = this.#count % this.#values.length;
    const out = new Float64Array(this.#values.length);
    out.set(this.#values.subarray(split));
    out.set(this.#values.subarray(0, split), this.#values.length - split);
    return out;
  }

  mean(): number {
    const held = Math.min(this.#count, this.#values.length);
    let sum = 0;
    for (let i = 0; i < held; i++) sum += this.#values[i]!;
    return held > 0 ? sum / held : NaN;
  }
}

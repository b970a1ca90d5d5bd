/** The last n samples, copied out oldest first: for detectors that look at a whole window at once. */
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

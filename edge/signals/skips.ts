/**
 * Missing samples for a detector that looks at changes only: while nothing is there the last value
 * holds, and what comes after continues from it, so that a gap has no step at either end. The held
 * values go no further than the filters: nothing is stored, no beat can be found in them.
 */
export class Skips {
  #last = NaN;
  #offset = 0;
  #wasMissing = false;
  /** Whether the sample just given was the first of all. */
  isFirst = false;

  /** NaN is a missing sample. */
  step(value: number): number {
    if (Number.isNaN(value)) return this.#missing();
    this.isFirst = Number.isNaN(this.#last);
    if (this.#wasMissing && !this.isFirst) this.#offset = this.#last - value;
    this.#wasMissing = false;
    this.#last = value + this.#offset;
    return this.#last;
  }

  #missing(): number {
    this.isFirst = false;
    this.#wasMissing = true;
    return Number.isNaN(this.#last) ? 0 : this.#last;
  }
}

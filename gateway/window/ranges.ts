/**
 * A set of sequence numbers as ascending ranges that neither touch nor overlap. Frames mostly come
 * in order, so adding mostly stretches the last range.
 */
import type { Range } from '@vitalshare/edge/wire';

export class Ranges {
  /** first, last, first, last … */
  readonly #ends: number[] = [];

  constructor(ends: readonly number[] = []) {
    for (const end of ends) this.#ends.push(end);
  }

  /** first, last, first, last …, ascending. */
  get ends(): readonly number[] {
    return this.#ends;
  }

  get last(): number {
    return this.#ends.at(-1) ?? 0;
  }

  get count(): number {
    return this.#ends.length / 2;
  }

  at(index: number): Range {
    return { first: this.#ends[2 * index]!, last: this.#ends[2 * index + 1]! };
  }

  has(value: number): boolean {
    const index = this.#before(value);
    return index >= 0 && value <= this.#ends[2 * index + 1]!;
  }

  /** False where it was in already. */
  add(value: number): boolean {
    const ends = this.#ends;
    const index = this.#before(value);
    if (index >= 0 && value <= ends[2 * index + 1]!) return false;
    const joinsBefore = index >= 0 && ends[2 * index + 1] === value - 1;
    const joinsAfter = ends[2 * index + 2] === value + 1;
    if (joinsBefore && joinsAfter) ends.splice(2 * index + 1, 2);
    else if (joinsBefore) ends[2 * index + 1] = value;
    else if (joinsAfter) ends[2 * index + 2] = value;
    else ends.splice(2 * index + 2, 0, value, value);
    return true;
  }

  /** The index of the last range that begins at or before `value`; −1 for none. */
  #before(value: number): number {
    if (this.#ends.length > 0 && value >= this.#ends[this.#ends.length - 2]!) return this.count - 1;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[2 * middle]! <= value) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

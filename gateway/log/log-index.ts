/**
 * Where batches begin in the file: exactly for the newest few thousand, one place a mebibyte for
 * the rest, so that a year of batches costs a few hundred kilobytes of memory.
 */
import { INDEX_STRIDE_BYTES, RECENT_BATCHES_MAX } from '../limits.ts';

export interface Place {
  /** Of the batch's first record. */
  readonly position: number;
  /** Of its first byte in the file. */
  readonly offset: number;
}

export class LogIndex {
  readonly #sparse: Place[] = [];
  #recent: Place[] = [];

  /** One place a mebibyte, for a checkpoint. */
  get sparse(): readonly Place[] {
    return this.#sparse;
  }

  /** Batches are added in order. */
  add(place: Place): void {
    const last = this.#sparse.at(-1);
    if (last === undefined || place.offset - last.offset >= INDEX_STRIDE_BYTES) {
      this.#sparse.push(place);
    }
    this.#recent.push(place);
    if (this.#recent.length >= 2 * RECENT_BATCHES_MAX) {
      this.#recent = this.#recent.slice(-RECENT_BATCHES_MAX);
    }
  }

  /** The last known beginning at or before `position`; undefined in an empty log. */
  before(position: number): Place | undefined {
    const first = this.#recent[0];
    const list = first !== undefined && first.position <= position ? this.#recent : this.#sparse;
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle]!.position <= position) low = middle + 1;
      else high = middle;
    }
    return list[low - 1];
  }
}

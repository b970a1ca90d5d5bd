/**
 * Stretches of slots of a chunk, each brought by one masked frame: flat arrays that are filled again
 * and again, for a scan meets some seventy a chunk.
 */
import { CHUNK_SECONDS } from './chunk.ts';

export class Stretches {
  count = 0;
  readonly firsts = new Uint16Array(CHUNK_SECONDS);
  readonly slots = new Uint16Array(CHUNK_SECONDS);
  /** Which of the member's parts (its logs) the frame stands in, and where. */
  readonly parts = new Uint16Array(CHUNK_SECONDS);
  readonly positions = new Float64Array(CHUNK_SECONDS);

  clear(): void {
    this.count = 0;
  }

  push(part: number, position: number, first: number, slots: number): void {
    const i = this.count++;
    this.firsts[i] = first;
    this.slots[i] = slots;
    this.parts[i] = part;
    this.positions[i] = position;
  }

  /** By rising slot; they are disjoint. */
  sort(): void {
    const { count, firsts } = this;
    let i = 1;
    while (i < count && firsts[i]! > firsts[i - 1]!) i++;
    if (i >= count) return;
    const order = Uint16Array.from({ length: count }, (_, at) => at);
    order.sort((a, b) => firsts[a]! - firsts[b]!);
    for (const array of [this.firsts, this.slots, this.parts, this.positions]) {
      array.set(Array.from(order, (at) => array[at]!));
    }
  }

  equals(other: Stretches): boolean {
    if (this.count !== other.count) return false;
    for (let i = 0; i < this.count; i++) {
      const isSame =
        this.firsts[i] === other.firsts[i] &&
        this.slots[i] === other.slots[i] &&
        this.parts[i] === other.parts[i] &&
        this.positions[i] === other.positions[i];
      if (!isSame) return false;
    }
    return true;
  }
}

/**
 * Which slots of a chunk are meant, a bit each: bit i mod 8 of byte ⌊i/8⌋ for slot i, as in the
 * presence of a column [WIRE-8]. Worked on in words of 32, of which a chunk has 125.
 */
import { CHUNK_SECONDS, PRESENCE_BYTES } from './chunk.ts';

const WORDS = CHUNK_SECONDS / 32;

export class Mask {
  readonly bytes = new Uint8Array(PRESENCE_BYTES);
  readonly #words = new Uint32Array(this.bytes.buffer);

  clear(): void {
    this.#words.fill(0);
  }

  /** All of from ≤ slot < to and none besides. */
  setOnly(from: number, to: number): void {
    const isAll = from === 0 && to === CHUNK_SECONDS;
    this.#words.fill(isAll ? 0xffffffff : 0);
    if (!isAll) this.add(from, to);
  }

  /** from ≤ slot < to */
  add(from: number, to: number): void {
    for (let slot = from; slot < to;) {
      const word = slot >>> 5;
      const end = Math.min(to, 32 * (word + 1));
      this.#words[word]! |= bits(slot & 31, end - slot);
      slot = end;
    }
  }

  copy(other: Mask): void {
    this.#words.set(other.#words);
  }

  and(other: Mask): void {
    for (let i = 0; i < WORDS; i++) this.#words[i]! &= other.#words[i]!;
  }

  equals(other: Mask): boolean {
    for (let i = 0; i < WORDS; i++) if (this.#words[i] !== other.#words[i]) return false;
    return true;
  }

  /** Whether every slot of `other` is in here. */
  holds(other: Mask): boolean {
    for (let i = 0; i < WORDS; i++) {
      if ((other.#words[i]! & ~this.#words[i]!) !== 0) return false;
    }
    return true;
  }

  count(): number {
    let count = 0;
    for (let i = 0; i < WORDS; i++) {
      let word = this.#words[i]!;
      word -= (word >>> 1) & 0x55555555;
      word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
      count += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
    }
    return count;
  }

  /** Calls `each` with the maximal stretches of slots in here (or, `isIn` false, not in here). */
  eachStretch(
    from: number,
    to: number,
    isIn: boolean,
    each: (first: number, slots: number) => void,
  ): void {
    let first = this.#next(from, to, isIn);
    while (first < to) {
      const end = this.#next(first, to, !isIn);
      each(first, end - first);
      first = this.#next(end, to, isIn);
    }
  }

  /** The first slot of from ≤ slot < to that is in here, or not; `to` where there is none. */
  #next(from: number, to: number, isIn: boolean): number {
    const flip = isIn ? 0 : -1;
    for (let slot = from; slot < to; slot = 32 * ((slot >>> 5) + 1)) {
      const word = (this.#words[slot >>> 5]! ^ flip) & (-1 << (slot & 31));
      if (word !== 0) return Math.min(to, 32 * (slot >>> 5) + 31 - Math.clz32(word & -word));
    }
    return to;
  }
}

/** `count` ones from bit `first` on; first + count ≤ 32. */
const bits = (first: number, count: number): number =>
  (count === 32 ? -1 : (1 << count) - 1) << first;

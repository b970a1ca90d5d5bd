/**
 * Masks made ahead, while nobody waits: then an encryption is one multiplication. Each is given once; what is
 * kept is as secret as the plaintexts it will hide, so it stays in memory.
 */
import { MASKS_KEPT_MAX } from '../limits.ts';
import type { Masks } from './public-key.ts';

export class MaskPool implements Masks {
  readonly #source: Masks;
  readonly #kept: bigint[] = [];

  constructor(source: Masks) {
    this.#source = source;
  }

  get size(): number {
    return this.#kept.length;
  }

  /** Fills up to `size`; `breathe` lets other work go on after each. Throws RangeError beyond the limit. */
  async fill(size: number, breathe: () => Promise<void>): Promise<void> {
    if (size > MASKS_KEPT_MAX) {
      throw new RangeError(`a pool keeps at most ${MASKS_KEPT_MAX} masks, asked for ${size}`);
    }
    while (this.#kept.length < size) {
      this.#kept.push(this.#source.next());
      await breathe();
    }
  }

  /** One of those kept, or a new one. */
  next(): bigint {
    return this.#kept.pop() ?? this.#source.next();
  }
}

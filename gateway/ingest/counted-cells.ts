/**
 * Which cells (stay, second, vital sign) were taken, by five minutes: a bit a second. A cell that comes
 * again in another frame is not counted by bin again [PROTO-35].
 *
 * Filled from the log at start, so a restart forgets nothing. Windows are kept in two generations: when
 * the young one is full the old one is forgotten, so at least half the limit is always remembered and
 * nothing is moved about on the way.
 */
import { WINDOW_SECONDS } from '@vitalshare/cloud-sink/messages';
import { BINS_WINDOWS_MAX } from '../limits.ts';

const WINDOW_BYTES = Math.ceil(WINDOW_SECONDS / 8);

/** What a column says of presence; `vital` is a code. */
export interface ColumnCells {
  readonly vital: number;
  /** UTC second of row 0. */
  readonly start: number;
  readonly rows: number;
  readonly presence: Uint8Array;
}

export class CountedCells {
  #young = new Map<string, Uint8Array>();
  #old = new Map<string, Uint8Array>();

  /**
   * Takes every present cell of a column. `taken` hears of those nobody took before: the UTC second its
   * five minutes begin at, the place in them, and its number among the column's readings.
   */
  take(
    stay: string,
    { vital, start, rows, presence }: ColumnCells,
    taken?: (window: number, at: number, reading: number) => void,
  ): void {
    let window = -WINDOW_SECONDS;
    let bits: Uint8Array | undefined;
    let reading = -1;
    for (let row = 0; row < rows; row++) {
      if (((presence[row >> 3]! >> (row & 7)) & 1) === 0) continue;
      reading += 1;
      const second = start + row;
      if (bits === undefined || second - window >= WINDOW_SECONDS) {
        window = second - (second % WINDOW_SECONDS);
        bits = this.#touch(`${stay} ${vital} ${window}`);
      }
      const at = second - window;
      const bit = 1 << (at & 7);
      if ((bits[at >> 3]! & bit) !== 0) continue;
      bits[at >> 3]! |= bit;
      taken?.(window, at, reading);
    }
  }

  /** Whether somebody took that second of a vital sign. */
  has(stay: string, vital: number, second: number): boolean {
    const window = second - (second % WINDOW_SECONDS);
    const key = `${stay} ${vital} ${window}`;
    const bits = this.#young.get(key) ?? this.#old.get(key);
    const at = second - window;
    return bits !== undefined && (bits[at >> 3]! & (1 << (at & 7))) !== 0;
  }

  /** Everything, the old generation first, for a checkpoint. */
  *entries(): Generator<readonly [key: string, bits: Uint8Array]> {
    for (const entry of this.#old) if (!this.#young.has(entry[0])) yield entry;
    yield* this.#young;
  }

  /** Into empty cells, in the order of `entries`. */
  load(entries: Iterable<readonly [key: string, bits: Uint8Array]>): void {
    for (const [key, bits] of entries) this.#touch(key).set(bits);
  }

  #touch(key: string): Uint8Array {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const bits = this.#old.get(key) ?? new Uint8Array(WINDOW_BYTES);
    if (this.#young.size >= BINS_WINDOWS_MAX / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, bits);
    return bits;
  }
}

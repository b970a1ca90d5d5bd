/**
 * The moments of one chunk of a stay over its rows used, in words of 32 bits: what a scan yields and
 * what a summary keeps.
 *
 *   rows ‖ flags ‖ newest position 2 ‖ sums 2·k ‖ products k(k+1) ‖ leaves 8·k      k vital signs
 *
 * An element is two words, low and high; a leaf is the eight words of its SHA-256 [PROTO-16].
 */
export const ROWS = 0;
export const FLAGS = 1;
/** Of the last frame that brought a slot to any of the columns: low and high word. */
export const NEWEST = 2;
export const SUMS = 4;
export const LEAF_WORDS = 8;

export const FLAG = {
  /** Every arrival of the chunk counted, from one log, over all its seconds. */
  whole: 1,
  /** The vital signs are present in the same slots. */
  equal: 2,
  /** Sums and products were computed. */
  moments: 4,
  /** Some row's readings came from different frames where products need one [PROTO-17]. */
  acrossFrames: 8,
} as const;

export const sumAt = (i: number): number => SUMS + 2 * i;

/** Products stand in the order (1,1), (1,2) … (k,k); a ≤ b from 0. */
export const productAt = (k: number, a: number, b: number): number =>
  SUMS + 2 * k + 2 * (a * k - (a * (a - 1)) / 2 + b - a);

export const leafAt = (k: number, i: number): number => SUMS + 2 * k + k * (k + 1) + LEAF_WORDS * i;

export const recordWords = (k: number): number => leafAt(k, k);

export const newestOf = (words: Uint32Array, at: number): number =>
  words[at + NEWEST]! + 2 ** 32 * words[at + NEWEST + 1]!;

/** The record of vital signs `a` and `b` alone, of the k in this one; of one where a = b. */
export function pairOf(
  words: Uint32Array,
  at: number,
  k: number,
  a: number,
  b: number,
): Uint32Array {
  const chosen = a === b ? [a] : [a, b];
  const pair = new Uint32Array(recordWords(chosen.length));
  pair.set(words.subarray(at, at + SUMS));
  const copy = (to: number, from: number, count: number): void =>
    pair.set(words.subarray(at + from, at + from + count), to);
  chosen.forEach((x, i) => {
    copy(sumAt(i), sumAt(x), 2);
    copy(leafAt(chosen.length, i), leafAt(k, x), LEAF_WORDS);
    chosen.slice(i).forEach((y, j) => {
      const product = productAt(k, Math.min(x, y), Math.max(x, y));
      copy(productAt(chosen.length, i, i + j), product, 2);
    });
  });
  return pair;
}

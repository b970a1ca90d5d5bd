/**
 * Keystreams, as bytes and as field elements (SHARING.md, Keys).
 *
 *   element i = low 61 bits of the u64 at byte 8·i; all ones is redrawn from block 2^31 on [SHARE-8]
 */
import { elementCount, type FieldVector } from '../field/field.ts';
import { keystreamWords } from './chacha20.ts';

/** Elements one masked frame may take from a stream [SHARE-8]: 2^17 blocks, far below block 2^31. */
export const ELEMENTS_MAX = 1 << 20;

/** The block at which redrawn elements begin: the "fixed tail" of [S20]. */
const TAIL_BLOCK = 0x80000000;

const LOW_MASK = 0x7fffffff;
const HIGH_MASK = 0x3fffffff;

let scratch = new Uint32Array(1024);

/** What makes keystream words. Replaceable only so that a test can force an all-ones word [S20]. */
export type WordSource = typeof keystreamWords;

/** Fills `vector` with the elements from `first` on. Counters are below 2^53. */
export function streamElements(
  key: Uint8Array,
  counter: number,
  first: number,
  vector: FieldVector,
  words: WordSource = keystreamWords,
): void {
  const count = elementCount(vector);
  if (first + count > ELEMENTS_MAX) {
    throw new RangeError(`a frame takes at most ${ELEMENTS_MAX} elements, asked ${first + count}`);
  }
  const skip = (2 * first) % 16;
  const wordCount = skip + 2 * count;
  reserve(wordCount);
  words(key, counter, (2 * first - skip) / 16, scratch, wordCount);
  for (let i = 0; i < 2 * count; i += 2) {
    const word0 = scratch[skip + i]!;
    const low = word0 & LOW_MASK;
    const high = ((word0 >>> 31) | (scratch[skip + i + 1]! << 1)) & HIGH_MASK;
    vector[i] = low;
    vector[i + 1] = high;
    if (low === LOW_MASK && high === HIGH_MASK) {
      redraw(key, counter, first + i / 2, vector, i, words);
    }
  }
}

/** `count` bytes of keystream from byte `first` on. */
export function streamBytes(
  key: Uint8Array,
  counter: number,
  first: number,
  count: number,
): Uint8Array {
  const skip = first % 64;
  const wordCount = Math.ceil((skip + count) / 4);
  const words = new Uint32Array(Math.ceil(wordCount / 16) * 16);
  keystreamWords(key, counter, (first - skip) / 64, words, wordCount);
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < words.length; i++) view.setUint32(4 * i, words[i]!, true);
  return bytes.subarray(skip, skip + count);
}

/** Probability 2^-61 an element: the tail's element of the same index, or 0 if that is all ones too. */
function redraw(
  key: Uint8Array,
  counter: number,
  element: number,
  vector: FieldVector,
  at: number,
  words: WordSource,
): void {
  const block = new Uint32Array(16);
  const skip = (2 * element) % 16;
  words(key, counter, TAIL_BLOCK + (2 * element - skip) / 16, block, 16);
  const low = block[skip]! & LOW_MASK;
  const high = ((block[skip]! >>> 31) | (block[skip + 1]! << 1)) & HIGH_MASK;
  const allOnes = low === LOW_MASK && high === HIGH_MASK;
  vector[at] = allOnes ? 0 : low;
  vector[at + 1] = allOnes ? 0 : high;
}

function reserve(wordCount: number): void {
  const whole = Math.ceil(wordCount / 16) * 16;
  if (scratch.length < whole) scratch = new Uint32Array(whole);
}

/**
 * Keystreams as field elements, and masks, as a textbook writes them in BigInt: the twin of the mask
 * kernel, and the slow path for what it leaves over.
 *
 *   element i = low 61 bits of the u64 at byte 8·i; if all ones, of the same u64 from block 2^31 on;
 *   if all ones again, 0 [SHARE-8] [S20]
 */
import { P, elementCount, getBigInt, setBigInt, type FieldVector } from '../field/field.ts';
import { add, multiply } from '../field/textbook.ts';
import { chachaBlock } from './chacha20.ts';

const TAIL_BLOCK = 2 ** 31;

/** Elements `first` to `first + count − 1`. `block` is replaced by tests that force all ones. */
export function elementsOf(
  key: Uint8Array,
  counter: number,
  first: number,
  count: number,
  block: typeof chachaBlock = chachaBlock,
): bigint[] {
  let words: Uint32Array = new Uint32Array(0);
  return Array.from({ length: count }, (_, i) => {
    const [number, at] = [(first + i) >> 3, (first + i) & 7];
    if (i === 0 || at === 0) words = block(key, counter, number);
    const element = elementAt(words, at);
    if (element !== P) return element;
    const again = elementAt(block(key, counter, TAIL_BLOCK + number), at);
    return again === P ? 0n : again;
  });
}

/** vector += Σ_A f_A·ψ_A from element `first` on; `keys` has 32 bytes a set, `factors` one element. */
export function addMasksTextbook(
  vector: FieldVector,
  keys: Uint8Array,
  factors: readonly bigint[],
  counter: number,
  first: number,
  block: typeof chachaBlock = chachaBlock,
): void {
  const count = elementCount(vector);
  factors.forEach((factor, set) => {
    const key = keys.subarray(32 * set, 32 * set + 32);
    elementsOf(key, counter, first, count, block).forEach((element, i) => {
      setBigInt(vector, i, add(getBigInt(vector, i), multiply(factor, element)));
    });
  });
}

const elementAt = (words: Uint32Array, at: number): bigint =>
  ((BigInt(words[2 * at + 1]!) << 32n) | BigInt(words[2 * at]!)) & P;

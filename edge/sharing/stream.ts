/**
 * Keystreams, as bytes and as field elements (SHARING.md, Keys).
 *
 *   element i = low 61 bits of the u64 at byte 8·i; all ones is redrawn from block 2^31 on [SHARE-8]
 */
import { elementCount, type FieldVector } from '../field/field.ts';
import { addMasks, type MaskEngine, xorMasks } from './masks.ts';

/** Elements one masked frame may take from a stream [SHARE-8]: 2^17 blocks, far below block 2^31. */
export const ELEMENTS_MAX = 1 << 20;

const ONE: FieldVector = Uint32Array.of(1, 0);

/** Throws RangeError where a frame would take more elements of a stream than it has before the tail. */
export function checkElements(first: number, count: number): void {
  if (first + count > ELEMENTS_MAX) {
    throw new RangeError(`a frame takes at most ${ELEMENTS_MAX} elements, asked ${first + count}`);
  }
}

/** Fills `vector` with the elements from `first` on. Counters are below 2^53. */
export function streamElements(
  key: Uint8Array,
  counter: number,
  first: number,
  vector: FieldVector,
  engine?: MaskEngine,
): void {
  checkElements(first, elementCount(vector));
  vector.fill(0);
  addMasks(vector, key, ONE, counter, first, engine);
}

/** `count` bytes of keystream from byte `first` on. */
export function streamBytes(
  key: Uint8Array,
  counter: number,
  first: number,
  count: number,
): Uint8Array {
  const bytes = new Uint8Array(count);
  xorMasks(bytes, key, counter, first);
  return bytes;
}

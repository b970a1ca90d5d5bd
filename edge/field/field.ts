/**
 * The field of p = 2^61 − 1 over typed arrays (SHARING.md, Field).
 *
 * An element x is two 31|30-bit words: low = x mod 2^31, high = x >> 31. A `FieldVector` holds them
 * side by side: [low_0, high_0, low_1, high_1, …]. Since 2^61 ≡ 1, a carry out of the top word comes
 * back in at the bottom. Every stored element is canonical (below p), so equal values are equal words.
 *
 * The fast form is here; `textbook.ts` is its BigInt twin, and a property test holds them together.
 */

export const P = (1n << 61n) - 1n;

/** Two u32 words per element. */
export type FieldVector = Uint32Array<ArrayBuffer>;

const LOW_MASK = 0x7fffffff;
const HIGH_MASK = 0x3fffffff;

/** Bytes that are not a field element. Never says the word itself: it may be a share. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
}

export const fieldVector = (count: number): FieldVector => new Uint32Array(2 * count);

export const elementCount = (vector: FieldVector): number => vector.length >>> 1;

/** Writes words that may equal p or carry out of their width (low < 2^32, high < 2^31) canonically. */
function setFolded(vector: FieldVector, index: number, low: number, high: number): void {
  high += low >>> 31;
  low = (low & LOW_MASK) + (high >>> 30);
  high &= HIGH_MASK;
  // One more carry happens only when low was all ones; then low is 0 now and high takes 1.
  high += low >>> 31;
  low &= LOW_MASK;
  if (high > HIGH_MASK) {
    high = 0;
    low += 1;
  }
  if (low === LOW_MASK && high === HIGH_MASK) {
    low = 0;
    high = 0;
  }
  vector[2 * index] = low;
  vector[2 * index + 1] = high;
}

/** Stores an integer of magnitude below 2^53; a negative −v becomes p − v. */
export function setInteger(vector: FieldVector, index: number, value: number): void {
  if (!Number.isSafeInteger(value)) {
    throw new RangeError('a field element is set from a safe integer');
  }
  const magnitude = Math.abs(value);
  const low = magnitude % 0x80000000;
  const high = Math.floor(magnitude / 0x80000000);
  if (value < 0) setFolded(vector, index, LOW_MASK - low, HIGH_MASK - high);
  else setFolded(vector, index, low, high);
}

export function setBigInt(vector: FieldVector, index: number, value: bigint): void {
  const reduced = ((value % P) + P) % P;
  vector[2 * index] = Number(reduced & 0x7fffffffn);
  vector[2 * index + 1] = Number(reduced >> 31n);
}

export const getBigInt = (vector: FieldVector, index: number): bigint =>
  (BigInt(vector[2 * index + 1]!) << 31n) | BigInt(vector[2 * index]!);

/** An element as a signed integer: above (p−1)/2 it is negative. */
export const toSigned = (element: bigint): bigint =>
  element > (P - 1n) / 2n ? element - P : element;

/** vector[i] + other[i] into vector. */
export function addVectors(vector: FieldVector, other: FieldVector): void {
  for (let i = 0; i < vector.length; i += 2) {
    setFolded(vector, i >>> 1, vector[i]! + other[i]!, vector[i + 1]! + other[i + 1]!);
  }
}

/** Reads `count` u64 words. Throws FieldError on a word that is not below p [SHARE-1]. */
export function readElements(bytes: Uint8Array, offset: number, count: number): FieldVector {
  if (offset + 8 * count > bytes.length) {
    throw new FieldError(`expected ${count} elements, got ${bytes.length - offset} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const vector = fieldVector(count);
  for (let i = 0; i < count; i++) {
    const word0 = view.getUint32(offset + 8 * i, true);
    const word1 = view.getUint32(offset + 8 * i + 4, true);
    const low = word0 & LOW_MASK;
    const high = (word0 >>> 31) | ((word1 & 0x1fffffff) << 1);
    if (word1 > 0x1fffffff || (low === LOW_MASK && high === HIGH_MASK)) {
      throw new FieldError(`element ${i} is not below 2^61 - 1`);
    }
    vector[2 * i] = low;
    vector[2 * i + 1] = high;
  }
  return vector;
}

/** Writes every element as u64 into `out` at `offset`; returns the offset behind the last. */
export function writeElements(vector: FieldVector, out: Uint8Array, offset: number): number {
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  for (let i = 0; i < vector.length; i += 2) {
    const low = vector[i]!;
    const high = vector[i + 1]!;
    view.setUint32(offset, (low | (high << 31)) >>> 0, true);
    view.setUint32(offset + 4, high >>> 1, true);
    offset += 8;
  }
  return offset;
}

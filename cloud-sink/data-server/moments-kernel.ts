/**
 * Σ x_a and Σ x_a·x_b of up to eight columns, exact mod p: the kernel `kernel/moments.as.ts` with
 * typed arrays around it.
 *
 * An element lies in two planes, lows (x mod 2^31) and highs (x >> 31), as in a chunk of the store, so
 * a chunk is copied in as it is. An absent element must be 0: `keep` makes it so.
 *
 * V8 does not replace a loop that runs by its optimised form, only the next call of it: so calls are
 * short, and `warmUp` runs before it counts.
 */
import { instantiate } from '@vitalshare/edge/kernel';
import { CHUNK_SECONDS, PLANE_BYTES } from './chunk.ts';
import { WASM_BASE64 } from './kernel/moments.wasm.ts';

/** Elements of one call, up to which 64-bit lanes are exact with room to spare. */
const CALL_ELEMENTS_MAX = 50_000;
const COLUMNS_MAX = 8;
const PAGE_BYTES = 65_536;
/** After some hundred calls of 4,000 elements V8 has the optimised form ready. */
const WARM_UP_CALLS = 500;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly PLANES: { readonly value: number };
  readonly MASK: { readonly value: number };
  readonly COLUMNS: { readonly value: number };
  readonly RESULTS: { readonly value: number };
  moments(k: number, count: number, degree: number): void;
  zeroAbsent(plane: number, count: number): void;
}

export class MomentsKernel {
  readonly #exports = instantiate('moments', WASM_BASE64) as Exports;
  #bytes = new Uint8Array(this.#exports.memory.buffer);
  #words = new Uint32Array(this.#exports.memory.buffer);
  #planes: Uint8Array[] = [];
  /** By k: every plane of the first k columns. */
  readonly #chunkPointers = Array.from({ length: COLUMNS_MAX + 1 }, (_, k) =>
    Array.from({ length: 2 * k }, (_, plane) => this.#exports.PLANES.value + PLANE_BYTES * plane),
  );

  /** The planes of column 0 to 7 of a chunk, lows and then highs, of 16,000 bytes each. */
  planes(column: number): Uint8Array {
    const at = this.#exports.PLANES.value + 2 * PLANE_BYTES * column;
    return (this.#planes[column] ??= this.#bytes.subarray(at, at + 2 * PLANE_BYTES));
  }

  /** Zeroes the elements of a chunk's column whose bit in `mask` is 0, or whose byte is missing. */
  keep(column: number, mask: Uint8Array, count: number): void {
    const { MASK, PLANES } = this.#exports;
    this.#bytes.set(mask, MASK.value);
    const at = PLANES.value + 2 * PLANE_BYTES * column;
    this.#exports.zeroAbsent(at, count);
    this.#exports.zeroAbsent(at + PLANE_BYTES, count);
  }

  /**
   * The moments of the first `count` ≤ 4,000 elements of columns 0 to k − 1: two words each (low,
   * high) of k sums and, at degree 2, k(k+1)/2 products. The array is good until the next call.
   */
  ofChunk(k: number, count: number, degree: 1 | 2): Uint32Array {
    return this.at(this.#chunkPointers[k]!, count, degree);
  }

  /** The same of planes anywhere in memory: `pointers` are lows and highs of each column in turn. */
  at(pointers: readonly number[], count: number, degree: 1 | 2): Uint32Array {
    const k = pointers.length / 2;
    if (k > COLUMNS_MAX || count > CALL_ELEMENTS_MAX) {
      throw new RangeError(
        `expected at most ${COLUMNS_MAX} columns of ${CALL_ELEMENTS_MAX} elements, got ${k} of ${count}`,
      );
    }
    const { COLUMNS, RESULTS } = this.#exports;
    this.#words.set(pointers, COLUMNS.value / 4);
    this.#exports.moments(k, count, degree);
    const words = 2 * (degree === 2 ? k + (k * (k + 1)) / 2 : k);
    return this.#words.subarray(RESULTS.value / 4, RESULTS.value / 4 + words);
  }

  /** More memory, zeros: where it begins, and its words. Arrays from before are void. */
  reserve(lengthBytes: number): { at: number; words: Uint32Array } {
    const { memory } = this.#exports;
    const at = PAGE_BYTES * memory.grow(Math.ceil(lengthBytes / PAGE_BYTES));
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Uint32Array(memory.buffer);
    this.#planes = [];
    return { at, words: this.#words.subarray(at / 4, (at + lengthBytes) / 4) };
  }

  warmUp(): void {
    for (let call = 0; call < WARM_UP_CALLS; call++) this.ofChunk(2, CHUNK_SECONDS, 2);
  }
}

/** The element of two words. */
export const elementOf = (low: number, high: number): bigint => BigInt(low) + (BigInt(high) << 31n);

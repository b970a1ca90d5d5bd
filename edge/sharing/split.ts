/**
 * Splitting: the gateway's half of the sharing (SHARING.md).
 *
 *   d = x − Σ_A ψ_A      one masked value for all servers; waveforms: XOR with every set's keystream
 *
 * One call masks one frame under one counter. The caller counts up in memory and never twice [S1].
 */
import { fieldVector, setInteger, subtractVectors, writeElements } from '../field/field.ts';
import type { FieldVector } from '../field/field.ts';
import { KAPPA_BYTES, commitmentOf, xorInto } from './commitment.ts';
import { USE, type MaskKeys, type Use } from './keys.ts';
import { streamBytes, streamElements } from './stream.ts';

/** A column's present readings as fixed-point integers, and its header bytes in the masked frame. */
export interface ColumnPlain {
  readonly header: Uint8Array;
  readonly values: ArrayLike<number>;
}

/** A segment's plaintext: flags, quality, samples [SHARE-11]. */
export interface SegmentPlain {
  readonly header: Uint8Array;
  readonly plaintext: Uint8Array;
}

export interface FramePlain {
  readonly columns: readonly ColumnPlain[];
  /** Exact products per product column, in the order of [SHARE-10]; magnitudes below 2^53. */
  readonly products: readonly ArrayLike<number>[];
  readonly segments: readonly SegmentPlain[];
}

export interface FrameMasked {
  readonly columns: readonly { masked: FieldVector; commitment: Uint8Array }[];
  readonly products: readonly FieldVector[];
  readonly segments: readonly { masked: Uint8Array; commitment: Uint8Array }[];
}

/** Masks one frame of `stay`. `keys` must hold every set of the configuration. */
export function splitFrame(
  keys: MaskKeys,
  stay: string,
  counter: number,
  frame: FramePlain,
): FrameMasked {
  const parts = frame.columns.length + frame.segments.length;
  const kappas = parts === 0 ? new Uint8Array(0) : kappaBytes(keys, stay, counter, parts);
  const kappa = (part: number) => kappas.subarray(KAPPA_BYTES * part, KAPPA_BYTES * (part + 1));

  const plain = frame.columns.map((column) => toVector(column.values));
  const commitments = frame.columns.map((column, index) => {
    const bytes = new Uint8Array(plain[index]!.length * 4);
    writeElements(plain[index]!, bytes, 0);
    return commitmentOf(kappa(index), column.header, bytes);
  });
  const columns = maskVectors(keys, USE.numeric, stay, counter, plain);
  const products = maskVectors(keys, USE.product, stay, counter, frame.products.map(toVector));
  const segments = maskSegments(keys, stay, counter, frame.segments, (index) =>
    kappa(frame.columns.length + index),
  );
  return {
    columns: columns.map((masked, index) => ({ masked, commitment: commitments[index]! })),
    products,
    segments,
  };
}

/**
 * Masks one increment of bin counts, one element a bin [SHARE-20]. `counter` is the stay's own for
 * this use: it counts up in memory and never twice [SHARE-21] [S1].
 */
export const splitCounts = (
  keys: MaskKeys,
  stay: string,
  counter: number,
  counts: ArrayLike<number>,
): FieldVector => maskVectors(keys, USE.bin, stay, counter, [toVector(counts)])[0]!;

function toVector(values: ArrayLike<number>): FieldVector {
  const vector = fieldVector(values.length);
  for (let i = 0; i < values.length; i++) setInteger(vector, i, values[i]!);
  return vector;
}

/** κ of every part, side by side. */
function kappaBytes(keys: MaskKeys, stay: string, counter: number, parts: number): Uint8Array {
  const kappas = new Uint8Array(KAPPA_BYTES * parts);
  for (const key of keys.keysOf(USE.commit, stay)) {
    xorInto(kappas, streamBytes(key, counter, 0, kappas.length));
  }
  return kappas;
}

/** Masks vectors that follow each other in one keystream [SHARE-9]. */
function maskVectors(
  keys: MaskKeys,
  use: Use,
  stay: string,
  counter: number,
  vectors: readonly FieldVector[],
): FieldVector[] {
  const words = vectors.reduce((sum, vector) => sum + vector.length, 0);
  if (words === 0) return [...vectors];
  const joined = new Uint32Array(words);
  let at = 0;
  for (const vector of vectors) {
    joined.set(vector, at);
    at += vector.length;
  }
  const stream = fieldVector(words / 2);
  for (const key of keys.keysOf(use, stay)) {
    streamElements(key, counter, 0, stream);
    subtractVectors(joined, stream);
  }
  at = 0;
  return vectors.map((vector) => joined.slice(at, (at += vector.length)));
}

function maskSegments(
  keys: MaskKeys,
  stay: string,
  counter: number,
  segments: readonly SegmentPlain[],
  kappa: (index: number) => Uint8Array,
): { masked: Uint8Array; commitment: Uint8Array }[] {
  const total = segments.reduce((sum, segment) => sum + segment.plaintext.length, 0);
  if (total === 0) return [];
  const stream = new Uint8Array(total);
  for (const key of keys.keysOf(USE.waveform, stay)) {
    xorInto(stream, streamBytes(key, counter, 0, total));
  }
  let at = 0;
  return segments.map(({ header, plaintext }, index) => {
    // A copy by construction: `slice` of a Buffer would be a view on the plaintext.
    const masked = new Uint8Array(plaintext);
    xorInto(masked, stream.subarray(at, (at += plaintext.length)));
    return { masked, commitment: commitmentOf(kappa(index), header, plaintext) };
  });
}

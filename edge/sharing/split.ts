/**
 * Splitting: the gateway's half of the sharing (SHARING.md).
 *
 *   d = x − Σ_A ψ_A      one masked value for all servers; waveforms: XOR with every set's keystream
 *
 * One call masks one frame under one counter. The caller counts up in memory and never twice [S1].
 */
import { elementCount, fieldVector, setInteger, writeElements } from '../field/field.ts';
import type { FieldVector } from '../field/field.ts';
import { concatBytes, hmacSha256 } from '../seal/seal.ts';
import { KAPPA_BYTES, commitmentOf } from './commitment.ts';
import { USE, type MaskKeys, type Use } from './keys.ts';
import { subtractMasks, xorMasks } from './masks.ts';
import { checkElements } from './stream.ts';

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

/**
 * Masks one frame of `stay`. `keys` must hold every set of the configuration; `hmac` is HMAC-SHA-256,
 * of which the platform may have a faster one.
 */
export function splitFrame(
  keys: MaskKeys,
  stay: string,
  counter: number,
  frame: FramePlain,
  hmac = hmacSha256,
): FrameMasked {
  const parts = frame.columns.length + frame.segments.length;
  const kappas = parts === 0 ? new Uint8Array(0) : kappaBytes(keys, stay, counter, parts);

  const readings = frame.columns.map(({ values }) => values);
  const plain = joinedOf(readings);
  const plainBytes = new Uint8Array(4 * plain.length);
  writeElements(plain, plainBytes, 0);
  let at = 0;
  const commitments = frame.columns.map(({ header, values }, index) => {
    const bytes = plainBytes.subarray(at, (at += 8 * values.length));
    return commitmentOf(kappaAt(kappas, index), header, bytes, hmac);
  });
  const columns = maskInto(keys, USE.numeric, stay, counter, plain, readings);
  const products = joinedOf(frame.products);
  const segments = maskSegments(keys, stay, counter, frame.segments, (index, header, plaintext) =>
    commitmentOf(kappaAt(kappas, frame.columns.length + index), header, plaintext, hmac),
  );
  return {
    columns: columns.map((masked, index) => ({ masked, commitment: commitments[index]! })),
    products: maskInto(keys, USE.product, stay, counter, products, frame.products),
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
): FieldVector => maskInto(keys, USE.bin, stay, counter, joinedOf([counts]), [counts])[0]!;

/** All values in one vector, part after part [SHARE-9]. */
function joinedOf(parts: readonly ArrayLike<number>[]): FieldVector {
  const joined = fieldVector(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const values of parts) {
    for (let i = 0; i < values.length; i++) setInteger(joined, at++, values[i]!);
  }
  return joined;
}

const kappaAt = (kappas: Uint8Array, part: number): Uint8Array =>
  kappas.subarray(KAPPA_BYTES * part, KAPPA_BYTES * (part + 1));

/** κ of every part, side by side. */
function kappaBytes(keys: MaskKeys, stay: string, counter: number, parts: number): Uint8Array {
  const kappas = new Uint8Array(KAPPA_BYTES * parts);
  xorMasks(kappas, keys.packedKeysOf(USE.commit, stay), counter);
  return kappas;
}

/** Masks `joined` where it lies, and gives back each part of it. */
function maskInto(
  keys: MaskKeys,
  use: Use,
  stay: string,
  counter: number,
  joined: FieldVector,
  parts: readonly ArrayLike<number>[],
): FieldVector[] {
  if (parts.length === 0) return [];
  checkElements(0, elementCount(joined));
  if (joined.length > 0) subtractMasks(joined, keys.packedKeysOf(use, stay), counter);
  let at = 0;
  return parts.map(({ length }) => joined.subarray(at, (at += 2 * length)));
}

function maskSegments(
  keys: MaskKeys,
  stay: string,
  counter: number,
  segments: readonly SegmentPlain[],
  commitment: (index: number, header: Uint8Array, plaintext: Uint8Array) => Uint8Array,
): { masked: Uint8Array; commitment: Uint8Array }[] {
  if (segments.length === 0) return [];
  const joined = concatBytes(...segments.map(({ plaintext }) => plaintext));
  xorMasks(joined, keys.packedKeysOf(USE.waveform, stay), counter);
  let at = 0;
  return segments.map(({ header, plaintext }, index) => {
    const masked = joined.subarray(at, (at += plaintext.length));
    return { masked, commitment: commitment(index, header, plaintext) };
  });
}

/**
 * Deriving: a data server's half of the sharing (SHARING.md).
 *
 *   x_j = d + Σ_{A∋j} ψ_A · f_A(j)       server j's Shamir share, degree t
 *
 * And what a server may hand to a permitted reader for a granted part: keystream, never keys [S7].
 */
import { elementCount, fieldVector, setBigInt, type FieldVector } from '../field/field.ts';
import { KAPPA_BYTES } from './commitment.ts';
import { USE, type MaskKeys, type Use } from './keys.ts';
import { addMasks } from './masks.ts';
import { fOfSet } from './sets.ts';
import { checkElements, streamBytes, streamElements } from './stream.ts';

const factorCache = new WeakMap<MaskKeys, { server: number; factors: FieldVector }>();

/**
 * Server `server`'s shares of all elements of one masked frame under `use`, in order.
 * `keys` must hold exactly the server's sets. Throws RangeError above ELEMENTS_MAX elements.
 */
export function deriveShares(
  keys: MaskKeys,
  server: number,
  use: Use,
  stay: string,
  counter: number,
  masked: FieldVector,
): FieldVector {
  const shares = masked.slice();
  deriveInto(keys, server, use, stay, counter, shares);
  return shares;
}

/** `deriveShares` in place: the masked elements of `vector` become the server's shares. */
export function deriveInto(
  keys: MaskKeys,
  server: number,
  use: Use,
  stay: string,
  counter: number,
  vector: FieldVector,
): void {
  checkElements(0, elementCount(vector));
  if (vector.length === 0) return;
  addMasks(vector, keys.packedKeysOf(use, stay), factorsOf(keys, server), counter);
}

/** Numeric keystream of one held set: elements `first` to `first + count − 1`. */
export function grantElements(
  keys: MaskKeys,
  mask: number,
  stay: string,
  counter: number,
  first: number,
  count: number,
): FieldVector {
  const stream = fieldVector(count);
  streamElements(keys.keyOf(mask, USE.numeric, stay), counter, first, stream);
  return stream;
}

/** Waveform keystream of one held set: bytes `first` to `first + count − 1`. */
export const grantBytes = (
  keys: MaskKeys,
  mask: number,
  stay: string,
  counter: number,
  first: number,
  count: number,
): Uint8Array => streamBytes(keys.keyOf(mask, USE.waveform, stay), counter, first, count);

/** One held set's 32 bytes towards κ of part `part` (columns first, then segments). */
export const grantCommit = (
  keys: MaskKeys,
  mask: number,
  stay: string,
  counter: number,
  part: number,
): Uint8Array =>
  streamBytes(keys.keyOf(mask, USE.commit, stay), counter, KAPPA_BYTES * part, KAPPA_BYTES);

/** f_A(server) of every held set, one element each. */
function factorsOf(keys: MaskKeys, server: number): FieldVector {
  const cached = factorCache.get(keys);
  if (cached?.server === server) return cached.factors;
  const factors = fieldVector(keys.masks.length);
  keys.masks.forEach((mask, set) => setBigInt(factors, set, fOfSet(keys.config, mask, server)));
  factorCache.set(keys, { server, factors });
  return factors;
}

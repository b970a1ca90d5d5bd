/**
 * Deriving: a data server's half of the sharing (SHARING.md).
 *
 *   x_j = d + Σ_{A∋j} ψ_A · f_A(j)       server j's Shamir share, degree t
 *
 * And what a server may hand to a permitted reader for a granted part: keystream, never keys [S7].
 */
import { addScaled, elementCount, fieldVector, type FieldVector } from '../field/field.ts';
import { KAPPA_BYTES } from './commitment.ts';
import { USE, type MaskKeys, type Use } from './keys.ts';
import { fOfSet } from './sets.ts';
import { streamBytes, streamElements } from './stream.ts';

const factorCache = new WeakMap<MaskKeys, { server: number; factors: bigint[] }>();

/**
 * Server `server`'s shares of all elements of one masked frame under `use`, in order.
 * `keys` must hold exactly the server's sets.
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
  if (masked.length === 0) return shares;
  const factors = factorsOf(keys, server);
  const stream = fieldVector(elementCount(masked));
  keys.keysOf(use, stay).forEach((key, index) => {
    streamElements(key, counter, 0, stream);
    addScaled(shares, factors[index]!, stream);
  });
  return shares;
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

function factorsOf(keys: MaskKeys, server: number): bigint[] {
  const cached = factorCache.get(keys);
  if (cached?.server === server) return cached.factors;
  const factors = keys.masks.map((mask) => fOfSet(keys.config, mask, server));
  factorCache.set(keys, { server, factors });
  return factors;
}

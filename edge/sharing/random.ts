/**
 * Shares of a random value that nobody knows, degree t, from keys that servers hold (SHARING.md,
 * Audits) [SHARE-15].
 *
 *   Σ_{A∋j} f_A(j) · ρ_A
 *
 * Added to a linear combination of shares before it leaves the server, so that whoever collects all
 * of them can see whether they fit one polynomial, and nothing of what was combined. Any t servers
 * miss one ρ_A, which alone makes the constant uniform.
 */
import { elementCount, fieldVector, type FieldVector, getBigInt } from '../field/field.ts';
import { add, multiply } from '../field/textbook.ts';
import { hmacSha256 } from '../seal/seal.ts';
import { fOfSet, indicesOf, setsOfServer, type SharingConfig } from './sets.ts';
import { ELEMENTS_MAX, streamElements } from './stream.ts';

/**
 * Server `server`'s shares of `count` random values. `keys` maps each of its sets to Z_A; `binding`
 * is 32 bytes, another one for every use. Throws RangeError where a key is missing.
 */
export function randomShares(
  config: SharingConfig,
  server: number,
  keys: ReadonlyMap<number, Uint8Array>,
  binding: Uint8Array,
  count: number,
): bigint[] {
  if (binding.length !== 32) throw new RangeError('a binding has 32 bytes');
  const shares = new Array<bigint>(count).fill(0n);
  for (const mask of setsOfServer(config, server)) {
    const key = keys.get(mask);
    if (!key) throw new RangeError(`no zero-share key for servers ${indicesOf(mask).join(', ')}`);
    const values = fieldVector(count);
    streamElements(hmacSha256(key, binding), 0, 0, values);
    const factor = fOfSet(config, mask, server);
    for (let m = 0; m < count; m++) {
      shares[m] = add(shares[m]!, multiply(factor, getBigInt(values, m)));
    }
  }
  return shares;
}

/**
 * Coefficients of combination `e` for the audit's elements `first`, `first + 1` … into `vector`
 * [SHARE-16]. `challenge` is 32 bytes that nobody knew before the shares were committed to [S20].
 */
export function auditCoefficients(
  challenge: Uint8Array,
  e: number,
  first: number,
  vector: FieldVector,
): void {
  for (let done = 0; done < elementCount(vector);) {
    const at = first + done;
    const [block, within] = [Math.floor(at / ELEMENTS_MAX), at % ELEMENTS_MAX];
    const count = Math.min(elementCount(vector) - done, ELEMENTS_MAX - within);
    const part = vector.subarray(2 * done, 2 * (done + count));
    streamElements(challenge, 2 * block + e, within, part);
    done += count;
  }
}

/**
 * Shares of zero, degree 2t, from keys that servers hold and the gateway does not (SHARING.md).
 *
 *   Σ_{A∋j} f_A(j) · Σ_{e=1..t} j^e · ζ_{A,e}
 *
 * Added to a product of shares before it leaves the server, so that the reader sees the result and
 * nothing of the polynomial it lay on. The key binds everything that decides the answer [S9].
 */
import { fieldVector, getBigInt } from '../field/field.ts';
import { add, multiply } from '../field/textbook.ts';
import { concatBytes, hkdfExtract, hmacSha256, utf8 } from '../seal/seal.ts';
import { fOfSet, indicesOf, setsOfServer, type SharingConfig } from './sets.ts';
import { streamElements } from './stream.ts';

/** Z_A from its members' contributions, 32 bytes each, by rising index [SHARE-13]. */
export function zeroKey(contributions: readonly Uint8Array[]): Uint8Array {
  for (const contribution of contributions) {
    if (contribution.length !== 32) throw new RangeError('a contribution has 32 bytes');
  }
  return hkdfExtract(utf8('vitalshare zero 1'), concatBytes(...contributions));
}

/**
 * Server `server`'s share of zero for each of `products` products [SHARE-14].
 * `keys` maps each of its sets to Z_A; `binding` is 32 bytes. Throws RangeError where a key is missing.
 */
export function zeroShares(
  config: SharingConfig,
  server: number,
  keys: ReadonlyMap<number, Uint8Array>,
  binding: Uint8Array,
  products: number,
): bigint[] {
  if (binding.length !== 32) throw new RangeError('a binding has 32 bytes');
  const { threshold } = config;
  const shares = Array.from({ length: products }, () => 0n);
  for (const mask of setsOfServer(config, server)) {
    const key = keys.get(mask);
    if (!key) throw new RangeError(`no zero-share key for servers ${indicesOf(mask).join(', ')}`);
    const zeta = fieldVector(products * threshold);
    streamElements(hmacSha256(key, binding), 0, 0, zeta);
    const factor = fOfSet(config, mask, server);
    for (let m = 0; m < products; m++) {
      let power = 1n;
      for (let e = 1; e <= threshold; e++) {
        power = multiply(power, BigInt(server));
        const term = multiply(power, getBigInt(zeta, m * threshold + e - 1));
        shares[m] = add(shares[m]!, multiply(factor, term));
      }
    }
  }
  return shares;
}

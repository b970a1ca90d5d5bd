/**
 * What leaves a server masked, and what the mask is bound to [S9].
 *
 *   binding = SHA-256(label ‖ configDigest ‖ generation u32 ‖ query ‖ data ‖ keyId 16 B)
 *   repair    the same ‖ nonce 16 B ‖ created u64 (ms) of the request
 *
 * It names everything that decides what is masked, so no mask ever meets other data.
 */
import { P } from '@vitalshare/edge/field';
import { concatBytes, fromBase64Url, sha256, utf8 } from '@vitalshare/edge/seal';
import { zeroShares } from '@vitalshare/edge/sharing/zero';
import type { ServerParty } from './runs.ts';

/** Digests of the question and of what it is answered over, and the keyId of who asks. */
export type Bound = readonly [query: Uint8Array, data: Uint8Array, askerKeyId: string];

type Bearer = Pick<ServerParty, 'configDigest' | 'configuration'>;

/** [PROTO-17] Of shares of zero. */
export const zeroBinding = (party: Bearer, ...bound: Bound): Uint8Array =>
  bindingOf('vitalshare zero 1', party, bound);

/** [PROTO-27] The query holds the commitments, and with them the challenge and the coefficients. */
export const auditBinding = (party: Bearer, ...bound: Bound): Uint8Array =>
  bindingOf('vitalshare audit 1', party, bound);

/** What makes a request one of its kind: no two of one asker have both alike that a server takes. */
export interface Once {
  /** base64url of 16 bytes. */
  readonly nonce: string;
  readonly createdMs: number;
}

/** [PROTO-48] The asker signed `once` for every helper alike, and each takes it once. */
export function repairBinding(party: Bearer, once: Once, ...bound: Bound): Uint8Array {
  const tail = new Uint8Array(24);
  tail.set(fromBase64Url(once.nonce, 16));
  new DataView(tail.buffer).setBigUint64(16, BigInt(once.createdMs), true);
  return bindingOf('vitalshare repair 1', party, bound, tail);
}

/** Products of degree 2t, each with a share of zero. */
export function maskedProducts(
  party: ServerParty,
  products: readonly bigint[],
  ...bound: Bound
): bigint[] {
  if (products.length === 0) return [];
  const { configuration, server, keys } = party;
  const binding = zeroBinding(party, ...bound);
  const zeros = zeroShares(configuration, server, keys.zero, binding, products.length);
  return products.map((product, m) => (product + zeros[m]!) % P);
}

function bindingOf(
  label: string,
  { configDigest, configuration }: Bearer,
  [query, data, askerKeyId]: Bound,
  tail = new Uint8Array(0),
): Uint8Array {
  const generation = new Uint8Array(4);
  new DataView(generation.buffer).setUint32(0, configuration.generation, true);
  const config = fromBase64Url(configDigest, 32);
  const asker = fromBase64Url(askerKeyId, 16);
  return sha256(concatBytes(utf8(label), config, generation, query, data, asker, tail));
}

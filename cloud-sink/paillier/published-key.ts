/**
 * A public key as others get it: the modulus, whose it is and the proof, in JSON
 *
 *   { "n": base64url, "owner": keyId, "proof": base64url }
 *
 * and the check that turns it into one to encrypt under: the only way from the wire to a PublicKey.
 */
import { concatBytes, fromBase64Url, toBase64Url, utf8 } from '@vitalshare/edge/seal';
import { PAILLIER_KEY_BITS_MAX, PAILLIER_KEY_BITS_MIN } from '../limits.ts';
import type { Arithmetic } from './arithmetic.ts';
import { PaillierError } from './errors.ts';
import { fromBytes, toBytes } from './integers.ts';
import { modulusProofBytes, proveModulus, verifyModulus } from './modulus-proof.ts';
import type { PrivateKey } from './private-key.ts';
import { PublicKey } from './public-key.ts';

export interface PublishedKey {
  readonly n: string;
  readonly owner: string;
  readonly proof: string;
}

/** `world` is the digest of the configuration, `owner` the keyId of who will decrypt. */
export function publishKey(
  arithmetic: Arithmetic,
  key: PrivateKey,
  world: string,
  owner: string,
): PublishedKey {
  const { n, bits } = key.public;
  const proof = proveModulus(arithmetic, key, contextOf(world, owner));
  return { n: toBase64Url(toBytes(n, Math.ceil(bits / 8))), owner, proof: toBase64Url(proof) };
}

/** Throws PaillierError: malformed, too small, not of this owner, or not proven. */
export function acceptKey(
  arithmetic: Arithmetic,
  published: PublishedKey,
  world: string,
  owner: string,
  bitsMin = PAILLIER_KEY_BITS_MIN,
): PublicKey {
  const n = fromBytes(bytesOf(published.n, PAILLIER_KEY_BITS_MAX / 8));
  const key = new PublicKey(arithmetic, n, bitsMin);
  if (published.owner !== owner) {
    throw new PaillierError('not-the-askers-key', 'the key is not of who sent it');
  }
  const proof = bytesOf(published.proof, modulusProofBytes(PAILLIER_KEY_BITS_MAX));
  verifyModulus(arithmetic, key, contextOf(world, owner), proof);
  return key;
}

const contextOf = (world: string, owner: string): Uint8Array =>
  concatBytes(utf8(world), Uint8Array.of(0), utf8(owner));

function bytesOf(text: string, lengthBytesMax: number): Uint8Array {
  try {
    const bytes = fromBase64Url(text);
    if (bytes.length <= lengthBytesMax) return bytes;
  } catch {
    // Said below.
  }
  const most = `base64url of at most ${lengthBytesMax} bytes`;
  throw new PaillierError('malformed-key', `a key's numbers are ${most}`);
}

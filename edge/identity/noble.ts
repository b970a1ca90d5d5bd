/**
 * Ed25519 (RFC 8032) and X25519 (RFC 7748) in plain JavaScript, for the browser. `openssl.ts` has
 * the same functions on Node, 14 to 29 times faster; `identity.contract.ts` holds both to one
 * behaviour.
 */
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { KEYS_CACHED_MAX } from '../limits.ts';
import { fromBase64Url, toBase64Url } from '../seal/bytes.ts';
import { type Identity, parseName, parseRole, type Role } from './public.ts';
import { recent } from './recent.ts';
import { isCommitment, isSigningKey } from './signing-key.ts';

export type Signer = (message: Uint8Array) => Uint8Array;
export type Verifier = (message: Uint8Array, signature: Uint8Array) => boolean;

/** `random(32)` is drawn twice: the signing seed, then the sealing key. */
export function makeIdentity(
  name: string,
  role: Role,
  random: (lengthBytes: number) => Uint8Array,
): Identity {
  const signSecret = toBase64Url(random(32));
  const sealSecret = toBase64Url(random(32));
  return {
    name: parseName(name),
    role: parseRole(role),
    sign: toBase64Url(ed25519.getPublicKey(secretBytes(signSecret))),
    seal: toBase64Url(x25519.getPublicKey(secretBytes(sealSecret))),
    signSecret,
    sealSecret,
  };
}

/** 64 bytes, R ‖ S. Throws TypeError where the secret is not base64url of 32 bytes. */
export const sign = (
  identity: Pick<Identity, 'signSecret'> | string,
  message: Uint8Array,
): Uint8Array => signer(identity)(message);

/** For many messages under one key. */
export function signer(identity: Pick<Identity, 'signSecret'> | string): Signer {
  const secret = secretBytes(typeof identity === 'string' ? identity : identity.signSecret);
  return (message) => ed25519.sign(message, secret);
}

/** [S21] False for anything but a strict signature under a strict key; it never throws. */
export const verify = (signPublic: string, message: Uint8Array, signature: Uint8Array): boolean =>
  verifier(signPublic)(message, signature);

/** For many messages under one key. */
export const verifier: (signPublic: string) => Verifier = recent(KEYS_CACHED_MAX, (signPublic) => {
  const key = publicBytes(signPublic);
  if (key === null) return () => false;
  return (message, signature) =>
    signature.length === 64 &&
    ed25519.verify(signature, message, key, { zip215: false }) &&
    isCommitment(signature.subarray(0, 32));
});

function secretBytes(text: string): Uint8Array {
  try {
    return fromBase64Url(text, 32);
  } catch {
    throw new TypeError('identity: a secret must be base64url of 32 bytes');
  }
}

function publicBytes(signPublic: string): Uint8Array | null {
  try {
    const key = fromBase64Url(signPublic, 32);
    return isSigningKey(key) ? key : null;
  } catch {
    return null;
  }
}

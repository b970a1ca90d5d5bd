/**
 * Ed25519 and X25519 of node:crypto: the functions of `noble.ts`, 14 to 29 times faster.
 *
 * Raw keys are wrapped in the fixed DER heads of RFC 8410 once and kept as key objects, since the
 * import costs more than a signature.
 */
import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as opensslSign,
  verify as opensslVerify,
} from 'node:crypto';
import { KEYS_CACHED_MAX } from '../limits.ts';
import { concatBytes, fromBase64Url, fromHex, toBase64Url } from '../seal/bytes.ts';
import type { Signer, Verifier } from './noble.ts';
import { type Identity, parseName, parseRole, type Role } from './public.ts';
import { recent } from './recent.ts';
import { isSigningKey } from './signing-key.ts';

// RFC 8410: OneAsymmetricKey and SubjectPublicKeyInfo up to the 32 raw bytes.
const ED25519_SECRET = fromHex('302e020100300506032b657004220420');
const ED25519_PUBLIC = fromHex('302a300506032b6570032100');
const X25519_SECRET = fromHex('302e020100300506032b656e04220420');

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
    sign: publicText(secretKey(ED25519_SECRET, signSecret)),
    seal: publicText(secretKey(X25519_SECRET, sealSecret)),
    signSecret,
    sealSecret,
  };
}

const signingKey = recent(KEYS_CACHED_MAX, (secret) => secretKey(ED25519_SECRET, secret));

/** 64 bytes, R ‖ S. Throws TypeError where the secret is not base64url of 32 bytes. */
export const sign = (
  identity: Pick<Identity, 'signSecret'> | string,
  message: Uint8Array,
): Uint8Array => signer(identity)(message);

/** For many messages under one key. */
export function signer(identity: Pick<Identity, 'signSecret'> | string): Signer {
  const key = signingKey(typeof identity === 'string' ? identity : identity.signSecret);
  return (message) => new Uint8Array(opensslSign(null, message, key));
}

/** [S21] False for anything but a strict signature under a strict key; it never throws. */
export const verify = (signPublic: string, message: Uint8Array, signature: Uint8Array): boolean =>
  verifier(signPublic)(message, signature);

/** For many messages under one key. */
export const verifier: (signPublic: string) => Verifier = recent(KEYS_CACHED_MAX, (signPublic) => {
  const key = publicKey(signPublic);
  if (key === null) return () => false;
  return (message, signature) =>
    signature.length === 64 && opensslVerify(null, message, key, signature);
});

function secretKey(head: Uint8Array, text: string): KeyObject {
  let raw: Uint8Array;
  try {
    raw = fromBase64Url(text, 32);
  } catch {
    throw new TypeError('identity: a secret must be base64url of 32 bytes');
  }
  const der = Buffer.from(concatBytes(head, raw));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

function publicKey(signPublic: string): KeyObject | null {
  try {
    const raw = fromBase64Url(signPublic, 32);
    if (!isSigningKey(raw)) return null;
    const der = Buffer.from(concatBytes(ED25519_PUBLIC, raw));
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}

/** The last 32 bytes of SubjectPublicKeyInfo are the raw key. */
const publicText = (secret: KeyObject): string =>
  toBase64Url(createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32));

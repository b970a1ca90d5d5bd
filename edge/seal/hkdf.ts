/**
 * HKDF-SHA-256 (RFC 5869), its HMAC and its hash, in the RFC's argument order:
 *
 *   prk = HKDF-Extract(salt, ikm)        32 bytes
 *   okm = HKDF-Expand(prk, info, length) length up to 255·32 bytes
 */
import { equalBytes } from '@noble/ciphers/utils.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';

export const sha256 = (message: Uint8Array): Uint8Array => nobleSha256(message);

export const hmacSha256 = (key: Uint8Array, message: Uint8Array): Uint8Array =>
  hmac(nobleSha256, key, message);

export const hkdfExtract = (salt: Uint8Array, ikm: Uint8Array): Uint8Array =>
  extract(nobleSha256, ikm, salt);

export function hkdfExpand(prk: Uint8Array, info: Uint8Array, lengthBytes: number): Uint8Array {
  if (!Number.isInteger(lengthBytes) || lengthBytes < 1 || lengthBytes > 255 * 32) {
    throw new RangeError(
      `hkdfExpand: length must be an integer in [1, 8160] bytes, got ${lengthBytes}`,
    );
  }
  return expand(nobleSha256, prk, info, lengthBytes);
}

/** Compares every byte before it answers; only the lengths may be learnt from the time it takes. */
export const constantTimeEqual = (a: Uint8Array, b: Uint8Array): boolean => equalBytes(a, b);

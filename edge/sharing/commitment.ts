/**
 * Commitments that make masked parts tamper-evident at opening [SHARE-12] [S7].
 *
 *   first 16 bytes of HMAC-SHA256(κ, header ‖ plaintext),  κ = XOR of every set's 32 bytes of use 5
 */
import { hmacSha256 } from '../seal/seal.ts';

export const COMMITMENT_BYTES = 16;
/** Bytes of commit keystream per part of a frame. */
export const KAPPA_BYTES = 32;

/** Where a message stands while it is hashed: millions of them a day, a few dozen bytes each. */
let scratch = new Uint8Array(1_024);

/** `hmac` is HMAC-SHA-256: a platform's own is faster where there is one. */
export function commitmentOf(
  kappa: Uint8Array,
  header: Uint8Array,
  plaintext: Uint8Array,
  hmac = hmacSha256,
): Uint8Array {
  const length = header.length + plaintext.length;
  if (length > scratch.length) scratch = new Uint8Array(length);
  const message = scratch.subarray(0, length);
  message.set(header, 0);
  message.set(plaintext, header.length);
  return hmac(kappa, message).slice(0, COMMITMENT_BYTES);
}

/** `bytes` XOR `stream` into `bytes`. */
export function xorInto(bytes: Uint8Array, stream: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) bytes[i] = bytes[i]! ^ stream[i]!;
}

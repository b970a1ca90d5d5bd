/**
 * ChaCha20-Poly1305, RFC 8439 section 2.8.
 *
 *   sealed = ciphertext (as long as the plaintext) ‖ tag (16 bytes)
 *
 * Key 32 bytes, nonce 12 bytes. One (key, nonce) pair never seals two plaintexts: the caller
 * counts, and a caller without a counter it can trust uses the 24-byte random nonce of `xaead.ts`.
 */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Throws RangeError on a key or nonce of the wrong length. */
export function sealAead(
  key: Uint8Array,
  nonce12: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  checkLengths('sealAead', key, nonce12, NONCE_BYTES);
  return chacha20poly1305(key, nonce12, aad).encrypt(plaintext);
}

/** `null`: it does not verify, for whatever reason. RangeError: the key or nonce cannot be one. */
export function openAead(
  key: Uint8Array,
  nonce12: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | null {
  checkLengths('openAead', key, nonce12, NONCE_BYTES);
  if (sealed.length < TAG_BYTES) return null;
  try {
    return chacha20poly1305(key, nonce12, aad).decrypt(sealed);
  } catch {
    return null; // All lengths are checked above, so what is left to throw is a wrong tag.
  }
}

export function checkLengths(
  who: string,
  key: Uint8Array,
  nonce: Uint8Array,
  nonceBytes: number,
): void {
  if (key.length !== KEY_BYTES) {
    throw new RangeError(`${who}: key must be ${KEY_BYTES} bytes, got ${key.length}`);
  }
  if (nonce.length !== nonceBytes) {
    throw new RangeError(`${who}: nonce must be ${nonceBytes} bytes, got ${nonce.length}`);
  }
}

/**
 * XChaCha20-Poly1305, draft-irtf-cfrg-xchacha-03 section 2.
 *
 *   sealed = ciphertext (as long as the plaintext) ‖ tag (16 bytes)
 *
 * Key 32 bytes, nonce 24 bytes: long enough to be drawn at random for each message, so it suits
 * secrets on a disk that may be restored from a backup, where no counter can be trusted.
 */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { checkLengths } from './aead.ts';

const NONCE_BYTES = 24;
const TAG_BYTES = 16;

/** Throws RangeError on a key or nonce of the wrong length. */
export function sealX(
  key: Uint8Array,
  nonce24: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  checkLengths('sealX', key, nonce24, NONCE_BYTES);
  return xchacha20poly1305(key, nonce24, aad).encrypt(plaintext);
}

/** `null`: it does not verify, for whatever reason. RangeError: the key or nonce cannot be one. */
export function openX(
  key: Uint8Array,
  nonce24: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | null {
  checkLengths('openX', key, nonce24, NONCE_BYTES);
  if (sealed.length < TAG_BYTES) return null;
  try {
    return xchacha20poly1305(key, nonce24, aad).decrypt(sealed);
  } catch {
    return null; // All lengths are checked above, so what is left to throw is a wrong tag.
  }
}

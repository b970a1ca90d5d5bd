/**
 * XChaCha20-Poly1305, draft-irtf-cfrg-xchacha-03 section 2.
 *
 *   sealed = ciphertext (as long as the plaintext) ‖ tag (16 bytes)
 *
 * Key 32 bytes, nonce 24 bytes: long enough to be drawn at random for each message, so it suits
 * secrets on a disk that may be restored from a backup, where no counter can be trusted.
 */
import { hchacha, xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { checkLengths, type sealAead } from './aead.ts';
import { utf8 } from './bytes.ts';

const NONCE_BYTES = 24;
const TAG_BYTES = 16;
/** "expand 32-byte k" as words of this machine. */
const CONSTANTS = new Uint32Array(utf8('expand 32-byte k').buffer);

/**
 * Throws RangeError on a key or nonce of the wrong length. `seal` is RFC 8439 where the platform has a
 * faster one, which then seals under the derived key (section 2.3).
 */
export function sealX(
  key: Uint8Array,
  nonce24: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
  seal?: typeof sealAead,
): Uint8Array {
  checkLengths('sealX', key, nonce24, NONCE_BYTES);
  if (seal === undefined) return xchacha20poly1305(key, nonce24, aad).encrypt(plaintext);
  const nonce12 = new Uint8Array(12);
  nonce12.set(nonce24.subarray(16), 4);
  return seal(derivedKey(key, nonce24), nonce12, aad, plaintext);
}

/** HChaCha20 of the key and the first 16 bytes of the nonce, section 2.2. */
function derivedKey(key: Uint8Array, nonce24: Uint8Array): Uint8Array {
  const words = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.slice().buffer);
  const derived = new Uint32Array(8);
  hchacha(CONSTANTS, words(key), words(nonce24.subarray(0, 16)), derived);
  return new Uint8Array(derived.buffer);
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

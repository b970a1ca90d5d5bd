/**
 * The primitives of `edge/seal` that every frame costs, of node:crypto: the same bytes, several times
 * faster (README, Numbers). `node-crypto.test.ts` holds them to their twins.
 *
 * HMAC is written with the one-shot hash, without an object of its own:
 *
 *   HMAC(K, m) = H(K ⊕ opad ‖ H(K ⊕ ipad ‖ m))       RFC 2104; K of at most 64 bytes
 */
import { createCipheriv, createDecipheriv, hash } from 'node:crypto';

const CIPHER = 'chacha20-poly1305';
const TAG = { authTagLength: 16 } as const;
const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const IPAD = 0x36;
const OPAD = 0x5c;
/** Both messages of an HMAC, one call at a time; digests come as text, which costs half of a Buffer. */
let inner = Buffer.alloc(BLOCK_BYTES + 1_024);
const outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);

export const sha256 = (message: Uint8Array): Uint8Array =>
  bytesOf(hash('sha256', message, 'buffer'));

/** Throws RangeError on a key longer than a block, of which there is none here. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  if (key.length > BLOCK_BYTES)
    throw new RangeError(`hmacSha256: at most ${BLOCK_BYTES} bytes of key`);
  const length = BLOCK_BYTES + message.length;
  if (length > inner.length) inner = Buffer.alloc(length);
  for (let i = 0; i < BLOCK_BYTES; i++) {
    const byte = i < key.length ? key[i]! : 0;
    inner[i] = byte ^ IPAD;
    outer[i] = byte ^ OPAD;
  }
  inner.set(message, BLOCK_BYTES);
  outer.write(hash('sha256', inner.subarray(0, length), 'binary'), BLOCK_BYTES, 'latin1');
  const digest = hash('sha256', outer, 'binary');
  const mac = new Uint8Array(HASH_BYTES);
  for (let i = 0; i < HASH_BYTES; i++) mac[i] = digest.charCodeAt(i);
  return mac;
}

export function sealAead(
  key: Uint8Array,
  nonce12: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const cipher = createCipheriv(CIPHER, key, nonce12, TAG);
  cipher.setAAD(aad, { plaintextLength: plaintext.length });
  const sealed = new Uint8Array(plaintext.length + TAG.authTagLength);
  sealed.set(cipher.update(plaintext));
  cipher.final();
  sealed.set(cipher.getAuthTag(), plaintext.length);
  return sealed;
}

/** `null`: it does not verify. */
export function openAead(
  key: Uint8Array,
  nonce12: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | null {
  const end = sealed.length - TAG.authTagLength;
  if (end < 0) return null;
  const decipher = createDecipheriv(CIPHER, key, nonce12, TAG);
  decipher.setAAD(aad, { plaintextLength: end });
  decipher.setAuthTag(sealed.subarray(end));
  const plaintext = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
  } catch {
    return null;
  }
  return bytesOf(plaintext);
}

/** The same bytes without Buffer's own `slice`, which is a view. */
const bytesOf = (buffer: Buffer): Uint8Array =>
  new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);

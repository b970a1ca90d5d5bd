/**
 * HPKE base mode, one message a context: RFC 9180 sections 4.1, 5.1.1 and 6.1, suite
 * DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, ChaCha20Poly1305 0x0003.
 *
 *   sealed = enc (32 bytes, the ephemeral public key) ‖ ciphertext ‖ tag (16 bytes)
 *
 * Anyone can seal to a public key: HPKE base mode says nothing about who did. Where the sender
 * matters, the sealed bytes are signed as well.
 */
import { x25519 } from '@noble/curves/ed25519.js';
import { openAead, sealAead } from './aead.ts';
import { concatBytes, utf8 } from './bytes.ts';
import { sharedPoint } from './dh.ts';
import { hkdfExpand, hkdfExtract } from './hkdf.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const EMPTY = new Uint8Array(0);
const VERSION = utf8('HPKE-v1');
const KEM_SUITE = Uint8Array.of(0x4b, 0x45, 0x4d, 0x00, 0x20); // "KEM" ‖ 0x0020
// "HPKE" ‖ kem 0x0020 ‖ kdf 0x0001 ‖ aead 0x0003
const HPKE_SUITE = Uint8Array.of(0x48, 0x50, 0x4b, 0x45, 0x00, 0x20, 0x00, 0x01, 0x00, 0x03);
const MODE_BASE = Uint8Array.of(0x00);

/** `random(32)` is the ephemeral key's input material (`ikmE`). Throws RangeError on a bad key. */
export function hpkeSeal(
  recipientPublicKey: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
  random: (lengthBytes: number) => Uint8Array,
): Uint8Array {
  checkKey('hpkeSeal: recipient public key', recipientPublicKey);
  const ephemeralSecret = deriveSecret(random(KEY_BYTES));
  const enc = x25519.getPublicKey(ephemeralSecret);
  const dh = sharedPoint(ephemeralSecret, recipientPublicKey);
  if (dh === null) throw new RangeError('hpkeSeal: recipient public key is of small order');
  const { key, nonce } = schedule(dh, enc, recipientPublicKey, info);
  return concatBytes(enc, sealAead(key, nonce, aad, plaintext));
}

/** `null`: it does not verify, for whatever reason. RangeError: the private key cannot be one. */
export function hpkeOpen(
  recipientPrivateKey: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | null {
  checkKey('hpkeOpen: recipient private key', recipientPrivateKey);
  if (sealed.length < KEY_BYTES + TAG_BYTES) return null;
  const enc = sealed.slice(0, KEY_BYTES);
  const dh = sharedPoint(recipientPrivateKey, enc);
  if (dh === null) return null;
  const { key, nonce } = schedule(dh, enc, x25519.getPublicKey(recipientPrivateKey), info);
  return openAead(key, nonce, aad, sealed.subarray(KEY_BYTES));
}

/** Encap/Decap's ExtractAndExpand (4.1), then KeySchedule of base mode (5.1), without export. */
function schedule(
  dh: Uint8Array,
  enc: Uint8Array,
  recipientPublicKey: Uint8Array,
  info: Uint8Array,
): { key: Uint8Array; nonce: Uint8Array } {
  const kemContext = concatBytes(enc, recipientPublicKey);
  const eaePrk = labeledExtract(KEM_SUITE, EMPTY, 'eae_prk', dh);
  const sharedSecret = labeledExpand(KEM_SUITE, eaePrk, 'shared_secret', kemContext, KEY_BYTES);

  const pskIdHash = labeledExtract(HPKE_SUITE, EMPTY, 'psk_id_hash', EMPTY);
  const infoHash = labeledExtract(HPKE_SUITE, EMPTY, 'info_hash', info);
  const context = concatBytes(MODE_BASE, pskIdHash, infoHash);
  const secret = labeledExtract(HPKE_SUITE, sharedSecret, 'secret', EMPTY);
  return {
    key: labeledExpand(HPKE_SUITE, secret, 'key', context, KEY_BYTES),
    // Sequence number 0: the base nonce is the nonce.
    nonce: labeledExpand(HPKE_SUITE, secret, 'base_nonce', context, NONCE_BYTES),
  };
}

/** DeriveKeyPair for X25519 (7.1.3). */
function deriveSecret(ikm: Uint8Array): Uint8Array {
  checkKey('hpkeSeal: random bytes', ikm);
  const prk = labeledExtract(KEM_SUITE, EMPTY, 'dkp_prk', ikm);
  return labeledExpand(KEM_SUITE, prk, 'sk', EMPTY, KEY_BYTES);
}

function labeledExtract(
  suite: Uint8Array,
  salt: Uint8Array,
  label: string,
  ikm: Uint8Array,
): Uint8Array {
  return hkdfExtract(salt, concatBytes(VERSION, suite, utf8(label), ikm));
}

function labeledExpand(
  suite: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  lengthBytes: number,
): Uint8Array {
  const length = Uint8Array.of(lengthBytes >> 8, lengthBytes & 255);
  return hkdfExpand(prk, concatBytes(length, VERSION, suite, utf8(label), info), lengthBytes);
}

function checkKey(who: string, key: Uint8Array): void {
  if (key.length !== KEY_BYTES) {
    throw new RangeError(`${who} must be ${KEY_BYTES} bytes, got ${key.length}`);
  }
}

/** X25519 (RFC 7748): what two parties have in common that know each other's public keys. */
import { x25519 } from '@noble/curves/ed25519.js';

/**
 * 32 bytes; `null` where the output is all zero, as RFC 9180 section 7.1.4 and RFC 7748 section 6.1
 * ask. Never a key by itself: derive one, with both public keys in it.
 */
export function sharedPoint(secret: Uint8Array, publicKey: Uint8Array): Uint8Array | null {
  for (const [what, key] of [
    ['secret', secret],
    ['public key', publicKey],
  ] as const) {
    if (key.length !== 32)
      throw new RangeError(`X25519 ${what} must be 32 bytes, got ${key.length}`);
  }
  try {
    return x25519.getSharedSecret(secret, publicKey);
  } catch {
    return null; // Lengths are checked, so what is left to throw is the all-zero output.
  }
}

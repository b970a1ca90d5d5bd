/**
 * Which Ed25519 keys and signatures count, the same for servers and browsers [S21].
 *
 *   A canonical (y < p), in the subgroup of prime order, not the identity
 *   S < L,  R = [S]B − [k]A compared byte for byte              k = SHA-512(R ‖ A ‖ M) mod L
 *
 * RFC 8032 leaves the cofactor open: OpenSSL compares R byte for byte, noble multiplies by 8, so
 * they part on points with a torsion component ("Taming the many EdDSAs", Chalkias, Garillot and
 * Nikolaenko, 2020, table 5). For a key of prime order the byte comparison settles it: R has prime
 * order too. The browser door therefore asks the same of R; the server door has it for free.
 */
import { ed25519 } from '@noble/curves/ed25519.js';

/** About a millisecond: do it once a key. */
export function isSigningKey(publicKey: Uint8Array): boolean {
  return isStrictPoint(publicKey, false);
}

/** `R` of a signature may be the identity: a nonce of zero is foolish, yet unambiguous. */
export function isCommitment(point: Uint8Array): boolean {
  return isStrictPoint(point, true);
}

function isStrictPoint(bytes: Uint8Array, identityAllowed: boolean): boolean {
  if (bytes.length !== 32) return false;
  try {
    const point = ed25519.Point.fromBytes(bytes, false);
    return (identityAllowed || !point.isSmallOrder()) && point.isTorsionFree();
  } catch {
    return false; // Not canonical, or not on the curve.
  }
}

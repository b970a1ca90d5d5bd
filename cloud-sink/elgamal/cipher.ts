/**
 * Exponential ElGamal: numbers in the exponent, so that ciphertexts add.
 *
 *   Enc(m; r) = (r·G, m·G + r·Y)              64 bytes
 *   Enc(m) + Enc(m′) = Enc(m + m′)            u·Enc(m) = Enc(u·m)          Enc(m) + Enc(0; r′) looks new
 *
 * Encryption comes with a proof that its maker knows m and r, bound to a context: nobody can put in a
 * ciphertext that was made of another's.
 *
 *   A = k·G, B = l·G + k·Y;   c = H(context, Y, a, b, A, B);   z = k + c·r, w = l + c·m     c ‖ z ‖ w, 96 B
 */
import { concatBytes } from '@vitalshare/edge/seal';
import { ElgamalError } from './error.ts';
import {
  challengeOf,
  decodePoint,
  decodeScalar,
  ENCODED_BYTES,
  encodeScalar,
  G,
  modOrder,
  type Point,
  type Random,
  randomScalar,
  type Scalar,
  sumOf,
  times,
  timesPublic,
} from './group.ts';

export interface Ciphertext {
  readonly a: Point;
  readonly b: Point;
}

export const CIPHERTEXT_BYTES = 2 * ENCODED_BYTES;
export const ENCRYPTION_PROOF_BYTES = 3 * ENCODED_BYTES;
const LABEL = 'encryption';

/** `plaintext` may be negative. */
export function encrypt(publicKey: Point, plaintext: bigint, random: Random): Ciphertext {
  return encryptWith(publicKey, modOrder(plaintext), randomScalar(random));
}

const encryptWith = (publicKey: Point, plaintext: Scalar, randomness: Scalar): Ciphertext => ({
  a: times(G, randomness),
  b: times(G, plaintext).add(times(publicKey, randomness)),
});

export interface Proven {
  readonly ciphertext: Ciphertext;
  readonly proof: Uint8Array;
}

/** `context` names everything that decides what is encrypted, and who does. */
export function encryptProven(
  publicKey: Point,
  plaintext: bigint,
  context: Uint8Array,
  random: Random,
): Proven {
  const [m, r, k, l] = [modOrder(plaintext), ...three(random)];
  const ciphertext = encryptWith(publicKey, m, r);
  const commitments = encryptWith(publicKey, l, k);
  const c = encryptionChallenge(publicKey, ciphertext, commitments, context);
  const [z, w] = [modOrder(k + c * r), modOrder(l + c * m)];
  return { ciphertext, proof: concatBytes(encodeScalar(c), encodeScalar(z), encodeScalar(w)) };
}

/** Throws ElgamalError `proof`, or `scalar` where it is no proof at all. */
export function verifyEncryption(
  publicKey: Point,
  { ciphertext, proof }: Proven,
  context: Uint8Array,
): void {
  const [c, z, w] = scalarsOf(proof, 3, 'a proof of encryption');
  const commitments = {
    a: timesPublic(G, z!).subtract(timesPublic(ciphertext.a, c!)),
    b: timesPublic(G, w!).add(timesPublic(publicKey, z!)).subtract(timesPublic(ciphertext.b, c!)),
  };
  if (encryptionChallenge(publicKey, ciphertext, commitments, context) === c) return;
  throw new ElgamalError('proof', 'a proof of encryption does not hold');
}

export const addCiphertexts = (ciphertexts: readonly Ciphertext[]): Ciphertext => ({
  a: sumOf(ciphertexts.map(({ a }) => a)),
  b: sumOf(ciphertexts.map(({ b }) => b)),
});

/** u·Enc(m) = Enc(u·m), u public. */
export function scaleCiphertext({ a, b }: Ciphertext, factor: bigint): Ciphertext {
  const scalar = modOrder(factor);
  return { a: timesPublic(a, scalar), b: timesPublic(b, scalar) };
}

/** The same plaintext in a ciphertext that cannot be told from any other. */
export const rerandomise = (publicKey: Point, ciphertext: Ciphertext, random: Random): Ciphertext =>
  addCiphertexts([ciphertext, encrypt(publicKey, 0n, random)]);

export const encodeCiphertext = ({ a, b }: Ciphertext): Uint8Array =>
  concatBytes(a.toBytes(), b.toBytes());

/** Throws ElgamalError `point`. The identity is allowed: a sum may be one, if nobody can make it so. */
export function decodeCiphertext(bytes: Uint8Array, what: string): Ciphertext {
  if (bytes.length !== CIPHERTEXT_BYTES) {
    throw new ElgamalError('point', `${what} must have 64 bytes, got ${bytes.length}`);
  }
  return {
    a: decodePoint(bytes.subarray(0, ENCODED_BYTES), `${what}, first half,`),
    b: decodePoint(bytes.subarray(ENCODED_BYTES), `${what}, second half,`),
  };
}

/** `count` canonical scalars that use up the bytes. Throws ElgamalError `scalar`. */
export function scalarsOf(bytes: Uint8Array, count: number, what: string): Scalar[] {
  if (bytes.length !== count * ENCODED_BYTES) {
    const expected = count * ENCODED_BYTES;
    throw new ElgamalError('scalar', `${what} must have ${expected} bytes, got ${bytes.length}`);
  }
  return Array.from({ length: count }, (_, i) =>
    decodeScalar(bytes.subarray(i * ENCODED_BYTES, (i + 1) * ENCODED_BYTES), what),
  );
}

const three = (random: Random): [Scalar, Scalar, Scalar] => [
  randomScalar(random),
  randomScalar(random),
  randomScalar(random),
];

const encryptionChallenge = (
  publicKey: Point,
  { a, b }: Ciphertext,
  commitments: Ciphertext,
  context: Uint8Array,
): Scalar => challengeOf(LABEL, context, [publicKey, a, b, commitments.a, commitments.b]);

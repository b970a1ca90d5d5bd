/**
 * The door `@vitalshare/cloud-sink/elgamal`: exponential ElGamal on ristretto255 with a key that nobody
 * has. Pure: randomness is an argument; it runs in a browser. Data servers take the files they need, and
 * never `logarithm.ts`: a floor keeps what opens a number from them.
 *
 *   group.ts            points and scalars, their bytes, challenges
 *   cipher.ts           numbers in, ciphertexts that add, a proof of what one put in
 *   distributed-key.ts  a key made by all servers, without a dealer
 *   threshold.ts        decryption by any t + 1 of them, each with a proof
 *   logarithm.ts        the number back out of the exponent; edwards.ts its many points at once
 *   error.ts            ElgamalError and its codes
 */
export {
  addCiphertexts,
  type Ciphertext,
  CIPHERTEXT_BYTES,
  decodeCiphertext,
  encodeCiphertext,
  encrypt,
  encryptProven,
  ENCRYPTION_PROOF_BYTES,
  type Proven,
  rerandomise,
  scaleCiphertext,
  verifyEncryption,
} from './cipher.ts';
export {
  checkDealing,
  checkShare,
  type Dealing,
  dealingContext,
  dealingDigest,
  type JointKey,
  jointKey,
  makeDealing,
  type OwnDealing,
  secretShare,
  shareFor,
} from './distributed-key.ts';
export { ELGAMAL_ERRORS, ElgamalError, type ElgamalFault } from './error.ts';
export { decodePoint, decodeScalar, encodeScalar, type Point, type Scalar } from './group.ts';
export { type BabySteps, Logarithms, makeBabySteps, type Range } from './logarithm.ts';
export {
  checkPartial,
  decryptPartially,
  openPoint,
  type Partial,
  PARTIAL_PROOF_BYTES,
} from './threshold.ts';

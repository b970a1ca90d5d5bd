/**
 * A proof, without conversation, that gcd(N, φ(N)) = 1: what makes Enc one-to-one, so that a ciphertext
 * under somebody else's key is of exactly one plaintext and its mask hides it [S14].
 *
 *   ρ_i from a hash of N and the context, σ_i = ρ_i^(N^−1 mod φ(N))        i = 0 … 7
 *   holds where no prime below 2^16 divides N, N is no prime, and σ_i^N = ρ_i mod N for all i
 *
 * Goldberg, Reyzin, Sagga, Baldimtsi, "Efficient noninteractive certification of RSA moduli and beyond",
 * Asiacrypt 2019 (ePrint 2018/057). **Soundness**: were a prime r to divide both, raising to N would reach
 * at most one unit in r; r ≥ 2^16, so eight random ρ_i all have a root with probability at most 2^−128, for each N
 * tried, the hash taken for a random oracle. **Zero knowledge**: a simulator picks σ_i and programs ρ_i = σ_i^N.
 * It says nothing of how many primes N has, nor that they are large beyond 2^16.
 *
 * The context names the owner, so nobody shows another's key as his own.
 */
import { concatBytes, sha256, utf8 } from '@vitalshare/edge/seal';
import { MODULUS_PROOF_PRIMES_BELOW, MODULUS_PROOF_ROOTS } from '../limits.ts';
import type { Arithmetic } from './arithmetic.ts';
import { PaillierError } from './errors.ts';
import { fromBytes, inverse, toBytes } from './integers.ts';
import { checkModulus, type PublicKey } from './public-key.ts';
import { primesBelow } from './small-primes.ts';

const LABEL = utf8('vitalshare paillier modulus 1');

/** Of one modulus: how long a proof is. */
export const modulusProofBytes = (keyBits: number): number =>
  MODULUS_PROOF_ROOTS * Math.ceil(keyBits / 8);

/** What of a private key the proof takes; `order` is φ(N). */
export interface ModulusOwner {
  readonly public: Pick<PublicKey, 'n' | 'bits'>;
  readonly order: bigint;
}

export function proveModulus(
  arithmetic: Arithmetic,
  key: ModulusOwner,
  context: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const { n, bits } = key.public;
  const power = arithmetic.power(n);
  const root = inverse(n, key.order);
  const roots = challenges(n, bits, context).map((challenge) => power(challenge, root));
  return Uint8Array.from(concatBytes(...roots.map((each) => toBytes(each, Math.ceil(bits / 8)))));
}

/** Throws PaillierError `wrong-proof` where it does not hold. */
export function verifyModulus(
  arithmetic: Arithmetic,
  { n, bits }: Pick<PublicKey, 'n' | 'bits'>,
  context: Uint8Array,
  proof: Uint8Array,
): void {
  const fail = (what: string): PaillierError =>
    new PaillierError('wrong-proof', `the proof of the modulus does not hold: ${what}`);
  checkModulus(n, 0);
  if (proof.length !== modulusProofBytes(bits)) {
    throw fail(`expected ${modulusProofBytes(bits)} bytes, got ${proof.length}`);
  }
  const small = primesBelow(MODULUS_PROOF_PRIMES_BELOW).find((prime) => n % BigInt(prime) === 0n);
  if (small !== undefined) throw fail(`N has the factor ${small}`);
  const power = arithmetic.power(n);
  const width = Math.ceil(bits / 8);
  challenges(n, bits, context).forEach((challenge, i) => {
    if (i === 0 && power(challenge, n - 1n) === 1n) throw fail('N is a prime');
    const root = fromBytes(proof.subarray(width * i, width * (i + 1)));
    if (root >= n || power(root, n) !== challenge) throw fail(`root ${i} is none`);
  });
}

/** Numbers below N, 128 bits of hash more than it has, so that the remainder leans by 2^−128 at most. */
function challenges(n: bigint, bits: number, context: Uint8Array): bigint[] {
  const width = Math.ceil(bits / 8);
  const head = concatBytes(LABEL, sha256(context), toBytes(n, width));
  const blocks = Math.ceil((width + 16) / 32);
  return Array.from({ length: MODULUS_PROOF_ROOTS }, (_, i) => {
    const hashes = Array.from({ length: blocks }, (_, block) =>
      sha256(concatBytes(head, Uint8Array.of(i, block))),
    );
    return fromBytes(concatBytes(...hashes).subarray(0, width + 16)) % n;
  });
}

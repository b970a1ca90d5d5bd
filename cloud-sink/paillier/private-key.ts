/**
 * The half of a Paillier key that decrypts, by the Chinese remainder theorem: the work is done modulo
 * p² and q² with exponents of half the width, then put together.
 *
 *   m mod p = L_p(c^(p−1) mod p²) · h_p mod p        L_p(u) = (u − 1)/p
 *   h_p = L_p((1 + N)^(p−1) mod p²)^−1 = (−q)^−1 mod p
 */
import { PAILLIER_KEY_BITS_MIN } from '../limits.ts';
import type { Arithmetic, Power } from './arithmetic.ts';
import { PaillierError } from './errors.ts';
import { gcd, inverse, mod } from './integers.ts';
import { notInvertible, PublicKey } from './public-key.ts';

/** One prime's half of a decryption. */
interface Half {
  readonly prime: bigint;
  readonly square: bigint;
  readonly power: Power;
  readonly factor: bigint;
}

export class PrivateKey {
  readonly public: PublicKey;
  readonly p: bigint;
  readonly q: bigint;
  readonly #halves: readonly [Half, Half];
  /** q^−1 mod p, and q^−2 mod p². */
  readonly #inverse: bigint;
  readonly #inverseSquare: bigint;

  /** Two primes of one length. Throws PaillierError `malformed-key`, and as PublicKey does. */
  constructor(arithmetic: Arithmetic, p: bigint, q: bigint, bitsMin = PAILLIER_KEY_BITS_MIN) {
    this.public = new PublicKey(arithmetic, p * q, bitsMin);
    if (p === q || gcd(p * q, (p - 1n) * (q - 1n)) !== 1n) {
      throw new PaillierError('malformed-key', 'N and φ(N) have a common factor');
    }
    this.p = p;
    this.q = q;
    const half = (prime: bigint, other: bigint): Half => ({
      prime,
      square: prime * prime,
      power: arithmetic.power(prime * prime),
      factor: inverse(-other, prime),
    });
    this.#halves = [half(p, q), half(q, p)];
    this.#inverse = inverse(q, p);
    this.#inverseSquare = inverse(q * q, p * p);
  }

  /** φ(N) */
  get order(): bigint {
    return (this.p - 1n) * (this.q - 1n);
  }

  /** Throws PaillierError where it is no ciphertext of this key. */
  decrypt(ciphertext: bigint): bigint {
    this.public.checkRange(ciphertext, 0);
    const [inP, inQ] = this.#halves.map(({ prime, square, power, factor }) => {
      // What `PublicKey.check` needs a gcd for, who knows the primes sees by dividing.
      if (ciphertext % prime === 0n) throw notInvertible(0);
      const raised = power(ciphertext % square, prime - 1n);
      return (((raised - 1n) / prime) * factor) % prime;
    }) as [bigint, bigint];
    return inQ + this.q * mod((inP - inQ) * this.#inverse, this.p);
  }

  /** The number below N² that is `inP` mod p² and `inQ` mod q². */
  join(inP: bigint, inQ: bigint): bigint {
    const [{ square: pSquare }, { square: qSquare }] = this.#halves;
    return inQ + qSquare * mod((inP - inQ) * this.#inverseSquare, pSquare);
  }
}

/**
 * Masks from powers of one base with a short exponent, some ten times as fast as r^N with any r.
 *
 *   h = (−x²)^N mod N²,  x a random unit             mask = h^s,  s of 400 or 512 random bits
 *
 * The base is Damgård, Jurik and Nielsen's ("A generalization of Paillier's public-key system with
 * applications to electronic voting", Int. J. Inf. Secur. 2010), made by whoever encrypts and kept.
 *
 * **The assumption** beside composite residuosity: h^s with such an s cannot be told from h^s with s of full
 * width. The best attack known, Pollard's kangaroos, takes 2^(bits/2) steps: 2^200 where factoring a modulus of
 * 2,048 bits is put at 2^112, 2^256 at 3,072 (2^128).
 *
 * **Where it must not be used** [S14]: the masks are powers of h alone, squares up to sign, so all have Jacobi
 * symbol 1 and lie in a subgroup. Over a ciphertext that others' factors went into they hide neither: what leaves
 * a computation gets one mask of `PublicKey.fullWidth`.
 */
import { FIXED_BASE_WINDOW_BITS } from '../limits.ts';
import type { Arithmetic } from './arithmetic.ts';
import { FixedPower } from './fixed-power.ts';
import { randomBits, randomUnit } from './integers.ts';
import type { PrivateKey } from './private-key.ts';
import type { Masks, PublicKey } from './public-key.ts';

/** Of s. */
const exponentBits = (keyBits: number): number => (keyBits > 2048 ? 512 : 400);

/** Takes 0.2 s and 6.5 MB for a key of 2,048 bits. */
export function fixedBase(arithmetic: Arithmetic, key: PublicKey): Masks {
  const bits = exponentBits(key.bits);
  const powers = new FixedPower(baseOf(arithmetic, key), key.nSquare, bits, FIXED_BASE_WINDOW_BITS);
  return { next: () => powers.of(randomBits(bits, arithmetic.random)) };
}

/** The same masks for the key's own holder, modulo p² and q²: half the time, half the table. */
export function ownFixedBase(arithmetic: Arithmetic, key: PrivateKey): Masks {
  const bits = exponentBits(key.public.bits);
  const base = baseOf(arithmetic, key.public);
  const [inP, inQ] = [key.p, key.q].map(
    (prime) => new FixedPower(base, prime * prime, bits, FIXED_BASE_WINDOW_BITS),
  ) as [FixedPower, FixedPower];
  return {
    next: () => {
      const s = randomBits(bits, arithmetic.random);
      return key.join(inP.of(s), inQ.of(s));
    },
  };
}

function baseOf({ power, random }: Arithmetic, { n, nSquare }: PublicKey): bigint {
  const x = randomUnit(n, random);
  return power(nSquare)(n - ((x * x) % n), n);
}

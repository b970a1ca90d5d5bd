/**
 * A new key: two primes p ≡ q ≡ 3 (mod 4) of half its bits, so that −1 is no square modulo either
 * while its Jacobi symbol mod N is 1 (`fixed-base.ts` needs that), with gcd(p − 1, q − 1) = 2.
 *
 * They are not safe primes: at 1,024 random bits neither p − 1 nor p + 1 is smooth enough for the
 * methods that would profit (Rivest and Silverman, "Are strong primes needed for RSA?", 1999).
 */
import { PAILLIER_KEY_BITS, PAILLIER_KEY_BITS_MIN } from '../limits.ts';
import type { Arithmetic } from './arithmetic.ts';
import { PaillierError } from './errors.ts';
import { gcd } from './integers.ts';
import { PrivateKey } from './private-key.ts';

/** Called with how many of the two primes there are. */
export type KeyProgress = (primes: number, of: number) => void;

/** 2,048 or 3,072 bits; `bitsMin` is lower in tests alone, and then any even number of bits goes. */
export async function generateKey(
  arithmetic: Arithmetic,
  bits: number,
  progress: KeyProgress = () => undefined,
  bitsMin = PAILLIER_KEY_BITS_MIN,
): Promise<PrivateKey> {
  const isTest = bitsMin < PAILLIER_KEY_BITS_MIN && bits % 2 === 0 && bits >= bitsMin;
  if (!isTest && !PAILLIER_KEY_BITS.includes(bits as 2048)) {
    const sizes = PAILLIER_KEY_BITS.join(' or ');
    const code = bits < PAILLIER_KEY_BITS_MIN ? 'key-too-small' : 'malformed-key';
    throw new PaillierError(code, `a key has ${sizes} bits, asked for ${bits}`);
  }
  progress(0, 2);
  for (;;) {
    const p = await arithmetic.prime(bits / 2);
    progress(1, 2);
    const q = await arithmetic.prime(bits / 2);
    if (p === q || gcd(p - 1n, q - 1n) !== 2n) continue;
    progress(2, 2);
    return new PrivateKey(arithmetic, p, q, bitsMin);
  }
}

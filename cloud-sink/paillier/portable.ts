/**
 * The arithmetic in plain BigInt, for browsers and as the twin that OpenSSL's is tested against.
 *
 * Not constant in time: V8 multiplies and divides at the pace of the numbers. Exponents are read four
 * bits at a time, so 2,048 bits take 2,048 squarings and 512 multiplications.
 */
import { PRIME_ROUNDS } from '../limits.ts';
import type { Arithmetic, Power } from './arithmetic.ts';
import { bitLength, randomBelow, randomBits, type Random } from './integers.ts';
import { primesBelow } from './small-primes.ts';

/** `random` must be cryptographic: `crypto.getRandomValues` in a browser. */
export const portableArithmetic = (random: Random): Arithmetic => ({
  power: portablePower,
  prime: (bits) => portablePrime(bits, random),
  random,
});

export function portablePower(modulus: bigint): Power {
  return (base, exponent) => {
    const powers = [1n % modulus];
    for (let i = 1; i < 16; i++) powers.push((powers[i - 1]! * base) % modulus);
    let result = powers[0]!;
    for (const digit of exponent.toString(16)) {
      for (let i = 0; i < 4; i++) result = (result * result) % modulus;
      const index = parseInt(digit, 16);
      if (index > 0) result = (result * powers[index]!) % modulus;
    }
    return result;
  };
}

const SIEVE = primesBelow(2_000).map(BigInt);

/** Lets the page breathe between candidates: a prime of 1,024 bits takes some seconds. */
async function portablePrime(bits: number, random: Random): Promise<bigint> {
  if (bits < 4) throw new RangeError(`a prime of this kind has at least 4 bits, got ${bits}`);
  const fixed = (3n << BigInt(bits - 2)) | 3n;
  for (;;) {
    const candidate = randomBits(bits, random) | fixed;
    if (isProbablePrime(candidate, random)) return candidate;
    await Promise.resolve();
  }
}

/**
 * Miller–Rabin with random bases (Rabin 1980): a composite passes with probability at most
 * 4^−PRIME_ROUNDS, and a random one of 1,024 bits with far less (Damgård, Landrock, Pomerance 1993).
 */
export function isProbablePrime(candidate: bigint, random: Random): boolean {
  if (candidate < 2n) return false;
  for (const prime of SIEVE) if (candidate % prime === 0n) return candidate === prime;
  const power = portablePower(candidate);
  const twos = bitLength((candidate - 1n) & (1n - candidate)) - 1;
  const odd = (candidate - 1n) >> BigInt(twos);
  for (let round = 0; round < PRIME_ROUNDS; round++) {
    let x = power(2n + randomBelow(candidate - 3n, random), odd);
    if (x === 1n || x === candidate - 1n) continue;
    let isWitness = true;
    for (let i = 1; i < twos && isWitness; i++) {
      x = (x * x) % candidate;
      isWitness = x !== candidate - 1n;
    }
    if (isWitness) return false;
  }
  return true;
}

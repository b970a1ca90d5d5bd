/**
 * The door for Node: OpenSSL's modular exponentiation and primes, through node:crypto.
 *
 * node:crypto has no modular exponentiation, but a Diffie–Hellman object is one: `setPrivateKey(e)`,
 * `computeSecret(b)` gives b^e mod its "prime", which may be any odd number of 512 to 10,000 bits.
 * OpenSSL does it in time that does not depend on the exponent's bits (BN_mod_exp_mont_consttime).
 * Objects are reused: making one runs a primality test. What Diffie–Hellman refuses as a degenerate key
 * (bases and results 0, 1 and −1), and moduli it takes for too small, the portable twin computes.
 */
import { createDiffieHellman, generatePrime, randomBytes } from 'node:crypto';
import type { Arithmetic, Power } from './arithmetic.ts';
import { bitLength, fromBytes, toBytes } from './integers.ts';
import { portableArithmetic, portablePower } from './portable.ts';

const OPENSSL_BITS_MIN = 512;
const OPENSSL_BITS_MAX = 10_000;

const anyPrime = (bits: number): Promise<bigint> =>
  new Promise((resolve, reject) => {
    generatePrime(bits, { bigint: true, add: 4n, rem: 3n }, (error, prime) => {
      if (error) reject(error);
      else resolve(prime);
    });
  });

export function nodeArithmetic(random: Arithmetic['random'] = randomBytes): Arithmetic {
  return { power: opensslPower, prime: opensslPrime, random };
}

function opensslPower(modulus: bigint): Power {
  const slow = portablePower(modulus);
  const bits = bitLength(modulus);
  if (bits < OPENSSL_BITS_MIN || bits > OPENSSL_BITS_MAX) return slow;
  const lengthBytes = Math.ceil(bits / 8);
  const group = createDiffieHellman(toBytes(modulus, lengthBytes), Buffer.of(2));
  return (base, exponent) => {
    if (exponent === 0n || base < 2n || base > modulus - 2n) return slow(base, exponent);
    group.setPrivateKey(toBytes(exponent, Math.ceil(bitLength(exponent) / 8)));
    let secret: Uint8Array;
    try {
      secret = group.computeSecret(toBytes(base, lengthBytes));
    } catch {
      return slow(base, exponent);
    }
    return fromBytes(secret);
  };
}

/** OpenSSL draws only the top bit; the second one is waited for. On a thread of its own. */
async function opensslPrime(bits: number): Promise<bigint> {
  if (bits < 32) return portableArithmetic(randomBytes).prime(bits);
  for (;;) {
    const prime = await anyPrime(bits);
    if (prime >> BigInt(bits - 2) === 3n) return prime;
  }
}

/**
 * What the cryptosystem needs of the machine it runs on. Two keep this contract: OpenSSL through
 * node:crypto (`node.ts`) and plain BigInt (`portable.ts`) for browsers.
 */
import type { Random } from './integers.ts';

/** base^exponent mod the modulus it was made for; base in [0, modulus), exponent ≥ 0. */
export type Power = (base: bigint, exponent: bigint) => bigint;

export interface Arithmetic {
  /** Of one odd modulus above 2: made once, used often. */
  readonly power: (modulus: bigint) => Power;
  /** A prime p ≡ 3 (mod 4) of exactly `bits` bits, its two top bits set. */
  readonly prime: (bits: number) => Promise<bigint>;
  readonly random: Random;
}

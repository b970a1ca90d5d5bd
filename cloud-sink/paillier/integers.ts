/** Whole numbers of thousands of bits: as bytes (big-endian), modulo others, at random. */
import { fromHex, toHex } from '@vitalshare/edge/seal';

export type Random = (lengthBytes: number) => Uint8Array;

export const bitLength = (value: bigint): number =>
  value === 0n ? 0 : 4 * (value.toString(16).length - 1) + topBits(value);

const topBits = (value: bigint): number =>
  32 - Math.clz32(parseInt(value.toString(16).slice(0, 1), 16));

export const fromBytes = (bytes: Uint8Array): bigint =>
  bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`);

/** Throws RangeError where it does not fit. */
export function toBytes(value: bigint, lengthBytes: number): Uint8Array {
  const hex = value.toString(16);
  if (value < 0n || hex.length > 2 * lengthBytes) {
    throw new RangeError(`a number of ${bitLength(value)} bits does not fit ${lengthBytes} bytes`);
  }
  return fromHex(hex.padStart(2 * lengthBytes, '0'));
}

/** 0 ≤ result < modulus, of negative numbers too. */
export function mod(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

export function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** Throws RangeError where gcd(value, modulus) is not 1. */
export function inverse(value: bigint, modulus: bigint): bigint {
  let [r, next] = [modulus, mod(value, modulus)];
  let [t, tNext] = [0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [t, tNext] = [tNext, t - quotient * tNext];
  }
  if (r !== 1n) throw new RangeError('not invertible');
  return mod(t, modulus);
}

/** Uniform, of exactly so many bits or fewer. */
export function randomBits(bits: number, random: Random): bigint {
  return BigInt.asUintN(bits, fromBytes(random(Math.ceil(bits / 8))));
}

/** Uniform in [0, bound): what is too large is drawn again. */
export function randomBelow(bound: bigint, random: Random): bigint {
  const bits = bitLength(bound);
  for (;;) {
    const value = randomBits(bits, random);
    if (value < bound) return value;
  }
}

/** Uniform among the invertible ones below `modulus`. */
export function randomUnit(modulus: bigint, random: Random): bigint {
  for (;;) {
    const value = randomBelow(modulus, random);
    if (gcd(value, modulus) === 1n) return value;
  }
}

/** The field as a textbook writes it, in BigInt: the twin that `field.ts` is tested against. */
import { P } from './field.ts';

export const add = (a: bigint, b: bigint): bigint => (a + b) % P;
export const subtract = (a: bigint, b: bigint): bigint => (a + P - b) % P;
export const multiply = (a: bigint, b: bigint): bigint => (a * b) % P;

/** The inverse by Fermat: a^(p−2). Throws RangeError on 0. */
export function invert(a: bigint): bigint {
  if (a % P === 0n) throw new RangeError('0 has no inverse');
  let result = 1n;
  let base = a % P;
  for (let exponent = P - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = multiply(result, base);
    base = multiply(base, base);
  }
  return result;
}

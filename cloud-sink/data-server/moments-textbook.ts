/** The slow twin of `limbs.ts`: the same sums in BigInt, as SHARING.md writes them. */
import { P } from '@vitalshare/edge/field';

export const sumTextbook = (x: readonly bigint[]): bigint =>
  x.reduce((sum, value) => (sum + value) % P, 0n);

export const sumProductsTextbook = (x: readonly bigint[], y: readonly bigint[]): bigint =>
  x.reduce((sum, value, i) => (sum + value * y[i]!) % P, 0n);

/** Keys of the vectors, which Python made (`vectors/make_vectors.py`), for tests of both arithmetics. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Arithmetic } from './arithmetic.ts';
import { nodeArithmetic } from './node.ts';
import { portableArithmetic } from './portable.ts';
import { PrivateKey } from './private-key.ts';

interface KeyVector {
  readonly bits: number;
  readonly p: string;
  readonly q: string;
  readonly n: string;
  readonly cases: readonly { readonly m: string; readonly r: string; readonly c: string }[];
  readonly sum: { readonly c: string; readonly m: string };
  readonly scaled: { readonly k: string; readonly c: string; readonly m: string };
  readonly multi: { readonly exponents: readonly string[]; readonly c: string; readonly m: string };
  readonly context: string;
  readonly proof: string;
}
interface PowerVector {
  readonly b: string;
  readonly e: string;
  readonly m: string;
  readonly r: string;
}

export const VECTORS = JSON.parse(
  readFileSync(new URL('vectors/paillier.json', import.meta.url), 'utf8'),
) as { readonly keys: readonly KeyVector[]; readonly powers: readonly PowerVector[] };

export const ARITHMETICS = {
  openssl: nodeArithmetic(),
  portable: portableArithmetic(randomBytes),
} as const;

/** The key of so many bits. */
export function testKey(bits: 256 | 2048 | 3072, arithmetic: Arithmetic = ARITHMETICS.openssl) {
  const { p, q } = VECTORS.keys.find((each) => each.bits === bits)!;
  return new PrivateKey(arithmetic, BigInt(p), BigInt(q), bits);
}

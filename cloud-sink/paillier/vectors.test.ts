/** Both arithmetics against numbers that Python computed (`vectors/README.md`). */
import { describe, expect, it } from 'vitest';
import { fromHex, toHex, utf8 } from '@vitalshare/edge/seal';
import { ARITHMETICS, testKey, VECTORS } from './keys.fixture.ts';
import { proveModulus, verifyModulus } from './modulus-proof.ts';
import { MultiPower } from './multi-power.ts';

const names = Object.keys(ARITHMETICS) as (keyof typeof ARITHMETICS)[];

describe.each(names)('the vectors, by %s', (name) => {
  const arithmetic = ARITHMETICS[name];

  it('modular powers of 64 to 6,144 bits', () => {
    expect(VECTORS.powers).toHaveLength(20);
    for (const { b, e, m, r } of VECTORS.powers) {
      expect(arithmetic.power(BigInt(m))(BigInt(b), BigInt(e))).toBe(BigInt(r));
    }
  });

  it.each([256, 2048, 3072] as const)('a key of %i bits', (bits) => {
    const vector = VECTORS.keys.find((each) => each.bits === bits)!;
    const key = testKey(bits, arithmetic);
    expect(key.public.n).toBe(BigInt(vector.n));
    expect(key.public.bits).toBe(bits);
    // r^N is raised by the contract that the first test holds; the mask is what the vector used.
    const maskOf = (r: string): bigint =>
      arithmetic.power(key.public.nSquare)(BigInt(r), key.public.n);
    for (const { m, r, c } of vector.cases) {
      expect(key.public.encrypt(BigInt(m), { next: () => maskOf(r) })).toBe(BigInt(c));
      expect(key.decrypt(BigInt(c))).toBe(BigInt(m));
    }
    const [a, b] = [vector.cases[4]!, vector.cases[5]!].map(({ c }) => BigInt(c));
    const { sum, scaled, multi } = vector;
    expect(key.public.add(a!, b!)).toBe(BigInt(sum.c));
    expect(key.decrypt(BigInt(sum.c))).toBe(BigInt(sum.m));
    expect(key.public.multiply(a!, BigInt(scaled.k))).toBe(BigInt(scaled.c));
    expect(key.decrypt(BigInt(scaled.c))).toBe(BigInt(scaled.m));
    const product = new MultiPower(key.public.nSquare, 61, vector.cases.length);
    vector.cases.forEach(({ c }, i) => product.add(BigInt(c), BigInt(multi.exponents[i]!)));
    expect(product.product()).toBe(BigInt(multi.c));
    expect(key.decrypt(product.product())).toBe(BigInt(multi.m));
  });

  it.each([256, 2048, 3072] as const)('the proof of a modulus of %i bits', (bits) => {
    const { context, proof } = VECTORS.keys.find((each) => each.bits === bits)!;
    const key = testKey(bits, arithmetic);
    expect(toHex(proveModulus(arithmetic, key, utf8(context)))).toBe(proof);
    verifyModulus(arithmetic, key.public, utf8(context), fromHex(proof));
  });
});

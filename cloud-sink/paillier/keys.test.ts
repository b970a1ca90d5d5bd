/** Making keys, proving them, and refusing each key that is not what it says. */
import { describe, expect, it } from 'vitest';
import { toBase64Url, utf8 } from '@vitalshare/edge/seal';
import { generateKey } from './generate.ts';
import { bitLength, gcd, toBytes } from './integers.ts';
import { ARITHMETICS, testKey } from './keys.fixture.ts';
import { modulusProofBytes, proveModulus, verifyModulus } from './modulus-proof.ts';
import { isProbablePrime, portablePower } from './portable.ts';
import { PrivateKey } from './private-key.ts';
import { acceptKey, publishKey } from './published-key.ts';

const code = (wanted: string): Error => expect.objectContaining({ code: wanted }) as Error;
const names = Object.keys(ARITHMETICS) as (keyof typeof ARITHMETICS)[];
const { portable } = ARITHMETICS;

describe.each(names)('the arithmetic by %s', (name) => {
  const arithmetic = ARITHMETICS[name];

  it('raises 0, 1, −1 and to 0, and where the result is 0, 1 or −1', () => {
    const p = (1n << 521n) - 1n;
    const power = arithmetic.power(p * p);
    expect(power(0n, 5n)).toBe(0n);
    expect(power(1n, 5n)).toBe(1n);
    expect(power(p * p - 1n, 5n)).toBe(p * p - 1n);
    expect(power(p * p - 1n, 6n)).toBe(1n);
    expect(power(3n, 0n)).toBe(1n);
    expect(power(p, 2n)).toBe(0n);
    expect(power(1n + p, p)).toBe(1n);
    expect(power(2n, 521n * p)).toBe(1n);
    // 3 is no square modulo 2^521 − 1 (7 modulo 12), so its power there is −1.
    expect(power(3n, (p * (p - 1n)) / 2n)).toBe(p * p - 1n);
  });

  it('draws primes of the form that keys need', async () => {
    for (const bits of [16, 64, 256]) {
      const prime = await arithmetic.prime(bits);
      expect(bitLength(prime)).toBe(bits);
      expect(prime % 4n).toBe(3n);
      expect(prime >> BigInt(bits - 2)).toBe(3n);
      expect(isProbablePrime(prime, arithmetic.random)).toBe(true);
    }
  });

  it('makes a key, telling how far it is', async () => {
    const told: string[] = [];
    const key = await generateKey(arithmetic, 256, (n, of) => told.push(`${n} of ${of}`), 256);
    expect(told.slice(0, 2)).toEqual(['0 of 2', '1 of 2']);
    expect(told.at(-1)).toBe('2 of 2');
    expect(key.public.bits).toBe(256);
    expect(gcd(key.p - 1n, key.q - 1n)).toBe(2n);
    expect(key.decrypt(key.public.encrypt(42n))).toBe(42n);
  });

  it('refuses to make a small key, or one of another size', async () => {
    await expect(generateKey(arithmetic, 1024)).rejects.toThrow(code('key-too-small'));
    await expect(generateKey(arithmetic, 2050)).rejects.toThrow(code('malformed-key'));
    await expect(generateKey(arithmetic, 4096)).rejects.toThrow(code('malformed-key'));
  });
});

it('a key of 2,048 bits, by OpenSSL', async () => {
  const key = await generateKey(ARITHMETICS.openssl, 2048);
  expect(key.public.bits).toBe(2048);
  expect(key.decrypt(key.public.encrypt(2n ** 2000n))).toBe(2n ** 2000n);
});

describe('primes', () => {
  it('are told from composites, Carmichael numbers and strong pseudoprimes among them', () => {
    const isPrime = (value: bigint): boolean => isProbablePrime(value, portable.random);
    for (const prime of [2n, 3n, 1_999n, 2_003n, 2n ** 61n - 1n, 2n ** 521n - 1n]) {
      expect(isPrime(prime)).toBe(true);
    }
    // 3215031751 and 3825123056546413051 pass for the bases 2 to 7 and 2 to 23 (Jaeschke 1993).
    const composites = [0n, 1n, 561n, 4_012_009n, 3_215_031_751n, 3_825_123_056_546_413_051n];
    for (const composite of composites) expect(isPrime(composite)).toBe(false);
  });
});

describe('the proof of a modulus', () => {
  const key = testKey(256, portable);
  const context = utf8('context');
  const proof = proveModulus(portable, key, context);
  const verify = (n: bigint, bytes: Uint8Array, about = context): void =>
    verifyModulus(portable, { n, bits: bitLength(n) }, about, bytes);

  it('holds', () => {
    verify(key.public.n, proof);
    expect(proof).toHaveLength(8 * 32);
    expect(modulusProofBytes(2048)).toBe(2048);
  });

  it('is refused when any root is another number, for another context, or of another length', () => {
    for (let i = 0; i < 8; i++) {
      const wrong = proof.slice();
      wrong[32 * i + 31]! ^= 1;
      expect(() => verify(key.public.n, wrong)).toThrow(`root ${i} is none`);
    }
    expect(() => verify(key.public.n, proof, utf8('Context'))).toThrow(code('wrong-proof'));
    expect(() => verify(key.public.n, proof.subarray(1))).toThrow(/expected 256 bytes, got 255/);
    const swapped = Uint8Array.from([...proof.subarray(32, 64), ...proof.subarray(0, 32)]);
    expect(() =>
      verify(key.public.n, Uint8Array.from([...swapped, ...proof.subarray(64)])),
    ).toThrow(code('wrong-proof'));
    // σ + N is a root too where it fits the width: one modulus, one proof.
    expect(() => verify(key.public.n, new Uint8Array(256).fill(255))).toThrow(code('wrong-proof'));
  });

  /** The roots that a cheat can compute: right ones where N-th powers of the challenges have them. */
  const forged = (n: bigint, order: bigint): Uint8Array => {
    const cheat = { public: { n, bits: bitLength(n) }, order: order / gcd(n, order) };
    return proveModulus(portable, cheat, context);
  };

  it('is refused for a modulus that shares a factor with φ(N), though small ones are ruled out', () => {
    // q = 1 mod p, found by search: q = 2kp + 1.
    let q = 0n;
    const p = (1n << 127n) - 1n;
    for (let k = 1n; !isProbablePrime(q, portable.random); k++) q = 2n * k * p + 1n;
    const order = (p - 1n) * (q - 1n);
    expect(gcd(p * q, order)).toBe(p);
    expect(() => new PrivateKey(portable, p, q, 128)).toThrow(code('malformed-key'));
    expect(() => verify(p * q, forged(p * q, order))).toThrow(/root \d is none/);
    // A square: φ(p²) = p·(p − 1).
    expect(() => verify(p * p, forged(p * p, p * (p - 1n)))).toThrow(/root \d is none/);
  });

  it('is refused for a modulus with a small factor, and for a prime', () => {
    const p = (1n << 127n) - 1n;
    expect(() => verify(65_521n * p, forged(65_521n * p, 65_520n * (p - 1n)))).toThrow(
      /N has the factor 65521/,
    );
    const prime = (1n << 521n) - 1n;
    expect(() => verify(prime, forged(prime, prime - 1n))).toThrow(/N is a prime/);
  });
});

describe('a published key', () => {
  const key = testKey(2048);
  const arithmetic = ARITHMETICS.openssl;
  const published = publishKey(arithmetic, key, 'world', 'owner');
  const accept = (each: typeof published, owner = 'owner', world = 'world') =>
    acceptKey(arithmetic, each, world, owner);

  it('is accepted', () => {
    expect(accept(published).n).toBe(key.public.n);
  });

  it('is refused when it is another’s, of another world, or said to be of somebody else', () => {
    expect(() => accept(published, 'other')).toThrow(code('not-the-askers-key'));
    expect(() => accept({ ...published, owner: 'other' }, 'other')).toThrow(code('wrong-proof'));
    expect(() => accept(published, 'owner', 'World')).toThrow(code('wrong-proof'));
  });

  it('is refused when it is malformed, too small or too long', () => {
    const of = (n: bigint, length: number): typeof published => ({
      ...published,
      n: toBase64Url(toBytes(n, length)),
    });
    expect(() => accept({ ...published, n: '*' })).toThrow(code('malformed-key'));
    expect(() => accept({ ...published, n: '' })).toThrow(code('key-too-small'));
    expect(() => accept({ ...published, proof: '=' })).toThrow(code('malformed-key'));
    expect(() => accept({ ...published, proof: '' })).toThrow(code('wrong-proof'));
    expect(() => accept(of(testKey(256).public.n, 32))).toThrow(code('key-too-small'));
    expect(() => accept(of(2n ** 2047n, 256))).toThrow(code('malformed-key'));
    expect(() => accept(of(2n ** 3080n + 1n, 386))).toThrow(code('malformed-key'));
  });

  it('says nothing of its numbers when it is refused', () => {
    try {
      accept({ ...published, proof: published.proof.replaceAll('A', 'B') });
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message).not.toMatch(/[A-Za-z0-9_-]{40}|\d{20}/);
    }
  });
});

it('the order of a key is what the units mod N have', () => {
  const key = testKey(256, portable);
  expect(portablePower(key.public.n)(12_345n, key.order)).toBe(1n);
});

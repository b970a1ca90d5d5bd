/** Every homomorphism as a property, each wrong ciphertext refused, each kind of mask. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixedBase, ownFixedBase } from './fixed-base.ts';
import { FixedPower } from './fixed-power.ts';
import { ARITHMETICS, testKey } from './keys.fixture.ts';
import { MaskPool } from './mask-pool.ts';
import { MultiPower } from './multi-power.ts';
import { portablePower } from './portable.ts';
import { PublicKey } from './public-key.ts';
import { pack, slotsIn, unpack } from './slots.ts';

const key = testKey(256, ARITHMETICS.portable);
const { n, nSquare } = key.public;
const plain = fc.oneof(fc.constantFrom(0n, 1n, n - 1n), fc.bigInt({ min: 0n, max: n - 1n }));
const modN = (value: bigint): bigint => ((value % n) + n) % n;

describe('what ciphertexts do', () => {
  it('decrypt to what was encrypted', () => {
    fc.assert(
      fc.property(plain, (m) => {
        expect(key.decrypt(key.public.encrypt(m))).toBe(m);
      }),
    );
  });

  it('add, with each other and with a known number', () => {
    fc.assert(
      fc.property(plain, plain, fc.bigInt({ min: -n, max: n }), (a, b, k) => {
        const [ca, cb] = [key.public.encrypt(a), key.public.encrypt(b)];
        expect(key.decrypt(key.public.add(ca, cb))).toBe(modN(a + b));
        expect(key.decrypt(key.public.addPlain(ca, k))).toBe(modN(a + k));
        expect(key.decrypt(key.public.add(ca, key.public.negate(cb)))).toBe(modN(a - b));
      }),
    );
  });

  it('are multiplied by a number of either sign', () => {
    fc.assert(
      fc.property(plain, fc.bigInt({ min: -n, max: n }), (m, k) => {
        const c = key.public.encrypt(m);
        expect(key.decrypt(key.public.multiply(c, k))).toBe(modN(k * m));
      }),
    );
  });

  it('are re-randomised: another ciphertext of the same number', () => {
    fc.assert(
      fc.property(plain, (m) => {
        const c = key.public.encrypt(m);
        const other = key.public.rerandomise(c);
        expect(other).not.toBe(c);
        expect(key.decrypt(other)).toBe(m);
      }),
    );
  });

  it('are raised and multiplied together as one by one', () => {
    const term = fc.tuple(plain, fc.bigInt({ min: 0n, max: 2n ** 61n - 1n }));
    const many = fc.array(term, { minLength: 0, maxLength: 12 });
    fc.assert(
      fc.property(many, fc.constantFrom(1, 12, 1_000, 100_000), (terms, expected) => {
        const product = new MultiPower(nSquare, 61, expected);
        for (const [m, e] of terms) product.add(key.public.encrypt(m), e);
        const total = terms.reduce((sum, [m, e]) => sum + m * e, 0n);
        expect(key.decrypt(product.product())).toBe(modN(total));
      }),
      { numRuns: 40 },
    );
  });

  it('cross the wire', () => {
    const ciphertexts = [3n, n - 1n, 0n].map((m) => key.public.encrypt(m));
    const bytes = key.public.toBytes(ciphertexts);
    expect(bytes).toHaveLength(3 * 64);
    expect(key.public.fromBytes(bytes, 3)).toEqual(ciphertexts);
  });
});

describe('masks', () => {
  it.each([
    ['of one base', fixedBase(ARITHMETICS.portable, key.public)],
    ['of one base, by the holder of the key', ownFixedBase(ARITHMETICS.portable, key)],
    ['kept ahead', new MaskPool(key.public.fullWidth)],
  ])('%s encrypt 0, differ, and are powers of N', (_, masks) => {
    const made = Array.from({ length: 20 }, () => masks.next());
    expect(new Set(made).size).toBe(20);
    for (const mask of made) {
      expect(key.decrypt(mask)).toBe(0n);
      expect(portablePower(nSquare)(mask, key.order)).toBe(1n);
    }
  });

  it('are taken from the pool once, and a limit holds it', async () => {
    let made = 0n;
    const pool = new MaskPool({ next: () => ++made });
    await pool.fill(3, () => Promise.resolve());
    expect(pool.size).toBe(3);
    expect([pool.next(), pool.next(), pool.next(), pool.next()].sort()).toEqual([1n, 2n, 3n, 4n]);
    expect(pool.size).toBe(0);
    await expect(pool.fill(4_097, () => Promise.resolve())).rejects.toThrow(RangeError);
  });

  it('of one base all have Jacobi symbol 1; of full width half of them have', () => {
    const jacobi = (mask: bigint): number =>
      [key.p, key.q].reduce(
        (sign, prime) =>
          portablePower(prime)(mask % prime, (prime - 1n) / 2n) === 1n ? sign : -sign,
        1,
      );
    const short = fixedBase(ARITHMETICS.portable, key.public);
    const count = (next: () => bigint): number =>
      Array.from({ length: 100 }, next).filter((mask) => jacobi(mask) === 1).length;
    expect(count(() => short.next())).toBe(100);
    // 100 fair coins are outside 20 … 80 once in 10^9 runs.
    const full = count(() => key.public.fullWidth.next());
    expect(full).toBeGreaterThan(19);
    expect(full).toBeLessThan(81);
  });

  it('come from a table that computes what a power is', () => {
    const table = new FixedPower(7n, nSquare, 100, 8);
    const power = portablePower(nSquare);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 100n - 1n }), (e) => {
        expect(table.of(e)).toBe(power(7n, e));
      }),
      { numRuns: 30 },
    );
    expect(() => table.of(2n ** 104n)).toThrow(RangeError);
  });
});

describe('slots', () => {
  it('hold what was packed, and sums and multiples of it', () => {
    const slots = { widthBits: 40, count: 6 };
    const numbers = fc.array(fc.bigInt({ min: 0n, max: 2n ** 30n }), {
      minLength: 6,
      maxLength: 6,
    });
    fc.assert(
      fc.property(numbers, numbers, fc.bigInt({ min: 0n, max: 255n }), (a, b, k) => {
        expect(unpack(slots, pack(slots, a) * k + pack(slots, b))).toEqual(
          a.map((each, i) => each * k + b[i]!),
        );
      }),
    );
    expect(slotsIn(2048, 220)).toBe(9);
  });

  it('refuse what does not fit', () => {
    expect(() => pack({ widthBits: 4, count: 2 }, [16n])).toThrow(/slot 0 has 4 bits/);
    expect(() => pack({ widthBits: 4, count: 2 }, [0n, -1n])).toThrow(/slot 1/);
    expect(() => pack({ widthBits: 4, count: 2 }, [0n, 1n, 2n])).toThrow(/2 slots .* got 3/);
  });
});

describe('a wrong ciphertext is refused', () => {
  const good = key.public.encrypt(5n);
  it.each([
    ['0', 0n, 'ciphertext-range'],
    ['negative', -1n, 'ciphertext-range'],
    ['N²', nSquare, 'ciphertext-range'],
    ['beyond N²', nSquare + 1n, 'ciphertext-range'],
    ['N', n, 'ciphertext-not-invertible'],
    ['a multiple of p', 12n * key.p, 'ciphertext-not-invertible'],
    ['a multiple of q', key.q * key.q, 'ciphertext-not-invertible'],
  ])('%s', (_, wrong, code) => {
    expect(() => key.decrypt(wrong)).toThrow(expect.objectContaining({ code }) as Error);
    const place = /ciphertext 1 /;
    expect(() => key.public.check([good, wrong, good])).toThrow(place);
  });

  it('too few bytes', () => {
    const bytes = key.public.toBytes([good]);
    expect(() => key.public.fromBytes(bytes, 2)).toThrow(/2 ciphertexts have 128 bytes, got 64/);
  });

  it('a plaintext outside [0, N) is the caller’s bug', () => {
    for (const m of [-1n, n, n + 1n]) expect(() => key.public.encrypt(m)).toThrow(RangeError);
    expect(() => new MultiPower(nSquare, 61, 1).add(2n, 2n ** 61n)).toThrow(RangeError);
    expect(() => new MultiPower(nSquare, 61, 1).add(2n, -1n)).toThrow(RangeError);
  });

  it('a key that is too small, too large or even', () => {
    const refused = (modulus: bigint, code: string): void =>
      expect(() => new PublicKey(ARITHMETICS.portable, modulus)).toThrow(
        expect.objectContaining({ code }) as Error,
      );
    refused(0n, 'key-too-small');
    refused(-7n, 'key-too-small');
    refused(n, 'key-too-small');
    refused(2n ** 2047n - 1n, 'key-too-small');
    refused(2n ** 2048n - 2n, 'malformed-key');
    refused(2n ** 3072n + 1n, 'malformed-key');
  });
});

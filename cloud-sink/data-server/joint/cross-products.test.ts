/** Products of two servers' rows, under a key of 2,048 bits, against plain arithmetic. [PROTO-62] [PROTO-64] */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownFixedBase } from '../../paillier/fixed-base.ts';
import { ARITHMETICS, testKey } from '../../paillier/keys.fixture.ts';
import {
  blindingOf,
  encryptRow,
  Multiplier,
  openProducts,
  ownProducts,
  productSlots,
} from './cross-products.ts';

const MODULUS = 2n ** 61n - 1n;
const key = testKey(2048);
const masks = ownFixedBase(ARITHMETICS.openssl, key);
const share = fc.oneof(
  fc.constantFrom(0n, 1n, MODULUS - 1n),
  fc.bigInt({ min: 0n, max: MODULUS - 1n }),
);
const row = fc.tuple(share, share, share);

describe('products of two servers', () => {
  it('add up to those of the sums of their shares, the largest shares too', () => {
    const rows = fc.array(fc.tuple(row, row), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(rows, (pairs) => {
        const slots = productSlots(2048, 3, pairs.length);
        const multiplier = new Multiplier(key.public, slots, pairs.length);
        for (const [own, other] of pairs) {
          multiplier.add(encryptRow(key.public, masks, slots, own), other);
        }
        const { ciphertexts, kept } = multiplier.finish(blindingOf(key.public, randomBytes));
        const opened = openProducts(key, slots, ciphertexts);
        const [a, b] = [pairs.map(([own]) => own), pairs.map(([, other]) => other)];
        const both = pairs.map(([own, other]) => own.map((x, v) => (x + other[v]!) % MODULUS));
        const [ownA, ownB, whole] = [a, b, both].map((each) => ownProducts(each, 3));
        expect(opened.map((x, m) => (x + kept[m]! + ownA![m]! + ownB![m]!) % MODULUS)).toEqual(
          whole,
        );
      }),
      { numRuns: 8 },
    );
  });
});

describe('slots', () => {
  it('are 122 bits, those of the number of rows, 80 of blinding and 2', () => {
    expect(productSlots(2048, 2, 1)).toEqual({ widthBits: 204, count: 2 });
    expect(productSlots(2048, 2, 10_000)).toEqual({ widthBits: 218, count: 2 });
    expect(productSlots(2048, 8, 65_536)).toEqual({ widthBits: 220, count: 8 });
  });

  it('do not fit a key that is too small', () => {
    expect(() => productSlots(256, 2, 1)).toThrow(
      expect.objectContaining({ code: 'key-too-small' }) as Error,
    );
  });
});

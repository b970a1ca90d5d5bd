import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FieldError,
  P,
  addVectors,
  fieldVector,
  getBigInt,
  readElements,
  setBigInt,
  setInteger,
  toSigned,
  writeElements,
} from './field.ts';
import * as textbook from './textbook.ts';

const MODULUS = 2305843009213693951n;
const EDGES = [
  0n,
  1n,
  2n ** 21n - 1n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 42n,
  2n ** 60n,
  MODULUS - 2n ** 31n,
  MODULUS - 2n,
  MODULUS - 1n,
];
const element = fc.oneof(fc.constantFrom(...EDGES), fc.bigInt({ min: 0n, max: MODULUS - 1n }));
const vectorOf = (...values: bigint[]) => {
  const vector = fieldVector(values.length);
  values.forEach((value, index) => setBigInt(vector, index, value));
  return vector;
};

describe('the field of 2^61 - 1', () => {
  it('has that modulus', () => {
    expect(P).toBe(MODULUS);
  });

  const checkSum = (a: bigint, b: bigint): void => {
    const sum = vectorOf(a);
    addVectors(sum, vectorOf(b));
    expect(getBigInt(sum, 0)).toBe((a + b) % MODULUS);
    expect(textbook.add(a, b)).toBe((a + b) % MODULUS);
  };

  it.each([...EDGES])('adds %s to every edge value as the textbook does', (a) => {
    for (const b of EDGES) checkSum(a, b);
  });

  it('adds as the textbook does', () => {
    fc.assert(fc.property(element, element, checkSum), { numRuns: 5000 });
  });

  it('keeps signed integers of up to 53 bits', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const vector = fieldVector(1);
        setInteger(vector, 0, value);
        expect(toSigned(getBigInt(vector, 0))).toBe(BigInt(value));
      }),
    );
    expect(() => setInteger(fieldVector(1), 0, 0.5)).toThrow(RangeError);
  });

  it('reads back what it writes, little-endian', () => {
    fc.assert(
      fc.property(fc.array(element), (values) => {
        const bytes = new Uint8Array(8 * values.length + 3);
        expect(writeElements(vectorOf(...values), bytes, 3)).toBe(bytes.length);
        const view = new DataView(bytes.buffer);
        values.forEach((value, i) => expect(view.getBigUint64(3 + 8 * i, true)).toBe(value));
        expect(readElements(bytes, 3, values.length)).toEqual(vectorOf(...values));
      }),
    );
  });

  it('refuses words that are not below p and short input [SHARE-1]', () => {
    const word = (value: bigint) => new Uint8Array(new BigUint64Array([value]).buffer);
    for (const bad of [MODULUS, MODULUS + 1n, 2n ** 61n, 2n ** 63n, 2n ** 64n - 1n]) {
      expect(() => readElements(word(bad), 0, 1)).toThrow(FieldError);
    }
    expect(readElements(word(MODULUS - 1n), 0, 1)).toHaveLength(2);
    expect(() => readElements(new Uint8Array(7), 0, 1)).toThrow('expected 1 elements');
  });

  it('inverts everything but 0', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: MODULUS - 1n }), (a) => {
        expect(textbook.multiply(a, textbook.invert(a))).toBe(1n);
      }),
      { numRuns: 50 },
    );
    expect(() => textbook.invert(0n)).toThrow(RangeError);
  });
});

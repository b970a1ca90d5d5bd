/** The mask kernel against its textbook twin, node:crypto and RFC 8439, edge values included. */
import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FieldVector, fieldVector, getBigInt, setBigInt } from '../field/field.ts';
import { chachaBlock } from './chacha20.ts';
import { addMasks, createMaskEngine, subtractMasks, xorMasks } from './masks.ts';
import { streamElements } from './stream.ts';
import { addMasksTextbook, elementsOf } from './textbook.ts';

const MODULUS = 2305843009213693951n;
const COUNTER_MAX = 9007199254740991;
/** Where carries happen: around 0, p, and the boundary between the two words. */
const EDGES = [
  ...[0n, 1n, 2n, MODULUS - 1n, MODULUS - 2n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 31n + 1n],
  ...[2n ** 60n, 2n ** 60n - 1n, MODULUS - 2n ** 31n, MODULUS - 2n ** 31n + 1n],
];
const element = fc.oneof(fc.constantFrom(...EDGES), fc.bigInt({ min: 0n, max: MODULUS - 1n }));
const counter = fc.oneof(
  fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 52, COUNTER_MAX),
  fc.maxSafeNat(),
);
const keysOf = (sets: number) => fc.uint8Array({ minLength: 32 * sets, maxLength: 32 * sets });
/** Keys and factors of one to five sets. */
const sets = fc.integer({ min: 1, max: 5 }).chain((count) =>
  fc.record({
    keys: keysOf(count),
    factors: fc.array(element, { minLength: count, maxLength: count }),
  }),
);
const lengths = fc.oneof(fc.integer({ min: 0, max: 33 }), fc.constantFrom(60, 63, 64, 65, 2049));
const elements = (min = 0, max = 33) => fc.array(element, { minLength: min, maxLength: max });

const vectorOf = (values: readonly bigint[]): FieldVector => {
  const vector = fieldVector(values.length);
  values.forEach((value, i) => setBigInt(vector, i, value));
  return vector;
};

/** ChaCha20 by OpenSSL: its 16-byte iv is block u32 ‖ nonce. */
function openssl(key: Uint8Array, nonce: number, first: number, count: number): Uint8Array {
  const iv = Buffer.alloc(16);
  iv.writeUInt32LE(Math.floor(first / 64), 0);
  iv.writeBigUInt64LE(BigInt(nonce), 4);
  const skip = first % 64;
  const cipher = createCipheriv('chacha20', key, iv);
  return new Uint8Array(cipher.update(Buffer.alloc(skip + count))).subarray(skip);
}

describe('keystreams of the kernel', () => {
  it('are those of node:crypto, byte for byte, from any byte on', () => {
    fc.assert(
      fc.property(
        keysOf(1),
        counter,
        fc.oneof(fc.nat(200), fc.constantFrom(2 ** 23 - 7, 2 ** 23 - 64)),
        fc.oneof(fc.nat(33), fc.constantFrom(255, 256, 257, 16384, 16385, 40000)),
        (key, nonce, first, count) => {
          const bytes = new Uint8Array(count);
          xorMasks(bytes, key, nonce, first);
          expect(Buffer.compare(bytes, openssl(key, nonce, first, count))).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of several sets are XORed into what is there', () => {
    fc.assert(
      fc.property(keysOf(3), counter, fc.uint8Array({ maxLength: 600 }), (keys, nonce, plain) => {
        const bytes = plain.slice();
        xorMasks(bytes, keys, nonce);
        const expected = plain.slice();
        for (let set = 0; set < 3; set++) {
          const stream = openssl(keys.subarray(32 * set, 32 * set + 32), nonce, 0, plain.length);
          stream.forEach((byte, i) => (expected[i]! ^= byte));
        }
        expect(Buffer.compare(bytes, expected)).toBe(0);
      }),
    );
  });

  it('have the block function of RFC 8439 section 2.3.2 in their twin, and agree with it', () => {
    // Key 00..1f, block 1, nonce 00 00 00 09 00 00 00 4a 00 00 00 00.
    const key = Uint8Array.from({ length: 32 }, (_, i) => i);
    const nonce = 0x4a000000 * 2 ** 32 + 0x09000000;
    const block = chachaBlock(key, nonce, 1);
    expect([...block.subarray(0, 4)]).toEqual([0xe4e7f110, 0x15593bd1, 0x1fdd0f50, 0xc47120a3]);
    const bytes = new Uint8Array(64);
    xorMasks(bytes, key, nonce, 64);
    expect(bytes).toEqual(new Uint8Array(block.buffer));
  });
});

describe('masks', () => {
  it('are added as the textbook does, from any element on [SHARE-8]', () => {
    fc.assert(
      fc.property(
        sets,
        counter,
        fc.oneof(fc.nat(70), fc.constantFrom(2 ** 20 - 40)),
        elements(),
        ({ keys, factors }, nonce, first, values) => {
          const [fast, slow] = [vectorOf(values), vectorOf(values)];
          addMasks(fast, keys, vectorOf(factors), nonce, first);
          addMasksTextbook(slow, keys, factors, nonce, first);
          expect(fast).toEqual(slow);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('are subtracted as the textbook does', () => {
    fc.assert(
      fc.property(sets, counter, elements(), ({ keys, factors }, nonce, values) => {
        const [fast, slow] = [vectorOf(values), vectorOf(values)];
        subtractMasks(fast, keys, nonce);
        addMasksTextbook(
          slow,
          keys,
          factors.map(() => MODULUS - 1n),
          nonce,
          0,
        );
        expect(fast).toEqual(slow);
      }),
      { numRuns: 1000 },
    );
  });

  it('give canonical elements where the sum is 0, p − 1 or on a carry', () => {
    fc.assert(
      fc.property(sets, counter, ({ keys, factors }, nonce) => {
        const total = fieldVector(EDGES.length);
        addMasks(total, keys, vectorOf(factors), nonce);
        const totals = EDGES.map((_, i) => getBigInt(total, i));
        const masked = vectorOf(EDGES.map((edge, i) => edge - totals[i]!));
        addMasks(masked, keys, vectorOf(factors), nonce);
        expect(masked).toEqual(vectorOf(EDGES));
        const sums = fieldVector(EDGES.length);
        subtractMasks(sums, keys, nonce);
        const plain = vectorOf(EDGES.map((edge, i) => edge - getBigInt(sums, i)));
        subtractMasks(plain, keys, nonce);
        expect(plain).toEqual(vectorOf(EDGES));
      }),
      { numRuns: 500 },
    );
  });

  it('of frames longer than one call are the same', () => {
    fc.assert(
      fc.property(keysOf(2), counter, fc.nat(40), lengths, (keys, nonce, first, count) => {
        const values = Array.from({ length: count }, (_, i) => EDGES[i % EDGES.length]!);
        const factors = [MODULUS - 1n, 2n ** 31n];
        const [fast, slow] = [vectorOf(values), vectorOf(values)];
        addMasks(fast, keys, vectorOf(factors), nonce, first);
        addMasksTextbook(slow, keys, factors, nonce, first);
        expect(fast).toEqual(slow);
        subtractMasks(fast, keys, nonce);
        addMasksTextbook(slow, keys, [MODULUS - 1n, MODULUS - 1n], nonce, 0);
        expect(fast).toEqual(slow);
      }),
      { numRuns: 60 },
    );
  });

  it('of 500 sets, the most there may be, do not overflow', () => {
    const keys = Uint8Array.from({ length: 32 * 500 }, (_, i) => (i * 7 + (i >> 5)) & 255);
    const factors = Array.from({ length: 500 }, (_, i) => MODULUS - 1n - BigInt(i % 3));
    const values = EDGES.slice(0, 9);
    const [fast, slow] = [vectorOf(values), vectorOf(values)];
    addMasks(fast, keys, vectorOf(factors), 5);
    addMasksTextbook(slow, keys, factors, 5, 0);
    expect(fast).toEqual(slow);
    subtractMasks(fast, keys, 6);
    const minusOnes = factors.map(() => MODULUS - 1n);
    addMasksTextbook(slow, keys, minusOnes, 6, 0);
    expect(fast).toEqual(slow);
  });
});

describe('an element of all ones', () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => 200 - i);
  /** Blocks in which element `index` is all ones, in its own place and, if `tail`, in the tail too. */
  const forcedAt =
    (index: number, tail: boolean): typeof chachaBlock =>
    (key, nonce, block) => {
      const words = chachaBlock(key, nonce, block);
      const own = block === index >> 3 || (tail && block === 2 ** 31 + (index >> 3));
      if (own) words.fill(0xffffffff, 2 * (index & 7), 2 * (index & 7) + 2);
      return words;
    };
  const tailOf = (index: number): bigint => {
    const words = chachaBlock(key, 1, 2 ** 31 + (index >> 3));
    const [low, high] = [words[2 * (index & 7)]!, words[2 * (index & 7) + 1]!];
    return ((BigInt(high) << 32n) | BigInt(low)) & 0x1fffffffffffffffn;
  };

  it.each([...Array(67).keys()])(
    'at %i is seen by the kernel and redrawn from block 2^31, or 0 [SHARE-8] [S20]',
    (index) => {
      // No key gives all ones, so the kernel is told to look for what this key gives at `index`.
      const plain = elementsOf(key, 1, 0, 67);
      for (const tail of [false, true]) {
        const engine = createMaskEngine(forcedAt(index, tail));
        const stream = fieldVector(67);
        streamElements(key, 1, 0, stream, engine);
        expect(getBigInt(stream, index)).toBe(plain[index]);
        engine.rare[0] = plain[index]!;
        streamElements(key, 1, 0, stream, engine);
        const expected = plain.slice();
        expected[index] = tail ? 0n : tailOf(index);
        expect(stream).toEqual(vectorOf(expected));
        const masked = fieldVector(67);
        subtractMasks(masked, key, 1, engine);
        expect(getBigInt(masked, index)).toBe((MODULUS - expected[index]) % MODULUS);
      }
    },
  );

  it('is looked for among all 61 bits, and the others are ignored', () => {
    expect(createMaskEngine().rare[0]).toBe(MODULUS);
  });
});

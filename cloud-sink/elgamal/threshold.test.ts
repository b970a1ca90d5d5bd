/** Threshold decryption: vectors, any t + 1 servers, and every wrong proof with its maker's name. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex, utf8 } from '@vitalshare/edge/seal';
import { addCiphertexts, decodeCiphertext, encrypt } from './cipher.ts';
import { deal } from './deal.fixture.ts';
import { checkDealing, jointKey, makeDealing } from './distributed-key.ts';
import { ElgamalError } from './error.ts';
import { encodeScalar, G, modOrder, ORDER, times } from './group.ts';
import { checkPartial, decryptPartially, openPoint, type Partial } from './threshold.ts';
import { drawing, scalar, vectors } from './vectors.fixture.ts';

const random = (n: number) => new Uint8Array(randomBytes(n));
const context = utf8('a context');

describe('partial decryptions of (5, 2)', () => {
  const vector = vectors.key;
  const points = vector.coefficients.map((row, i) => {
    const draw = drawing(...row.map(scalar), 1n);
    return checkDealing(2, i + 1, context, makeDealing(2, context, draw).shown);
  });
  const key = jointKey({ servers: 5, threshold: 2 }, points);
  const sum = decodeCiphertext(fromHex(vector.ciphertext), 'the sum');

  it('are those of another program, and open to its number from any three', () => {
    const partials = vector.shares.map((share, i) =>
      decryptPartially(key, i + 1, scalar(share), sum, context, drawing(scalar(vector.nonce))),
    );
    expect(partials.map(({ point }) => toHex(point))).toEqual(vector.partials);
    expect(toHex(partials[1]!.proof)).toBe(vector.proofOfServer2);
    const checked = partials.map((partial) => ({
      server: partial.server,
      point: checkPartial(key, partial, sum, context),
    }));
    const expected = times(G, BigInt(vector.plaintext));
    fc.assert(
      fc.property(fc.subarray(checked, { minLength: 3 }), (some) => {
        expect(openPoint(key, sum, some).equals(expected)).toBe(true);
      }),
    );
    // Two know nothing: what they open to is no number they can use.
    expect(() => openPoint(key, sum, checked.slice(3))).toThrow('of 3 servers, got 2 of 2');
    expect(() => openPoint(key, sum, [checked[0]!, checked[0]!, checked[1]!])).toThrow(
      'got 3 of 2',
    );
  });
});

describe.each([
  [3, 1],
  [3, 2],
] as const)('(%i, %i)', (servers, threshold) => {
  const { key, shares } = deal(servers, threshold);

  it('a sum of everybody’s ciphertexts opens to the sum', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: servers, maxLength: servers }), (numbers) => {
        const each = numbers.map((m) => encrypt(key.publicKey, BigInt(m), random));
        const sum = addCiphertexts(each);
        const partials = shares.slice(0, threshold + 1).map((share, i) => {
          const partial = decryptPartially(key, i + 1, share, sum, context, random);
          return { server: i + 1, point: checkPartial(key, partial, sum, context) };
        });
        const expected = numbers.reduce((total, m) => total + BigInt(m), 0n);
        expect(openPoint(key, sum, partials).equals(times(G, modOrder(expected)))).toBe(true);
      }),
      { numRuns: 5 },
    );
  });

  const sum = encrypt(key.publicKey, 42n, random);
  const right = decryptPartially(key, 2, shares[1]!, sum, context, random);
  const lies: [string, () => Partial][] = [
    ['a wrong point', () => ({ ...right, point: times(sum.a, 7n).toBytes() })],
    ['another share of the key', () => decryptPartially(key, 2, shares[0]!, sum, context, random)],
    [
      'another ciphertext',
      () =>
        decryptPartially(key, 2, shares[1]!, encrypt(key.publicKey, 42n, random), context, random),
    ],
    ['another context', () => decryptPartially(key, 2, shares[1]!, sum, utf8('b'), random)],
    [
      'another’s answer',
      () => ({ ...decryptPartially(key, 1, shares[0]!, sum, context, random), server: 2 }),
    ],
    ['a proof of zeros', () => ({ ...right, proof: new Uint8Array(64) })],
    [
      'a scalar that is not canonical',
      () => {
        const proof = right.proof.slice();
        proof.set(encodeScalar(ORDER), 32);
        return { ...right, proof };
      },
    ],
    ['a short proof', () => ({ ...right, proof: right.proof.slice(1) })],
    ['no point', () => ({ ...right, point: new Uint8Array(32).fill(255) })],
    ['the identity', () => ({ ...right, point: new Uint8Array(32) })],
  ];

  it('the right one passes', () => {
    expect(() => checkPartial(key, right, sum, context)).not.toThrow();
  });

  it.each(lies)('%s is refused and names server 2', (_what, lie) => {
    try {
      checkPartial(key, lie(), sum, context);
    } catch (error) {
      expect(error).toBeInstanceOf(ElgamalError);
      expect((error as ElgamalError).servers).toEqual([2]);
      return;
    }
    expect.fail('it was believed');
  });

  it('a server that there is not', () => {
    expect(() => checkPartial(key, { ...right, server: servers + 1 }, sum, context)).toThrow(
      `there is no server ${servers + 1}`,
    );
  });
});

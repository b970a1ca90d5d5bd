/** Additive shares of what Shamir shares say, over any answering set [PROTO-80] [PROTO-81]. */
import { x25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { P } from '../field/field.ts';
import { sha256, utf8 } from '../seal/seal.ts';
import { additiveZeros, pairKeys, weightAtZero } from './additive.ts';

const secrets = [1, 2, 3, 4, 5].map((j) => sha256(utf8(`seal secret ${j}`)));
const publicKeys = secrets.map((secret) => x25519.getPublicKey(secret));
const configDigest = sha256(utf8('a configuration'));
const keysOf = secrets.map((secret, i) =>
  pairKeys({ server: i + 1, secret, publicKeys, configDigest }),
);
const binding = sha256(utf8('a binding'));
const set = fc.subarray([1, 2, 3, 4, 5], { minLength: 1 });
const field = fc.bigInt({ min: 0n, max: P - 1n });
const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => (a + b) % P, 0n);

describe('weights at 0', () => {
  it('are the textbook’s for {1, 2, 3} and {2, 5}', () => {
    expect([1, 2, 3].map((j) => weightAtZero([1, 2, 3], j))).toEqual([3n, P - 3n, 1n]);
    // 5/3 and −2/3 in the field: three times each is 5 and −2.
    expect([2, 5].map((j) => (3n * weightAtZero([2, 5], j)) % P)).toEqual([5n, P - 2n]);
  });

  it('add up shares of any polynomial of a degree below the set’s size', () => {
    fc.assert(
      fc.property(set, fc.array(field, { minLength: 5, maxLength: 5 }), (members, coefficients) => {
        const polynomial = coefficients.slice(0, members.length);
        const at = (j: number) =>
          polynomial.reduceRight((value, c) => (value * BigInt(j) + c) % P, 0n);
        const parts = members.map((j) => (weightAtZero(members, j) * at(j)) % P);
        expect(sum(parts)).toBe(polynomial[0]);
      }),
    );
  });
});

describe('additive shares of zero', () => {
  it('add up to zero over their set, and not over another', () => {
    fc.assert(
      fc.property(set, (members) => {
        const zeros = members.map((j) => additiveZeros(members, j, keysOf[j - 1]!, binding, 3));
        for (let m = 0; m < 3; m++) expect(sum(zeros.map((of) => of[m]!))).toBe(0n);
        if (members.length > 1) expect(sum(zeros.slice(1).map((of) => of[0]!))).not.toBe(0n);
      }),
    );
  });

  it('are others under another binding, and another world has other keys', () => {
    const of = (bound: Uint8Array) => additiveZeros([1, 2], 1, keysOf[0]!, bound, 1);
    expect(of(binding)).not.toEqual(of(sha256(binding)));
    const other = pairKeys({
      ...{ server: 1, secret: secrets[0]!, publicKeys },
      configDigest: sha256(configDigest),
    });
    expect(other.get(2)).not.toEqual(keysOf[0]!.get(2));
    expect(keysOf[0]!.get(2)).toEqual(keysOf[1]!.get(1));
    expect(keysOf[0]!.has(1)).toBe(false);
  });

  it('two honest servers hide theirs from all others: one key decides both', () => {
    const whole = additiveZeros([1, 2, 3], 1, keysOf[0]!, binding, 1)[0]!;
    // What server 3 can take off: its own stream with server 1.
    const pair = additiveZeros([1, 3], 1, keysOf[0]!, binding, 1)[0]!;
    const left = (whole + P - pair) % P;
    expect(left).toBe(additiveZeros([1, 2], 1, keysOf[0]!, binding, 1)[0]);
    expect(left).not.toBe(0n);
  });

  it('refuses what is no set, no key, no binding', () => {
    const keys = keysOf[0]!;
    expect(() => weightAtZero([2, 1], 1)).toThrow('must rise');
    expect(() => weightAtZero([1, 1], 1)).toThrow('must rise');
    expect(() => weightAtZero([2, 3], 1)).toThrow('server 1 is not in the set');
    expect(() => additiveZeros([1, 2], 1, new Map(), binding, 1)).toThrow(
      'no key of servers 1 and 2',
    );
    expect(() => additiveZeros([1, 2], 1, keys, binding.slice(1), 1)).toThrow('32 bytes');
    const small = publicKeys.map((key, i) => (i === 1 ? new Uint8Array(32) : key));
    expect(() =>
      pairKeys({ server: 1, secret: secrets[0]!, publicKeys: small, configDigest }),
    ).toThrow('server 2 is of small order');
  });
});

/** Exponential ElGamal: independent vectors, every homomorphism, every wrong proof. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex, utf8 } from '@vitalshare/edge/seal';
import {
  addCiphertexts,
  type Ciphertext,
  decodeCiphertext,
  encodeCiphertext,
  encrypt,
  encryptProven,
  rerandomise,
  scaleCiphertext,
  verifyEncryption,
} from './cipher.ts';
import { ElgamalError } from './error.ts';
import { encodeScalar, G, modOrder, ORDER, type Point, times } from './group.ts';
import { drawing, point, scalar, vectors } from './vectors.fixture.ts';

const random = (n: number) => new Uint8Array(randomBytes(n));
const SECRET = 0x1234_5678_9abc_def0n;
const KEY = times(G, SECRET);
const opened = ({ a, b }: Ciphertext): Point => b.subtract(times(a, SECRET));
const power = (m: bigint): Point => times(G, modOrder(m));
const number = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n });
const few = { numRuns: 20 };
const context = utf8('a context');

describe('encryption', () => {
  it.each(vectors.ciphertexts)('of $plaintext is that of another program', (vector) => {
    const { publicKey, plaintext, randomness, ciphertext, secretKey } = vector;
    expect(toHex(times(G, scalar(secretKey)).toBytes())).toBe(publicKey);
    const made = encrypt(point(publicKey), BigInt(plaintext), drawing(scalar(randomness)));
    expect(toHex(encodeCiphertext(made))).toBe(ciphertext);
    expect(toHex(encodeCiphertext(decodeCiphertext(fromHex(ciphertext), 'it')))).toBe(ciphertext);
  });

  it('opens to its number, and never looks the same', () => {
    fc.assert(
      fc.property(number, (m) => {
        const [one, two] = [encrypt(KEY, m, random), encrypt(KEY, m, random)];
        expect(opened(one).equals(power(m))).toBe(true);
        expect(one.a.equals(two.a)).toBe(false);
        expect(one.b.equals(two.b)).toBe(false);
      }),
      few,
    );
  });

  it('refuses ciphertexts that are none', () => {
    const good = encodeCiphertext(encrypt(KEY, 1n, random));
    for (const bytes of [good.slice(1), new Uint8Array(64).fill(255), new Uint8Array(0)]) {
      expect(() => decodeCiphertext(bytes, 'it')).toThrow(ElgamalError);
    }
  });
});

describe('homomorphisms', () => {
  it('sums, multiples and new randomness', () => {
    fc.assert(
      fc.property(number, number, number, (m, n, u) => {
        const [one, two] = [encrypt(KEY, m, random), encrypt(KEY, n, random)];
        expect(opened(addCiphertexts([one, two])).equals(power(m + n))).toBe(true);
        expect(opened(scaleCiphertext(one, u)).equals(power(u * m))).toBe(true);
        const again = rerandomise(KEY, one, random);
        expect(opened(again).equals(power(m))).toBe(true);
        expect(again.a.equals(one.a)).toBe(false);
      }),
      few,
    );
    expect(opened(addCiphertexts([])).equals(power(0n))).toBe(true);
  });
});

describe('the proof of encryption', () => {
  it('is that of another program', () => {
    const { k, l, proof } = vectors.encryptionProof;
    const { publicKey, plaintext, randomness, ciphertext } = vectors.ciphertexts[5]!;
    const draw = drawing(scalar(randomness), scalar(k), scalar(l));
    const made = encryptProven(point(publicKey), BigInt(plaintext), context, draw);
    expect(toHex(encodeCiphertext(made.ciphertext))).toBe(ciphertext);
    expect(toHex(made.proof)).toBe(proof);
  });

  it('holds for what it was made for, and for nothing else', () => {
    const made = encryptProven(KEY, 700n, context, random);
    expect(() => verifyEncryption(KEY, made, context)).not.toThrow();
    const other = encryptProven(KEY, 700n, context, random);
    const shifted = { ...made.ciphertext, b: made.ciphertext.b.add(G) };
    const wrong = [
      () => verifyEncryption(KEY.add(G), made, context),
      () => verifyEncryption(KEY, made, utf8('b context')),
      () => verifyEncryption(KEY, { ...made, ciphertext: other.ciphertext }, context),
      () => verifyEncryption(KEY, { ...made, ciphertext: shifted }, context),
      () => verifyEncryption(KEY, { ...made, proof: other.proof }, context),
    ];
    for (const work of wrong) expect(work).toThrow('does not hold');
  });

  it('is refused with any one byte altered, cut, or not canonical', () => {
    const made = encryptProven(KEY, 1n, context, random);
    for (let i = 0; i < 96; i += 7) {
      const proof = made.proof.slice();
      proof[i]! ^= 1;
      expect(() => verifyEncryption(KEY, { ...made, proof }, context)).toThrow(ElgamalError);
    }
    const long = made.proof.slice();
    long.set(encodeScalar(ORDER), 32);
    for (const proof of [made.proof.slice(1), long]) {
      expect(() => verifyEncryption(KEY, { ...made, proof }, context)).toThrow('a proof');
    }
  });

  it('cannot be carried over to a ciphertext made of another’s', () => {
    const honest = encryptProven(KEY, 123n, context, random);
    const mauled = addCiphertexts([honest.ciphertext, encrypt(KEY, 1n, random)]);
    expect(() => verifyEncryption(KEY, { ...honest, ciphertext: mauled }, context)).toThrow(
      'does not hold',
    );
  });
});

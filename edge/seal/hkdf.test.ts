import { describe, expect, it } from 'vitest';
import {
  constantTimeEqual,
  fromHex,
  hkdfExpand,
  hkdfExtract,
  hmacSha256,
  sha256,
  toHex,
  utf8,
} from './seal.ts';

const EMPTY = new Uint8Array(0);

describe('hkdf', () => {
  it('conforms to RFC 5869 appendix A.1', () => {
    const salt = fromHex('000102030405060708090a0b0c');
    const prk = hkdfExtract(salt, new Uint8Array(22).fill(0x0b));
    expect(toHex(prk)).toBe('077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5');
    expect(toHex(hkdfExpand(prk, fromHex('f0f1f2f3f4f5f6f7f8f9'), 42))).toBe(
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    );
  });

  it('conforms to RFC 5869 appendix A.3: no salt, no info', () => {
    const prk = hkdfExtract(EMPTY, new Uint8Array(22).fill(0x0b));
    expect(toHex(prk)).toBe('19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04');
    expect(toHex(hkdfExpand(prk, EMPTY, 42))).toBe(
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    );
  });

  it('conforms to RFC 4231 test case 2 and FIPS 180-4 "abc"', () => {
    expect(toHex(hmacSha256(utf8('Jefe'), utf8('what do ya want for nothing?')))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
    expect(toHex(sha256(utf8('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it.each([0, 8161, 1.5, Number.NaN])('refuses a length of %d bytes', (lengthBytes) => {
    expect(() => hkdfExpand(new Uint8Array(32), EMPTY, lengthBytes)).toThrow(RangeError);
  });

  it('constantTimeEqual tells lengths and last bytes apart', () => {
    expect(constantTimeEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(constantTimeEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(constantTimeEqual(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
  });
});

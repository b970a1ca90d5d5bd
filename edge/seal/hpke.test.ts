import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, hpkeOpen, hpkeSeal, toHex, utf8 } from './seal.ts';

// RFC 9180 appendix A.2.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base mode,
// encryption of sequence number 0.
const IKM_E = fromHex('909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b');
const PK_R = fromHex('4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a');
const SK_R = fromHex('8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb');
const INFO = fromHex('4f6465206f6e2061204772656369616e2055726e');
const AAD = utf8('Count-0');
const PLAINTEXT = utf8('Beauty is truth, truth beauty');
const ENC = '1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a';
const CT =
  '1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28';

// RFC 7748 section 6.1 and cr.yp.to/ecdh.html: u of the points of order 1, 2, 4 and 8.
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];

const ikm = (): Uint8Array => IKM_E;

describe('hpke', () => {
  it('conforms to RFC 9180 appendix A.2.1, both ways', () => {
    expect(toHex(hpkeSeal(PK_R, INFO, AAD, PLAINTEXT, ikm))).toBe(ENC + CT);
    expect(hpkeOpen(SK_R, INFO, AAD, fromHex(ENC + CT))).toEqual(PLAINTEXT);
  });

  it('opens nothing with any one byte altered or under another info or key', () => {
    const sealed = fromHex(ENC + CT);
    for (let at = 0; at < sealed.length; at++) {
      const copy = Uint8Array.from(sealed);
      // Bit 7 of byte 31 is no part of a u coordinate (RFC 7748 section 5), yet it is bound too.
      copy[at]! ^= at === 31 ? 0x80 : 1;
      expect(hpkeOpen(SK_R, INFO, AAD, copy)).toBeNull();
    }
    expect(hpkeOpen(SK_R, utf8('another info'), AAD, sealed)).toBeNull();
    expect(hpkeOpen(SK_R, INFO, utf8('Count-1'), sealed)).toBeNull();
    expect(hpkeOpen(IKM_E, INFO, AAD, sealed)).toBeNull();
  });

  it('opens nothing that is cut short', () => {
    const sealed = fromHex(ENC + CT);
    for (let length = 0; length < sealed.length; length++) {
      expect(hpkeOpen(SK_R, INFO, AAD, sealed.subarray(0, length))).toBeNull();
    }
  });

  it.each(SMALL_ORDER)('refuses the all-zero output of small-order point %s', (point) => {
    expect(hpkeOpen(SK_R, INFO, AAD, fromHex(point + CT))).toBeNull();
    expect(() => hpkeSeal(fromHex(point), INFO, AAD, PLAINTEXT, ikm)).toThrow(
      /recipient public key is of small order/,
    );
  });

  it('gives any plaintext back, and draws 32 bytes for each', () => {
    const bytes = (max: number) => fc.uint8Array({ maxLength: max });
    const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(seed, bytes(40), bytes(40), bytes(200), (random, info, aad, plaintext) => {
        const draws: number[] = [];
        const sealed = hpkeSeal(PK_R, info, aad, plaintext, (lengthBytes) => {
          draws.push(lengthBytes);
          return random;
        });
        expect(draws).toEqual([32]);
        expect(sealed.length).toBe(32 + plaintext.length + 16);
        expect(hpkeOpen(SK_R, info, aad, sealed)).toEqual(plaintext);
      }),
      { numRuns: 20 },
    );
  });

  it('calls keys and randomness of another length a bug of the caller', () => {
    const short = new Uint8Array(31);
    expect(() => hpkeSeal(short, INFO, AAD, PLAINTEXT, ikm)).toThrow(RangeError);
    expect(() => hpkeSeal(PK_R, INFO, AAD, PLAINTEXT, () => short)).toThrow(RangeError);
    expect(() => hpkeOpen(short, INFO, AAD, fromHex(ENC + CT))).toThrow(RangeError);
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as seal from '@vitalshare/edge/seal';
import * as fast from './node-crypto.ts';

const bytes = (length?: number) =>
  fc.uint8Array(
    length === undefined ? { maxLength: 500 } : { minLength: length, maxLength: length },
  );

it('HMAC-SHA-256 conforms to RFC 4231, test case 2', () => {
  const mac = fast.hmacSha256(seal.utf8('Jefe'), seal.utf8('what do ya want for nothing?'));
  expect(seal.toHex(mac)).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
});

it('says what its twin says of any bytes', () => {
  fc.assert(
    fc.property(bytes(32), bytes(24), bytes(), bytes(), (key, nonce24, aad, text) => {
      const nonce = nonce24.subarray(0, 12);
      expect(seal.sealX(key, nonce24, aad, text, fast.sealAead)).toEqual(
        seal.sealX(key, nonce24, aad, text),
      );
      expect(fast.sha256(text)).toEqual(seal.sha256(text));
      expect(fast.hmacSha256(key, text)).toEqual(seal.hmacSha256(key, text));
      const sealed = fast.sealAead(key, nonce, aad, text);
      expect(sealed).toEqual(seal.sealAead(key, nonce, aad, text));
      expect(fast.openAead(key, nonce, aad, sealed)).toEqual(text);
    }),
    { numRuns: 300 },
  );
});

it('opens nothing that was altered, cut or extended', () => {
  const key = new Uint8Array(32).fill(1);
  const nonce = new Uint8Array(12);
  const aad = Uint8Array.of(7);
  const sealed = fast.sealAead(key, nonce, aad, seal.utf8('reading'));
  for (let at = 0; at < sealed.length; at++) {
    const altered = sealed.slice();
    altered[at]! ^= 1;
    expect(fast.openAead(key, nonce, aad, altered)).toBeNull();
    expect(fast.openAead(key, nonce, aad, sealed.subarray(0, at))).toBeNull();
  }
  expect(fast.openAead(key, nonce, aad, Uint8Array.of(...sealed, 0))).toBeNull();
  expect(fast.openAead(key, nonce, new Uint8Array(0), sealed)).toBeNull();
});

it('calls a key longer than a block a bug of the caller', () => {
  expect(() => fast.hmacSha256(new Uint8Array(65), new Uint8Array(0))).toThrow(RangeError);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, openAead, openX, sealAead, sealX, toHex, utf8 } from './seal.ts';

const SUNSCREEN = utf8(
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future," +
    ' sunscreen would be it.',
);
const INTERNET_DRAFTS = utf8(
  'Internet-Drafts are draft documents valid for a maximum of six months and may be updated,' +
    ' replaced, or obsoleted by other documents at any time. It is inappropriate to use' +
    ' Internet-Drafts as reference material or to cite them other than as /“work in progress./”',
);

interface Vector {
  origin: string;
  seal: typeof sealAead;
  open: typeof openAead;
  nonceBytes: number;
  key: string;
  nonce: string;
  aad: string;
  plaintext: Uint8Array;
  sealed: string;
}

const VECTORS: Vector[] = [
  {
    origin: 'RFC 8439 section 2.8.2',
    seal: sealAead,
    open: openAead,
    nonceBytes: 12,
    key: '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f',
    nonce: '070000004041424344454647',
    aad: '50515253c0c1c2c3c4c5c6c7',
    plaintext: SUNSCREEN,
    sealed:
      'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da' +
      '92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585' +
      '808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691',
  },
  {
    origin: 'RFC 8439 appendix A.5',
    seal: sealAead,
    open: openAead,
    nonceBytes: 12,
    key: '1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0',
    nonce: '000000000102030405060708',
    aad: 'f33388860000000000004e91',
    plaintext: INTERNET_DRAFTS,
    sealed:
      '64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e38' +
      '2d26b0bdb7b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f9' +
      '82b1ff37c8559797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c767b804d' +
      '46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04' +
      'b3564eea1b422273f548271a0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a1049' +
      'e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709beead9d6789' +
      '0cbb22392336fea1851f38',
  },
  {
    origin: 'draft-irtf-cfrg-xchacha-03 appendix A.3.1',
    seal: sealX,
    open: openX,
    nonceBytes: 24,
    key: '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f',
    nonce: '404142434445464748494a4b4c4d4e4f5051525354555657',
    aad: '50515253c0c1c2c3c4c5c6c7',
    plaintext: SUNSCREEN,
    sealed:
      'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4e' +
      'da7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2' +
      '383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49',
  },
];

/** The same bytes with one bit of one byte turned. */
function altered(bytes: Uint8Array, at: number, bit = 0): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at]! ^= 1 << bit;
  return copy;
}

describe.each(VECTORS)('sealing, $origin', (vector) => {
  const { seal, open, nonceBytes, plaintext } = vector;
  const key = fromHex(vector.key);
  const nonce = fromHex(vector.nonce);
  const aad = fromHex(vector.aad);
  const sealed = fromHex(vector.sealed);

  it('conforms, both ways', () => {
    expect(toHex(seal(key, nonce, aad, plaintext))).toBe(vector.sealed);
    expect(open(key, nonce, aad, sealed)).toEqual(plaintext);
  });

  it('opens nothing with any one byte altered, anywhere', () => {
    for (let at = 0; at < sealed.length; at++) {
      expect(open(key, nonce, aad, altered(sealed, at, at % 8))).toBeNull();
    }
    for (let at = 0; at < 32; at++) expect(open(altered(key, at), nonce, aad, sealed)).toBeNull();
    for (let at = 0; at < nonceBytes; at++) {
      expect(open(key, altered(nonce, at), aad, sealed)).toBeNull();
    }
    for (let at = 0; at < aad.length; at++) {
      expect(open(key, nonce, altered(aad, at), sealed)).toBeNull();
    }
  });

  it('opens nothing cut short or made longer', () => {
    for (let length = 0; length < sealed.length; length++) {
      expect(open(key, nonce, aad, sealed.subarray(0, length))).toBeNull();
    }
    expect(open(key, nonce, aad, Uint8Array.of(...sealed, 0))).toBeNull();
  });

  it('gives any plaintext back, the empty one too, and leaves its input alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array(), (text, data) => {
        const before = Uint8Array.from(text);
        const out = seal(key, nonce, data, text);
        expect(out.length).toBe(text.length + 16);
        expect(open(key, nonce, data, out)).toEqual(before);
        expect(text).toEqual(before);
      }),
      { numRuns: 50 },
    );
  });

  it('calls a key or nonce of another length a bug of the caller', () => {
    const short = new Uint8Array(31);
    const other = new Uint8Array(nonceBytes === 12 ? 24 : 12);
    expect(() => seal(short, nonce, aad, plaintext)).toThrow(/key must be 32 bytes, got 31/);
    expect(() => open(short, nonce, aad, sealed)).toThrow(RangeError);
    expect(() => seal(key, other, aad, plaintext)).toThrow(RangeError);
    expect(() => open(key, other, aad, sealed)).toThrow(RangeError);
  });
});

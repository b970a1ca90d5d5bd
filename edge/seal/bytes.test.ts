import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  concatBytes,
  EncodingError,
  fromBase64,
  fromBase64Url,
  fromHex,
  toBase64,
  toBase64Url,
  toHex,
  utf8,
} from './seal.ts';

const SPELLINGS = [
  { name: 'hex', to: toHex, from: fromHex },
  { name: 'base64url', to: toBase64Url, from: fromBase64Url },
  { name: 'base64', to: toBase64, from: fromBase64 },
];

describe('spellings of bytes', () => {
  // RFC 4648 section 10; base64url the same without padding.
  it.each([
    ['', '', ''],
    ['f', '66', 'Zg=='],
    ['fo', '666f', 'Zm8='],
    ['foo', '666f6f', 'Zm9v'],
    ['foob', '666f6f62', 'Zm9vYg=='],
    ['fooba', '666f6f6261', 'Zm9vYmE='],
    ['foobar', '666f6f626172', 'Zm9vYmFy'],
  ])('conforms to RFC 4648 section 10: %j', (text, hex, base64) => {
    const bytes = utf8(text);
    expect(toHex(bytes)).toBe(hex);
    expect(toBase64(bytes)).toBe(base64);
    expect(toBase64Url(bytes)).toBe(base64.replaceAll('=', ''));
    expect(fromHex(hex)).toEqual(bytes);
    expect(fromBase64(base64)).toEqual(bytes);
  });

  it('uses - and _ where base64 has + and /', () => {
    expect(toBase64(Uint8Array.of(0xfb, 0xff, 0xbf))).toBe('+/+/');
    expect(toBase64Url(Uint8Array.of(0xfb, 0xff, 0xbf))).toBe('-_-_');
  });

  it.each(SPELLINGS)('$name gives any bytes back', ({ to, from }) => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(from(to(bytes))).toEqual(bytes);
      }),
    );
  });

  it.each(SPELLINGS)('$name refuses, or is the one spelling of what it reads', ({ to, from }) => {
    const near = fc.string({ unit: fc.constantFrom(...Array.from('AQgwZ9az0f+/-_=\n ')) });
    fc.assert(
      fc.property(fc.oneof(near, fc.string()), (text) => {
        try {
          expect(to(from(text))).toBe(text);
        } catch (error) {
          expect(error).toBeInstanceOf(EncodingError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['upper case hex', () => fromHex('0A'), 'hex'],
    ['half a byte', () => fromHex('0'), 'hex'],
    ['hex before a line end', () => fromHex('00\n'), 'hex'],
    ['padding in base64url', () => fromBase64Url('Zg=='), 'base64url'],
    ['left-over bits', () => fromBase64Url('Zh'), 'base64url'],
    ['base64 letters in base64url', () => fromBase64Url('+/+/'), 'base64url'],
    ['one letter', () => fromBase64Url('Z'), 'base64url'],
    ['no padding in base64', () => fromBase64('Zg'), 'base64'],
    ['padding alone', () => fromBase64('===='), 'base64'],
    ['too much padding', () => fromBase64('Zm9v===='), 'base64'],
    ['left-over bits in base64', () => fromBase64('Zh=='), 'base64'],
    ['one byte too few', () => fromHex('00', 2), 'length'],
    ['one byte too many', () => fromBase64Url('Zm9v', 2), 'length'],
  ])('refuses %s', (_what, decode, code) => {
    expect(decode).toThrow(expect.objectContaining({ name: 'EncodingError', code }) as Error);
  });

  it('never quotes the text it refuses: it may be a key', () => {
    expect(() => fromHex('c0ffee-secret')).toThrow(/^(?!.*c0ffee)/);
    expect(() => fromBase64Url('c0ffee secret')).toThrow(/^(?!.*c0ffee)/);
  });

  it('utf8 refuses what the platform would turn into U+FFFD', () => {
    expect(utf8('é😀')).toEqual(Uint8Array.of(0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80));
    expect(() => utf8('a\ud800b')).toThrow(TypeError);
  });

  it('concatBytes copies', () => {
    const part = Uint8Array.of(1);
    const whole = concatBytes(part, new Uint8Array(0), Uint8Array.of(2, 3));
    part[0] = 9;
    expect(whole).toEqual(Uint8Array.of(1, 2, 3));
    expect(concatBytes()).toEqual(new Uint8Array(0));
  });
});

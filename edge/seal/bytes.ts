/**
 * Bytes and their spellings: UTF-8, hex (lower case), base64url without padding (RFC 4648, 5) and
 * padded base64 (RFC 4648, 4; only RFC 8941 byte sequences use it here).
 *
 * Decoders refuse rather than repair: one value has one spelling, so what was signed or compared
 * as text is what was meant as bytes. Errors never quote the text, which may be a key.
 */
const HEX = '0123456789abcdef';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const BASE64 = ALPHABET + '+/';
const BASE64URL = ALPHABET + '-_';
const ENCODER = new TextEncoder();

/** Thrown by every decoder of this file on text that is not exactly one value's spelling. */
export class EncodingError extends Error {
  override readonly name = 'EncodingError';
  readonly code: 'hex' | 'base64url' | 'base64' | 'length';
  constructor(code: 'hex' | 'base64url' | 'base64' | 'length', message: string) {
    super(message);
    this.code = code;
  }
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Text to bytes. A lone surrogate has no UTF-8 form; the platform would make it U+FFFD. */
export function utf8(text: string): Uint8Array {
  if (/\p{Surrogate}/u.test(text)) {
    throw new TypeError('utf8: expected well-formed text, got a lone surrogate');
  }
  return ENCODER.encode(text);
}

export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte >> 4]! + HEX[byte & 15]!;
  return text;
}

/** Lower case only, an even count of digits, and exactly `lengthBytes` bytes where it is given. */
export function fromHex(text: string, lengthBytes?: number): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) {
    throw new EncodingError('hex', 'fromHex: expected pairs of lower-case hex digits');
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  }
  return ofLength('fromHex', bytes, lengthBytes);
}

export const toBase64Url = (bytes: Uint8Array): string => encode64(bytes, BASE64URL);

/** No padding, no white space, unused low bits zero. */
export function fromBase64Url(text: string, lengthBytes?: number): Uint8Array {
  const bytes = decode64(text, BASE64URL);
  if (bytes === null) {
    throw new EncodingError('base64url', 'fromBase64Url: expected canonical unpadded base64url');
  }
  return ofLength('fromBase64Url', bytes, lengthBytes);
}

export function toBase64(bytes: Uint8Array): string {
  const text = encode64(bytes, BASE64);
  return text + '='.repeat((4 - (text.length % 4)) % 4);
}

/** Padded to a multiple of four, no white space, unused low bits zero. */
export function fromBase64(text: string, lengthBytes?: number): Uint8Array {
  const bare = text.length % 4 === 0 ? text.replace(/={1,2}$/, '') : null;
  const bytes = bare === null || text.length - bare.length === 4 ? null : decode64(bare, BASE64);
  if (bytes === null || toBase64(bytes) !== text) {
    throw new EncodingError('base64', 'fromBase64: expected canonical padded base64');
  }
  return ofLength('fromBase64', bytes, lengthBytes);
}

function ofLength(who: string, bytes: Uint8Array, lengthBytes: number | undefined): Uint8Array {
  if (lengthBytes !== undefined && bytes.length !== lengthBytes) {
    throw new EncodingError('length', `${who}: expected ${lengthBytes} bytes, got ${bytes.length}`);
  }
  return bytes;
}

function encode64(bytes: Uint8Array, alphabet: string): string {
  let text = '';
  let held = 0;
  let heldBits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    heldBits += 8;
    while (heldBits >= 6) {
      heldBits -= 6;
      text += alphabet[(held >> heldBits) & 63]!;
    }
    held &= 63;
  }
  return heldBits === 0 ? text : text + alphabet[(held << (6 - heldBits)) & 63]!;
}

/** `null` for a foreign character, a length no bytes have (1 mod 4), or bits left over. */
function decode64(text: string, alphabet: string): Uint8Array | null {
  if (text.length % 4 === 1) return null;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let held = 0;
  let heldBits = 0;
  let at = 0;
  for (const char of text) {
    const value = alphabet.indexOf(char);
    if (value < 0) return null;
    held = ((held << 6) | value) & 0xfff;
    heldBits += 6;
    if (heldBits >= 8) {
      heldBits -= 8;
      bytes[at++] = (held >> heldBits) & 255;
    }
  }
  return (held & ((1 << heldBits) - 1)) === 0 ? bytes : null;
}

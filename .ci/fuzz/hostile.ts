/** Shorthand for the kept tables of hostile inputs. */
import { gzipSync } from 'node:zlib';

export const hex = (text: string) => (): Uint8Array =>
  new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
export const text = (content: string) => (): Uint8Array => new TextEncoder().encode(content);
export const zeros = (length: number) => (): Uint8Array => new Uint8Array(length);
export const ones = (length: number) => (): Uint8Array => new Uint8Array(length).fill(0xff);
export const nesting = (depth: number) => text('['.repeat(depth) + ']'.repeat(depth));
export const nestedObjects = (depth: number) =>
  text('{"a":'.repeat(depth) + '1' + '}'.repeat(depth));
/** `megabytes` of one character in a few kilobytes. */
export const gzipBomb = (megabytes: number, character: string) => (): Uint8Array =>
  new Uint8Array(gzipSync(Buffer.alloc(megabytes * 2 ** 20, character)));

/** What every reader of JSON gets. */
export const JSON_HOSTILE = {
  empty: zeros(0),
  NUL: zeros(1),
  'nesting bomb': nesting(100_000),
  'nested objects': nestedObjects(50_000),
  null: text('null'),
  'a number no double holds': text('1e400'),
  'a lone surrogate': text('{"a":"\\ud800"}'),
  'broken UTF-8': hex('22 ff 22'),
  'byte order mark': hex('ef bb bf 7b 7d'),
  __proto__: text('{"__proto__":{"version":1}}'),
  'keys that stand twice': text('{"version":1,"version":2}'),
} as const;

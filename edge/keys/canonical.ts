/**
 * Canonical JSON (PROTOCOL.md, head): sorted keys, no white space, integers only, no null.
 *
 * One value has one spelling, so digests and signatures over JSON mean the same at every party. An
 * integer that does not fit 53 bits travels as a decimal string; this file only refuses numbers.
 */
import { JSON_DEPTH_MAX } from '../limits.ts';
import { sha256, utf8 } from '../seal/seal.ts';

export type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

export class CanonicalError extends Error {
  override readonly name = 'CanonicalError';
}

/** Throws CanonicalError on null, a fraction, a function, bytes, or nesting without end. */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > JSON_DEPTH_MAX) throw new CanonicalError(`JSON nests deeper than ${JSON_DEPTH_MAX}`);
  switch (typeof value) {
    case 'string':
      if (/\p{Surrogate}/u.test(value)) throw new CanonicalError('JSON text has a lone surrogate');
      return JSON.stringify(value);
    case 'boolean':
      return String(value);
    case 'number':
      if (!Number.isSafeInteger(value)) {
        throw new CanonicalError('a JSON number must be an integer of at most 53 bits');
      }
      return String(value === 0 ? 0 : value);
    case 'object':
      if (value === null) throw new CanonicalError('JSON must not contain null');
      return Array.isArray(value)
        ? // Not map: it skips a hole, which has no spelling either.
          `[${Array.from<unknown, string>(value, (item) => canonicalJson(item, depth + 1)).join(',')}]`
        : canonicalObject(value, depth);
    default:
      throw new CanonicalError(`JSON has no ${typeof value}`);
  }
}

/** A member whose value is undefined is absent, as with JSON.stringify. */
function canonicalObject(value: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new CanonicalError('JSON has plain objects only');
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members
    .map(([key, member]) => `${canonicalJson(key)}:${canonicalJson(member, depth + 1)}`)
    .join(',')}}`;
}

export const canonicalBytes = (value: unknown): Uint8Array => utf8(canonicalJson(value));

export const canonicalDigest = (value: unknown): Uint8Array => sha256(canonicalBytes(value));

/** JSON that came over the network in any spelling, as long as it is UTF-8 without lone bytes. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw new CanonicalError('not JSON in UTF-8');
  }
}

/** JSON of the log: exactly the canonical spelling, so a key that stands twice is refused too. */
export function parseCanonical(bytes: Uint8Array): unknown {
  const value = parseJson(bytes);
  const spelled = canonicalBytes(value);
  if (spelled.length !== bytes.length || !spelled.every((byte, i) => byte === bytes[i])) {
    throw new CanonicalError('JSON is not in its canonical spelling');
  }
  return value;
}

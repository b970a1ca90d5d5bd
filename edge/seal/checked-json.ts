/**
 * A checksum in a JSON object that stands in a file: one flipped bit in a key, an id or the name of a stay
 * would else be another key, id or stay, and nobody would know.
 *
 *   { …members, "sum": base64url of the first 12 bytes of SHA-256(JSON of the members) }
 *
 * It guards against a disk, not against a person; an object without one is taken as it is, since files are
 * also written by hand.
 */
import { toBase64Url, utf8 } from './bytes.ts';
import { sha256 } from './hkdf.ts';

const SUM_BYTES = 12;
const EDITED = 'its checksum does not fit; where it was changed by hand, take "sum" out';

/** What to write. Anything but an object is returned as it is. */
export function withSum(value: unknown): unknown {
  return isObject(value) ? { ...value, sum: sumOf(value) } : value;
}

/** What was written. Throws TypeError where the checksum does not fit, or could not be made. */
export function withoutSum(value: unknown): unknown {
  if (!isObject(value)) return value;
  const members = Object.entries(value);
  const [last, said] = members.at(-1) ?? [];
  if (last === undefined) return value;
  const rest = Object.fromEntries(members.filter(([name]) => name !== 'sum'));
  if ('sum' in value) {
    if (value['sum'] === sumOf(rest)) return rest;
    throw new TypeError(EDITED);
  }
  // The member's own name may be what was damaged.
  if (said === sumOf(Object.fromEntries(members.slice(0, -1)))) throw new TypeError(EDITED);
  return value;
}

/** Throws TypeError where the object is nested deeper than JSON can be written: it may well be parsed. */
function sumOf(value: Readonly<Record<string, unknown>>): string {
  let text: string;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) throw new TypeError('it is nested too deep');
    throw error;
  }
  return toBase64Url(sha256(utf8(text)).slice(0, SUM_BYTES));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

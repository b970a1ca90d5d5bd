/**
 * How many keys there should be, and which: a count and the XOR of a checksum of each, kept up with
 * every key that is added and committed with it. What a broken page lost shows as a difference. [PROTO-45]
 */
import { crc32 } from 'node:zlib';

export interface Tally {
  count: number;
  digest: number;
}

export const emptyTally = (): Tally => ({ count: 0, digest: 0 });

export function tally(held: Tally, key: Uint8Array): void {
  held.count++;
  held.digest = (held.digest ^ crc32(key)) >>> 0;
}

/** Whether `keys` are those that were tallied; `held` undefined where none was. */
export function isTally(held: Tally | undefined, keys: Iterable<Uint8Array>): boolean {
  const found = emptyTally();
  for (const key of keys) tally(found, key);
  const { count, digest } = held ?? emptyTally();
  return found.count === count && found.digest === digest;
}

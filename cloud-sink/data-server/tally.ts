/**
 * How many keys there should be, and which: a count and the XOR of a checksum of each, kept up with
 * every key that is added and committed with it. What a broken page lost shows as a difference. [PROTO-45]
 */
import { crc32 } from 'node:zlib';
import type { Books } from './books.ts';
import type { ChunkBooks } from './columns.ts';
import { chunkKey } from './keys.ts';

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

/** The chunks of each column, in its stay's state. */
export const chunkBooks = (books: Books): ChunkBooks => ({
  added: (column, number) => {
    const stay = books.stay(column.log, column.stay);
    if (!stay) return;
    stay.chunks ??= {};
    tally((stay.chunks[column.vitals.join('.')] ??= emptyTally()), chunkKey(column, number));
  },
  isAll: (column, numbers) => {
    const stay = books.stay(column.log, column.stay);
    const keys = numbers.map((number) => chunkKey(column, number));
    return stay === undefined || isTally(stay.chunks?.[column.vitals.join('.')], keys);
  },
});

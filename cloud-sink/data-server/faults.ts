/** Whether the books of a store can be trusted: what must hold before a server rests on it. [PROTO-45] */
import { Books } from './books.ts';
import { StoreDamage } from './checked-store.ts';
import { Damages } from './damages.ts';
import { runKey, stayKey } from './keys.ts';
import type { Put, Store } from './store.ts';
import { isTally } from './tally.ts';

/** Other with every change of what stands in `store.ts`; 1 had no checksums and did not say so. */
const FORMAT = 2;
const FORMAT_KEY = Uint8Array.of(0);

export const formatPut: Put = { table: 'format', key: FORMAT_KEY, value: Uint8Array.of(FORMAT) };

/** Why this store must be made again; undefined where its books are whole. */
export function faultOf(store: Store): string | undefined {
  try {
    const format = store.get('format', FORMAT_KEY);
    const isEmpty = [...store.keys('logs', Uint8Array.of(0), Uint8Array.of(0xff))].length === 0;
    if (!format) return isEmpty ? undefined : 'is of an earlier version';
    if (format[0] !== FORMAT) return `is of version ${format[0]!}, not ${FORMAT}`;
    new Damages(store);
    const books = new Books(store);
    for (const log of books.logs) {
      const { index, run, kept } = log;
      const runs = [...store.keys('runs', runKey(index, 0), runKey(index, run + 1))];
      for (const key of runs) store.get('runs', key);
      const stays = store.keys('stays', stayKey(index, 0), stayKey(index + 1, 0));
      if (!isTally(kept.runs, runs) || !isTally(kept.stays, stays))
        return 'has lost some of its books';
    }
    return undefined;
  } catch (error) {
    if (error instanceof StoreDamage) return 'has damaged books';
    if (error instanceof SyntaxError) return 'has books that are none';
    throw error;
  }
}

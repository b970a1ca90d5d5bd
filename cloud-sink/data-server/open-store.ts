/**
 * The store of a party folder, opened and looked at before anything rests on it. [PROTO-45]
 *
 *   books, runs and what was quarantined can be read   ─► as it is
 *   one of them is damaged, a key of theirs is lost,
 *   or the store is of an earlier version              ─► set aside whole, an empty one in its place:
 *                                                         the log is read again from its beginning
 *
 * What is set aside is kept in `store-damaged`, one of it, for whoever wants to look; nothing reads it
 * again. Shares and summaries are looked at when they are read, and by the scrub (`scrub.ts`).
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { Books } from './books.ts';
import { CheckedStore, StoreDamage } from './checked-store.ts';
import { Damages } from './damages.ts';
import { runKey, stayKey } from './keys.ts';
import type { Store } from './store.ts';
import { LmdbStore } from './store-lmdb.ts';
import { isTally } from './tally.ts';

/** Other with every change of what stands in `store.ts`; 1 had no checksums and did not say so. */
const FORMAT = 2;
const FORMAT_KEY = Uint8Array.of(0);

/** Throws StoreError where the disk cannot be used. */
export async function openStore(
  folder: string,
  report: (sentence: string) => void,
): Promise<CheckedStore<LmdbStore>> {
  let store = new CheckedStore(new LmdbStore(folder));
  const fault = faultOf(store);
  if (fault !== undefined) {
    await store.close();
    setAside(folder, fault, report);
    store = new CheckedStore(new LmdbStore(folder));
  }
  if (!store.get('format', FORMAT_KEY)) {
    await store.commit([{ table: 'format', key: FORMAT_KEY, value: Uint8Array.of(FORMAT) }]);
  }
  return store;
}

/** The store must be closed. */
export function setAside(folder: string, fault: string, report: (sentence: string) => void): void {
  const aside = `${folder}-damaged`;
  if (existsSync(aside)) rmSync(aside, { recursive: true });
  renameSync(folder, aside);
  report(
    `the store ${fault}: it is made again from the log, which takes a while. What there was stands in ` +
      `${aside}; delete that folder when this server has caught up.`,
  );
}

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
    if (isLmdbDamage(error)) return `has pages that cannot be read (${error.message})`;
    throw error;
  }
}

const isLmdbDamage = (error: unknown): error is Error =>
  error instanceof Error &&
  /MDB_(CORRUPTED|PAGE_NOTFOUND|INVALID|VERSION_MISMATCH)/.test(error.message);

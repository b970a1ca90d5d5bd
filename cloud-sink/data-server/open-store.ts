/**
 * The store of a party folder, opened and looked at before anything rests on it. [PROTO-45]
 *
 *   the last server did not end well                   ─► its pages are looked at by another process
 *   books, runs and what was quarantined can be read   ─► as it is
 *   one of them is damaged, a key of theirs is lost,
 *   or the store is of an earlier version              ─► set aside whole, an empty one in its place:
 *                                                         the log is read again from its beginning
 *
 * What is set aside is kept in `store-damaged`, one of it, for whoever wants to look; nothing reads it
 * again. Shares and summaries are looked at when they are read, and by the scrub (`scrub.ts`).
 */
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Say } from '@vitalshare/edge/operations';
import { CheckedStore } from './checked-store.ts';
import { faultOf, formatPut } from './faults.ts';
import { checkPages } from './page-check.ts';
import { LmdbStore } from './store-lmdb.ts';

/** In the store's folder after a server closed it: how many bytes `data.mdb` had. */
const CLOSED = 'closed';

class OpenedStore extends CheckedStore<LmdbStore> {
  readonly #folder: string;

  constructor(folder: string) {
    super(new LmdbStore(folder));
    this.#folder = folder;
    rmSync(join(folder, CLOSED), { force: true });
  }

  override async close(): Promise<void> {
    await super.close();
    const { size } = statSync(join(this.#folder, 'data.mdb'));
    writeFileSync(join(this.#folder, CLOSED), String(size), { mode: 0o600 });
  }
}

/** Throws StoreError where the disk cannot be used. */
export async function openStore(folder: string, report: Say): Promise<CheckedStore<LmdbStore>> {
  const unreadable = await pagesFault(folder);
  if (unreadable !== undefined) setAside(folder, unreadable, report);
  let store = new OpenedStore(folder);
  const fault = faultOf(store);
  if (fault !== undefined) {
    await store.close();
    setAside(folder, fault, report);
    store = new OpenedStore(folder);
  }
  if (!store.get(formatPut.table, formatPut.key)) await store.commit([formatPut]);
  return store;
}

/** After a kill, a power cut, a file cut off or pages that ended the process, they are looked at first. */
async function pagesFault(folder: string): Promise<string | undefined> {
  const file = join(folder, 'data.mdb');
  const closed = join(folder, CLOSED);
  if (!existsSync(file)) return undefined;
  const isWell = existsSync(closed) && readFileSync(closed, 'utf8') === String(statSync(file).size);
  return isWell ? undefined : await checkPages(folder);
}

/** The store must be closed. */
export function setAside(folder: string, fault: string, report: Say): void {
  const aside = `${folder}-damaged`;
  if (existsSync(aside)) rmSync(aside, { recursive: true });
  renameSync(folder, aside);
  report(
    `the store ${fault}: it is made again from the log, which takes a while. What there was stands in ` +
      `${aside}; delete that folder when this server has caught up.`,
    { event: 'store-set-aside', level: 'error' },
  );
}

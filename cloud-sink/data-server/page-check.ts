/**
 * Looks at the pages of a store in a process of its own, before this one rests on them: lmdb believes
 * its pages, and one with flipped bits makes it give errors, other keys, or end the process
 * (of 112 leaf pages with one bit flipped in their first 24 bytes 2 ended it, 3 gave errors). [PROTO-45]
 *
 *   parent   checkPages(folder) ─► child: every key of every table, the books, how many keys there are;
 *            where the file is shorter than its pages every value too
 *   child    `page-check-child.mjs` says why the store must be made again, or dies of it
 */
import { fork } from 'node:child_process';
import { Books } from './books.ts';
import { CheckedStore, StoreDamage } from './checked-store.ts';
import { faultOf } from './faults.ts';
import { LmdbStore } from './store-lmdb.ts';
import { type Store, type Table, TABLES } from './store.ts';
import { emptyTally, isTally, type Tally, tally } from './tally.ts';

const CHILD = new URL('./page-check-child.mjs', import.meta.url);
const FIRST = Uint8Array.of(0);
const BEHIND = new Uint8Array(32).fill(0xff);

/** Why the store must be made again; undefined where its pages are whole. */
export async function checkPages(folder: string): Promise<string | undefined> {
  const child = fork(CHILD, [folder], { silent: true });
  let said: string | undefined;
  child.on('message', (message) => (said = message as string));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on('close', (...ended) => resolve(ended));
  });
  if (said === 'well') return undefined;
  return said ?? `has pages that end whoever reads them (${signal ?? `code ${String(code)}`})`;
}

/** The child's part. */
export function faultOfPages(folder: string): string | undefined {
  const store = new CheckedStore(new LmdbStore(folder, { readOnly: true }));
  try {
    const fault = faultOf(store) ?? lostKeys(store);
    if (fault !== undefined || !store.inner.isShort) return fault;
    for (const table of TABLES) {
      // A value that fails its checksum is one damage; that it can be reached is what counts here.
      for (const key of store.keys(table, FIRST, BEHIND))
        store.inner.read(table, key, (v) => v.at(-1));
    }
    return undefined;
  } catch (error) {
    if (error instanceof StoreDamage) return `has pages that cannot be read (${error.message})`;
    throw error;
  }
}

/** Whether the keys are those in the books, all of one moment. Chunks are counted by column. */
export function lostKeys(store: Store): string | undefined {
  const books = new Books(store);
  const logs = new Map(books.logs.map((log) => [log.index, log]));
  for (const table of ['frames', 'bins', 'tags', 'batches', 'runs', 'stays'] as const) {
    const found = new Map<number, Tally>();
    for (const key of store.keys(table, FIRST, BEHIND))
      tallyIn(found, key[0]! * 256 + key[1]!, key);
    for (const [index, { kept }] of logs) {
      const { count, digest } = found.get(index) ?? emptyTally();
      const held = kept[table] ?? emptyTally();
      if (count !== held.count || digest !== held.digest) return lost(table);
    }
  }
  for (const table of ['shares', 'arrivals', 'products'] as const) {
    const found = new Map<string, Uint8Array[]>();
    for (const key of store.keys(table, FIRST, BEHIND)) {
      const column = Buffer.from(key.subarray(0, key.length - 4)).toString('hex');
      found.set(column, [...(found.get(column) ?? []), key]);
    }
    for (const log of books.logs) {
      for (const { number, chunks = {} } of books.staysOf(log)) {
        for (const [name, held] of Object.entries(chunks)) {
          const vitals = name.split('.').map(Number);
          if ((vitals.length === 2) !== (table === 'products')) continue;
          const column = Buffer.from([0, 0, 0, 0, 0, 0, ...vitals]);
          column.writeUInt16BE(log.index, 0);
          column.writeUInt32BE(number, 2);
          if (!isTally(held, found.get(column.toString('hex')) ?? [])) return lost(table);
        }
      }
    }
  }
  return undefined;
}

const lost = (table: Table): string => `has lost keys of ${table}`;

function tallyIn(found: Map<number, Tally>, index: number, key: Uint8Array): void {
  const held = found.get(index) ?? emptyTally();
  found.set(index, held);
  tally(held, key);
}

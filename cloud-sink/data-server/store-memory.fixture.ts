/** The store in memory: for tests, and the plain twin of `store-lmdb.ts`. */
import { toHex } from '@vitalshare/edge/seal';
import { type Put, type Store, type Table, TABLES } from './store.ts';

export class MemoryStore implements Store {
  /** Keys in hex sort as their bytes do. */
  readonly #tables = new Map<Table, Map<string, Put>>(TABLES.map((table) => [table, new Map()]));

  get(table: Table, key: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const found = this.#tables.get(table)!.get(toHex(key));
    return found && new Uint8Array(found.value);
  }

  read(table: Table, key: Uint8Array, use: (value: Uint8Array) => void): boolean {
    const found = this.get(table, key);
    if (found) use(found);
    found?.fill(0xff); // Whoever keeps it is found out.
    return found !== undefined;
  }

  *keys(table: Table, start: Uint8Array, end: Uint8Array): Iterable<Uint8Array> {
    const [from, to] = [toHex(start), toHex(end)];
    const rows = [...this.#tables.get(table)!].filter(([key]) => key >= from && key < to);
    rows.sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [, put] of rows) yield put.key.slice();
  }

  last(table: Table, start: Uint8Array, end: Uint8Array): Uint8Array | undefined {
    return [...this.keys(table, start, end)].at(-1);
  }

  commit(puts: readonly Put[]): Promise<void> {
    for (const { table, key, value } of puts) {
      const copy = { table, key: key.slice(), value: value.slice() };
      this.#tables.get(table)!.set(toHex(key), copy);
    }
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

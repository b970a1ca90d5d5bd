/**
 * The store on lmdb: one memory-mapped file, one table each, one transaction a commit.
 *
 * `getBinaryFast` is not used: it hands out one shared buffer whose `.length` it patches, and what
 * is read here outlives the next read. A copy of a chunk costs about 3 µs.
 */
import { type Database, open, type RootDatabase } from 'lmdb';
import type { Put, Store, Table } from './store.ts';
import { TABLES } from './store.ts';

type ByteTable = Database<Buffer, Buffer>;

export class LmdbStore implements Store {
  readonly #root: RootDatabase;
  readonly #tables: ReadonlyMap<Table, ByteTable>;

  /** Makes `folder` where it is missing. Throws what the file system says. */
  constructor(folder: string) {
    this.#root = open({
      path: folder,
      maxDbs: TABLES.length,
      // Shares are random: compressing them would cost time and gain nothing.
      compression: false,
      // lmdb's own object cache would double what `columns.ts` and the page cache hold.
      cache: false,
      // Pages that are written hold zeros, not what the process had in memory before (keys).
      noMemInit: false,
      // A start size; lmdb grows the map as the file grows.
      mapSize: 2 ** 28,
    });
    this.#tables = new Map(
      TABLES.map((table): [Table, ByteTable] => [
        table,
        this.#root.openDB<Buffer, Buffer>({
          name: table,
          keyEncoding: 'binary',
          encoding: 'binary',
          cache: false,
        }),
      ]),
    );
  }

  get(table: Table, key: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const value = this.#tables.get(table)!.getBinary(asBuffer(key));
    return value && new Uint8Array(value);
  }

  *keys(table: Table, start: Uint8Array, end: Uint8Array): Iterable<Uint8Array> {
    const range = { start: asBuffer(start), end: asBuffer(end) };
    for (const key of this.#tables.get(table)!.getKeys(range)) yield new Uint8Array(key);
  }

  last(table: Table, start: Uint8Array, end: Uint8Array): Uint8Array | undefined {
    const range = { start: asBuffer(end), end: asBuffer(start), reverse: true, limit: 1 };
    const edges = { exclusiveStart: true, inclusiveEnd: true };
    const [key] = this.#tables.get(table)!.getKeys({ ...range, ...edges });
    return key && new Uint8Array(key);
  }

  async commit(puts: readonly Put[]): Promise<void> {
    await this.#root.transaction(() => {
      for (const { table, key, value } of puts) {
        // Inside the transaction's callback a put is done when it returns.
        void this.#tables.get(table)!.put(asBuffer(key), asBuffer(value));
      }
    });
  }

  async close(): Promise<void> {
    await this.#root.flushed;
    await this.#root.close();
  }
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

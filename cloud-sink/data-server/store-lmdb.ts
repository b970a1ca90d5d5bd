/**
 * The store on lmdb: one memory-mapped file, one table each, one transaction a commit.
 *
 * `getBinaryFast` hands out one shared buffer whose `.length` it patches: `read` lends it to one
 * function at a time, `get` copies, which costs about 3 µs a chunk.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { type Put, type Store, StoreError, type Table, TABLES } from './store.ts';

/** `lastSize` is the length of what `getBinaryFast` read last; its types leave it out. */
type ByteTable = Database<Buffer, Buffer> & { readonly lastSize: number };

export class LmdbStore implements Store {
  readonly #root: RootDatabase;
  readonly #tables: ReadonlyMap<Table, ByteTable>;
  readonly #file: string;
  #isBroken = false;

  /** Makes `folder` where it is missing. Throws StoreError with what the file system says. */
  constructor(folder: string, { readOnly = false } = {}) {
    this.#file = join(folder, 'data.mdb');
    try {
      this.#root = openRoot(folder, readOnly);
      this.#tables = openTables(this.#root);
    } catch (error) {
      throw storeError(error);
    }
  }

  get(table: Table, key: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    let copy: Uint8Array<ArrayBuffer> | undefined;
    this.read(table, key, (value) => (copy = new Uint8Array(value)));
    return copy;
  }

  read(table: Table, key: Uint8Array, use: (value: Uint8Array) => void): boolean {
    const database = this.#tables.get(table)!;
    const shared = database.getBinaryFast(asBuffer(key));
    if (!shared) return false;
    use(new Uint8Array(shared.buffer, shared.byteOffset, database.lastSize));
    return true;
  }

  /** Whether the file ends before the last page lmdb counts: cut off, or pages that were never used. */
  get isShort(): boolean {
    const { lastPageNumber, pageSize } = this.#root.getStats() as Record<string, number>;
    return statSync(this.#file).size < (lastPageNumber! + 1) * pageSize!;
  }

  /** From here on reads see what was committed by now, by whichever thread. */
  refresh(): void {
    this.#root.resetReadTxn();
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
    const restore = muteLmdb();
    try {
      await this.#root.transaction(() => {
        for (const { table, key, value } of puts) {
          // Inside the transaction's callback a put is done when it returns.
          void this.#tables.get(table)!.put(asBuffer(key), asBuffer(value));
        }
      });
      this.#isBroken = false;
    } catch (error) {
      this.#isBroken = true;
      throw storeError(await causeOf(error));
    } finally {
      restore();
    }
  }

  async close(): Promise<void> {
    // lmdb would wait for ever for a last commit that failed. Left open, the file holds those before it.
    if (this.#isBroken) return;
    await this.#root.flushed;
    await this.#root.close();
  }
}

function openRoot(folder: string, readOnly: boolean): RootDatabase {
  return open({
    path: folder,
    readOnly,
    maxDbs: TABLES.length,
    // Shares are random: compressing them would cost time and gain nothing.
    compression: false,
    // lmdb's own object cache would double what `columns.ts` and the page cache hold.
    cache: false,
    // Pages that are written hold zeros, not what the process had in memory before (keys).
    noMemInit: false,
    // Batching by event turn makes a promise that nobody holds: a full disk would reject it and end
    // the process. Each commit here is one transaction anyway.
    eventTurnBatching: false,
    // A start size; lmdb grows the map as the file grows.
    mapSize: 2 ** 28,
  });
}

const openTables = (root: RootDatabase): ReadonlyMap<Table, ByteTable> =>
  new Map(
    TABLES.map((table): [Table, ByteTable] => [
      table,
      root.openDB<Buffer, Buffer>({
        name: table,
        keyEncoding: 'binary',
        encoding: 'binary',
        cache: false,
      }) as ByteTable,
    ]),
  );

const storeError = (cause: unknown): StoreError =>
  new StoreError(cause instanceof Error ? cause.message : 'the store failed', { cause });

/** lmdb rejects with "see commitError", a promise that rejects in its turn with what happened. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (cause) {
    return cause;
  }
}

/**
 * lmdb prints a commit's failure with its stack before it rejects, where the operator is owed one
 * sentence. Its errors alone are held back, until the function returned is called.
 */
function muteLmdb(): () => void {
  const { error } = console;
  console.error = (...said: unknown[]) => {
    const [first] = said;
    const isLmdbs = first instanceof Error && /[\\/]lmdb[\\/]/.test(first.stack ?? '');
    if (!isLmdbs) error(...said);
  };
  return () => {
    console.error = error;
  };
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

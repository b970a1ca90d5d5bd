/**
 * A store whose every value carries a checksum over where it stands and what it is, so that bit rot is
 * found out when it is read and never taken for a share (field-notes, failure 15). [PROTO-45]
 *
 *   value on disk   value ‖ CRC-32 u32 of table ‖ key ‖ value          little-endian
 *
 * The key is under it: a value that moved to another key fails too. CRC-32 finds every single burst of
 * up to 32 bits and of other damage all but 1 in 2^32; it is no defence against who writes the disk
 * (whoever does, holds the shares; the audit finds what he changed). 32,500 bytes of a chunk and 4 stay
 * within 8 pages. Rejected: SHA-256, 3 times slower here.
 */
import { crc32 } from 'node:zlib';
import { type Put, type Store, type Table, TABLES } from './store.ts';

const CHECK_BYTES = 4;

/** What is written again when nothing else than this is left of a store: without it nothing can be read. */
const BOOKS: ReadonlySet<Table> = new Set(['logs', 'runs', 'stays', 'damages', 'format']);

const FAULTS = {
  checksum: 'fails its checksum',
  missing: 'is missing',
  quarantined: 'waits to be mended',
  broken: 'cannot be reached',
} as const;

/** A value that is not what was written, or one that is missing although it was written. */
export class StoreDamage extends Error {
  override readonly name = 'StoreDamage';
  readonly table: Table;
  readonly key: Uint8Array;
  readonly fault: keyof typeof FAULTS;
  /** Not one value but the books or the order of keys: the whole store must be made again. */
  readonly isWhole: boolean;
  constructor(table: Table, key: Uint8Array, fault: keyof typeof FAULTS) {
    super(`the store is damaged: a value of ${table} ${FAULTS[fault]}`);
    this.table = table;
    this.key = key.slice();
    this.fault = fault;
    this.isWhole = BOOKS.has(table) || fault === 'missing' || fault === 'broken';
  }
}

const SEEDS = new Map(TABLES.map((table) => [table, crc32(table)]));

const checkOf = (table: Table, key: Uint8Array, value: Uint8Array): number =>
  crc32(value, crc32(key, SEEDS.get(table)));

export class CheckedStore<Inner extends Store = Store> implements Store {
  readonly inner: Inner;

  constructor(inner: Inner) {
    this.inner = inner;
  }

  /** Throws StoreDamage. */
  get(table: Table, key: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    let copy: Uint8Array<ArrayBuffer> | undefined;
    this.read(table, key, (value) => (copy = new Uint8Array(value)));
    return copy;
  }

  /** Throws StoreDamage before `use` is called. */
  read(table: Table, key: Uint8Array, use: (value: Uint8Array) => void): boolean {
    const check = (bytes: Uint8Array): void => {
      const end = bytes.length - CHECK_BYTES;
      const value = bytes.subarray(0, Math.max(end, 0));
      if (end < 0 || wordAt(bytes, end) !== checkOf(table, key, value)) {
        throw new StoreDamage(table, key, 'checksum');
      }
      use(value);
    };
    return reached(table, key, () => this.inner.read(table, key, check));
  }

  *keys(table: Table, start: Uint8Array, end: Uint8Array): Iterable<Uint8Array> {
    const keys = reached(table, start, () => this.inner.keys(table, start, end)[Symbol.iterator]());
    for (;;) {
      const next = reached(table, start, () => keys.next());
      if (next.done === true) return;
      yield next.value;
    }
  }

  last(table: Table, start: Uint8Array, end: Uint8Array): Uint8Array | undefined {
    return reached(table, start, () => this.inner.last(table, start, end));
  }

  commit(puts: readonly Put[]): Promise<void> {
    return this.inner.commit(
      puts.map(({ table, key, value }) => {
        const bytes = new Uint8Array(value.length + CHECK_BYTES);
        bytes.set(value);
        const check = checkOf(table, key, value);
        new DataView(bytes.buffer).setUint32(value.length, check, true);
        return { table, key, value: bytes };
      }),
    );
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

/** What lmdb says of a page that is not one of its own is damage of the store as a whole. */
function reached<Result>(table: Table, key: Uint8Array, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Error) || !LMDB_DAMAGE.test(error.message)) throw error;
    throw new StoreDamage(table, key, 'broken');
  }
}

const LMDB_DAMAGE = /^MDB_(CORRUPTED|PAGE_NOTFOUND|BAD_TXN|CURSOR_FULL|INVALID|PROBLEM|PANIC)/;

/**
 * Columns of shares in memory above the store: chunks that changed since the last commit, which chunks
 * each column has, and the summaries of those that rest.
 *
 * A commit encodes every changed chunk at once, so chunks may change again while it is written; they
 * are found here until it has landed. A chunk is settled while the store has all of it. A commit that
 * failed never lands: the next one writes its chunks again.
 *
 * Which chunks a column has is the store's to say and the books' to check (`ChunkBooks`): a key that a
 * broken page lost is found out before a question is answered without it.
 */
import type { ChunkSource } from './cells.ts';
import { type Chunk, decodeChunk, emptyChunk, encodeArrivals, encodeShares } from './chunk.ts';
import { StoreDamage } from './checked-store.ts';
import type { Damages } from './damages.ts';
import { chunkKey, chunkOfKey, type ColumnKey } from './keys.ts';
import type { ScanPool } from './scan-pool.ts';
import type { Put, Store } from './store.ts';
import { Summaries } from './summaries.ts';

interface Dirty {
  readonly column: ColumnKey;
  readonly number: number;
  readonly chunk: Chunk;
}

/** What the books know of columns, to check the store by (`state.ts`). */
export interface ChunkBooks {
  /** A column got its first cell in this chunk. */
  readonly added: (column: ColumnKey, number: number) => void;
  /** Whether these are all that were added; true where the books do not know. */
  readonly isAll: (column: ColumnKey, numbers: readonly number[]) => boolean;
}

export interface ColumnsOptions {
  readonly pool?: ScanPool | undefined;
  readonly damages?: Damages;
  readonly books?: ChunkBooks;
}

const CHUNK_MAX = 0xffffffff;

export class Columns implements ChunkSource {
  readonly summaries: Summaries;
  /** Scans settled chunks beside this thread; undefined where this thread does it all. */
  readonly pool: ScanPool | undefined;
  /** Commits so far: with it, whether a chunk was settled all the time between two moments. */
  landings = 0;
  readonly #store: Store;
  readonly #damages: Damages | undefined;
  readonly #books: ChunkBooks | undefined;
  #changed = new Map<string, Dirty>();
  #landing = new Map<string, Dirty>();
  /** Column → its chunk numbers, rising; read from the store when a column is first asked for. */
  readonly #numbers = new Map<string, number[]>();

  constructor(store: Store, { pool, damages, books }: ColumnsOptions = {}) {
    this.#store = store;
    this.pool = pool;
    this.#damages = damages;
    this.#books = books;
    this.summaries = new Summaries(store);
  }

  get changedCount(): number {
    return this.#changed.size;
  }

  isSettled(column: ColumnKey, number: number): boolean {
    return this.#held(column, number) === undefined;
  }

  /** A chunk of the store is decoded each time: the page cache is the cache. */
  read(column: ColumnKey, number: number): Chunk | undefined {
    return this.#held(column, number) ?? this.#load(column, number);
  }

  /** As `read`, without decoding: what a scan needs. */
  readShares(column: ColumnKey, number: number, use: (bytes: Uint8Array) => void): boolean {
    const held = this.#held(column, number);
    if (!held) return this.#readStored(tableOf(column), column, number, use);
    use(encodeShares(held));
    return true;
  }

  readArrivals(column: ColumnKey, number: number, use: (bytes: Uint8Array) => void): boolean {
    const held = this.#held(column, number);
    if (!held) return this.#readStored('arrivals', column, number, use);
    use(encodeArrivals(held));
    return true;
  }

  /** Throws StoreDamage where one of the column's chunks from `first` to `last` waits to be mended. */
  checkWhole(column: ColumnKey, first: number, last: number): void {
    this.#damages?.check(column, first, last);
  }

  /** Whether the chunk can be changed, if it is there. Throws StoreDamage. */
  checkReadable(column: ColumnKey, number: number): void {
    if (this.#held(column, number)) return;
    this.checkWhole(column, number, number);
    this.read(column, number);
  }

  /** Puts a chunk that was made again in place of what the store has: in the next commit. */
  restore(column: ColumnKey, number: number, chunk: Chunk): void {
    if (column.vitals.length === 1) this.summaries.forget(column, number);
    if (!this.numbers(column).includes(number)) insert(this.numbers(column), number);
    this.#changed.set(idOf(column, number), { column, number, chunk });
  }

  /** For changing: it will be in the next commit, without its summaries. */
  change(column: ColumnKey, number: number): Chunk {
    const id = idOf(column, number);
    const changed = this.#changed.get(id);
    if (changed) return changed.chunk;
    if (column.vitals.length === 1) this.summaries.forget(column, number);
    let chunk = this.read(column, number);
    if (!chunk) {
      chunk = emptyChunk();
      insert(this.numbers(column), number);
      this.#books?.added(column, number);
    }
    this.#changed.set(id, { column, number, chunk });
    return chunk;
  }

  /** Numbers of the column's chunks, rising. The array is this object's own. */
  numbers(column: ColumnKey): number[] {
    const id = columnId(column);
    let numbers = this.#numbers.get(id);
    if (!numbers) {
      const [start, end] = [chunkKey(column, 0), chunkKey(column, CHUNK_MAX)];
      numbers = [...this.#store.keys(tableOf(column), start, end)].map(chunkOfKey);
      if (this.#books?.isAll(column, numbers) === false) {
        throw new StoreDamage(tableOf(column), start, 'missing');
      }
      this.#numbers.set(id, numbers);
    }
    return numbers;
  }

  /** What the next commit must write, what did not land before too; call `landed` when it has. */
  takePuts(): Put[] {
    for (const [id, dirty] of this.#changed) this.#landing.set(id, dirty);
    this.#changed = new Map();
    const chunks = [...this.#landing.values()].flatMap(({ column, number, chunk }): Put[] => {
      const key = chunkKey(column, number);
      const shares: Put = { table: tableOf(column), key, value: encodeShares(chunk) };
      if (tableOf(column) === 'products') return [shares];
      return [shares, { table: 'arrivals', key, value: encodeArrivals(chunk) }];
    });
    return [...chunks, ...this.summaries.takePuts()];
  }

  landed(): void {
    this.landings++;
    this.#landing = new Map();
    this.summaries.landed();
  }

  #held(column: ColumnKey, number: number): Chunk | undefined {
    if (this.#changed.size + this.#landing.size === 0) return undefined;
    const id = idOf(column, number);
    return this.#changed.get(id)?.chunk ?? this.#landing.get(id)?.chunk;
  }

  /** A chunk that is listed and not there was lost. */
  #readStored(
    table: 'shares' | 'products' | 'arrivals',
    column: ColumnKey,
    number: number,
    use: (bytes: Uint8Array) => void,
  ): boolean {
    const key = chunkKey(column, number);
    if (this.#store.read(table, key, use)) return true;
    if (this.numbers(column).includes(number)) throw new StoreDamage(table, key, 'missing');
    return false;
  }

  #load(column: ColumnKey, number: number): Chunk | undefined {
    let shares: Uint8Array<ArrayBuffer> | undefined;
    let arrivals = new Uint8Array(0);
    this.#readStored(tableOf(column), column, number, (bytes) => (shares = new Uint8Array(bytes)));
    if (!shares) return undefined;
    if (tableOf(column) === 'shares') {
      this.#readStored('arrivals', column, number, (bytes) => (arrivals = new Uint8Array(bytes)));
    }
    return decodeChunk(shares, arrivals);
  }
}

const tableOf = ({ vitals }: ColumnKey) => (vitals.length === 1 ? 'shares' : 'products');

const columnId = ({ log, stay, vitals }: ColumnKey): string => `${log}.${stay}.${vitals.join('+')}`;

const idOf = (column: ColumnKey, number: number): string => `${columnId(column)}.${number}`;

function insert(numbers: number[], number: number): void {
  let at = numbers.length;
  while (at > 0 && numbers[at - 1]! > number) at--;
  numbers.splice(at, 0, number);
}

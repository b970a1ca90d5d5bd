/**
 * Columns of shares in memory above the store: chunks that changed since the last commit, which chunks
 * each column has, and the summaries of those that rest.
 *
 * A commit encodes every changed chunk at once, so chunks may change again while it is written; they
 * are found here until it has landed. A chunk is settled while the store has all of it.
 */
import type { ChunkSource } from './cells.ts';
import { type Chunk, decodeChunk, emptyChunk, encodeArrivals, encodeShares } from './chunk.ts';
import { chunkKey, chunkOfKey, type ColumnKey } from './keys.ts';
import type { ScanPool } from './scan-pool.ts';
import type { Put, Store } from './store.ts';
import { Summaries } from './summaries.ts';

interface Dirty {
  readonly column: ColumnKey;
  readonly number: number;
  readonly chunk: Chunk;
}

const CHUNK_MAX = 0xffffffff;

export class Columns implements ChunkSource {
  readonly summaries: Summaries;
  /** Scans settled chunks beside this thread; undefined where this thread does it all. */
  readonly pool: ScanPool | undefined;
  /** Commits so far: with it, whether a chunk was settled all the time between two moments. */
  landings = 0;
  readonly #store: Store;
  #changed = new Map<string, Dirty>();
  #landing = new Map<string, Dirty>();
  /** Column → its chunk numbers, rising; read from the store when a column is first asked for. */
  readonly #numbers = new Map<string, number[]>();

  constructor(store: Store, pool?: ScanPool) {
    this.#store = store;
    this.pool = pool;
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
    if (!held) return this.#store.read(tableOf(column), chunkKey(column, number), use);
    use(encodeShares(held));
    return true;
  }

  readArrivals(column: ColumnKey, number: number, use: (bytes: Uint8Array) => void): boolean {
    const held = this.#held(column, number);
    if (!held) return this.#store.read('arrivals', chunkKey(column, number), use);
    use(encodeArrivals(held));
    return true;
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
      this.#numbers.set(id, numbers);
    }
    return numbers;
  }

  /** What the next commit must write; call `landed` when it has. */
  takePuts(): Put[] {
    this.#landing = this.#changed;
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

  #load(column: ColumnKey, number: number): Chunk | undefined {
    const key = chunkKey(column, number);
    const shares = this.#store.get(tableOf(column), key);
    if (!shares) return undefined;
    const isProduct = tableOf(column) === 'products';
    const arrivals = isProduct ? new Uint8Array(0) : this.#store.get('arrivals', key);
    return decodeChunk(shares, arrivals ?? new Uint8Array(0));
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

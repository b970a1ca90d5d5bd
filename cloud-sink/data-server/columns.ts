/**
 * Columns of shares in memory above the store: chunks that changed since the last commit, and which
 * chunks each column has.
 *
 * A commit encodes every changed chunk at once, so chunks may change again while it is written; they
 * are found here until it has landed.
 */
import { type Chunk, decodeChunk, emptyChunk, encodeArrivals, encodeShares } from './chunk.ts';
import { chunkKey, chunkOfKey, type ColumnKey } from './keys.ts';
import type { Put, Store } from './store.ts';

interface Dirty {
  readonly column: ColumnKey;
  readonly number: number;
  readonly chunk: Chunk;
}

const CHUNK_MAX = 0xffffffff;

export class Columns {
  readonly #store: Store;
  #changed = new Map<string, Dirty>();
  #landing = new Map<string, Dirty>();
  /** Column → its chunk numbers, rising; read from the store when a column is first asked for. */
  readonly #numbers = new Map<string, number[]>();

  constructor(store: Store) {
    this.#store = store;
  }

  get changedCount(): number {
    return this.#changed.size;
  }

  /** For reading. A chunk of the store is decoded each time: the page cache is the cache. */
  read(column: ColumnKey, number: number): Chunk | undefined {
    const id = idOf(column, number);
    return (
      this.#changed.get(id)?.chunk ?? this.#landing.get(id)?.chunk ?? this.#load(column, number)
    );
  }

  /** For changing: it will be in the next commit. */
  change(column: ColumnKey, number: number): Chunk {
    const id = idOf(column, number);
    const changed = this.#changed.get(id);
    if (changed) return changed.chunk;
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
    return [...this.#landing.values()].flatMap(({ column, number, chunk }): Put[] => {
      const key = chunkKey(column, number);
      const shares: Put = { table: tableOf(column), key, value: encodeShares(chunk) };
      if (tableOf(column) === 'products') return [shares];
      return [shares, { table: 'arrivals', key, value: encodeArrivals(chunk) }];
    });
  }

  landed(): void {
    this.#landing = new Map();
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

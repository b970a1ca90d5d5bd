/**
 * The hash of every batch applied, by log and position of its first record [PROTO-3].
 *
 * The hash of a batch commits to every byte of the log before it, so with a position it says which
 * content was answered over, where a position alone does not: a log that was restored twice from one
 * copy has the same positions over different readings [S9] [PROTO-16].
 */
import type { Snapshot } from '../messages/query.ts';
import { type Books, logBytes } from './books.ts';
import { batchKey, positionOfBatchKey } from './keys.ts';
import type { LogState } from './state.ts';
import type { Put, Store } from './store.ts';

/** A log as far as an answer looks into it. */
export interface LogAsOf {
  /** 16 bytes. */
  readonly log: Uint8Array;
  /** 32 bytes: of the batch that holds the last record before the position. */
  readonly hash: Uint8Array;
}

interface Noted {
  readonly position: number;
  readonly hash: Uint8Array;
}

export class BatchHashes {
  readonly #books: Books;
  readonly #store: Store;
  /** Not in the store yet, by log index, positions rising. */
  readonly #noted = new Map<number, Noted[]>();
  #landing = new Map<number, number>();

  constructor(books: Books, store: Store) {
    this.#books = books;
    this.#store = store;
  }

  /** A batch of `log` was applied. */
  note(log: LogState, position: number, hash: Uint8Array): void {
    const noted = this.#noted.get(log.index) ?? [];
    noted.push({ position, hash });
    this.#noted.set(log.index, noted);
  }

  /**
   * The logs of `asOf` that have a record before it, by rising id; `asOf` must have been reached.
   * Throws Error where the store lost one.
   */
  asOf(asOf: Snapshot): LogAsOf[] {
    return Object.entries(asOf)
      .filter(([, position]) => position > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, position]) => {
        const log = this.#books.log(id);
        const hash = log && this.#holding(log, position);
        if (!hash) {
          throw new Error(`the store is damaged: no batch of log ${id} before ${position}`);
        }
        return { log: logBytes(log), hash };
      });
  }

  /** The hash of the batch that ends at `position`; undefined where none does [PROTO-42]. */
  endingAt(id: string, position: number): Uint8Array | undefined {
    const log = this.#books.log(id);
    if (!log || position <= 0 || position > log.position) return undefined;
    const isEnd = position === log.position || this.#startsAt(log, position);
    return isEnd ? this.#holding(log, position) : undefined;
  }

  /** Ends of batches at or after `from`, rising, at most `count`. */
  ends(id: string, from: number, count: number): { position: number; hash: Uint8Array }[] {
    const log = this.#books.log(id);
    if (!log) return [];
    // A batch ends where the next begins.
    const found: number[] = [];
    const first = Math.max(from, 1);
    const [start, end] = [batchKey(log.index, first), batchKey(log.index + 1, 0)];
    for (const key of this.#store.keys('batches', start, end)) {
      if (found.push(positionOfBatchKey(key)) >= count) break;
    }
    const stored = found.at(-1) ?? -1;
    for (const { position } of this.#noted.get(log.index) ?? []) {
      if (position >= first && position > stored && found.length < count) found.push(position);
    }
    if (found.length < count && log.position >= first) found.push(log.position);
    return found.map((position) => ({ position, hash: this.#holding(log, position)! }));
  }

  /** What the next commit must write; call `landed` when it has. */
  takePuts(): Put[] {
    this.#landing = new Map([...this.#noted].map(([log, noted]) => [log, noted.length]));
    return [...this.#noted].flatMap(([log, noted]) =>
      noted.map(({ position, hash }): Put => ({
        table: 'batches',
        key: batchKey(log, position),
        value: hash,
      })),
    );
  }

  landed(): void {
    for (const [log, count] of this.#landing) this.#noted.get(log)?.splice(0, count);
    this.#landing = new Map();
  }

  #startsAt(log: LogState, position: number): boolean {
    if (this.#noted.get(log.index)?.some((each) => each.position === position)) return true;
    return this.#store.get('batches', batchKey(log.index, position)) !== undefined;
  }

  #holding(log: LogState, asOf: number): Uint8Array | undefined {
    const noted = this.#noted.get(log.index)?.findLast(({ position }) => position < asOf);
    if (noted) return noted.hash;
    const key = this.#store.last('batches', batchKey(log.index, 0), batchKey(log.index, asOf));
    return key && this.#store.get('batches', key);
  }
}

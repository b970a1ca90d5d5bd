/**
 * What a data server keeps on disk: tables of ordered byte keys, changed by whole commits only.
 *
 *   logs       log u16                                        → JSON of LogState
 *   runs       log u16 ‖ run u32                              → the run record as it stands in the log
 *   stays      log u16 ‖ stay u32                             → JSON of StayState
 *   shares     log u16 ‖ stay u32 ‖ vital u8 ‖ chunk u32      → presence ‖ lows ‖ highs (`chunk.ts`)
 *   arrivals   the same key                                   → which frame brought which slots
 *   products   log u16 ‖ stay u32 ‖ a u8 ‖ b u8 ‖ chunk u32   → presence ‖ lows ‖ highs of x·y
 *   summaries  log u16 ‖ stay u32 ‖ a u8 ‖ b u8 ‖ block u32   → moments of 128 chunks      (`summaries.ts`)
 *   frames     log u16 ‖ stay u32 ‖ first µs u64 ‖ position u64 → run u32 ‖ masked frame
 *   tags       log u16 ‖ position u64 of a batch              → tags of its frames, 16 B each
 *   batches    the same key                                   → the batch's hash, 32 B
 *   bins       log u16 ‖ stay u32 ‖ vital u8 ‖ window u32 ‖ position u64 → readings ‖ shares of counts
 *   damages    table u8 ‖ key of a damaged value              → JSON, open or mended          (`damages.ts`)
 *   format     00                                             → version u8 of all this (`open-store.ts`)
 *   heads      "alarms" or 16 bytes of a log                  → JSON of alarms, of WatchState (`heads/`)
 *
 * Key numbers are big-endian, so byte order is number order. `log` is this server's own short number
 * for a log. `store.contract.ts` holds every back end to this text.
 */
export const TABLES = [
  'logs',
  'runs',
  'stays',
  'shares',
  'arrivals',
  'products',
  'summaries',
  'frames',
  'tags',
  'batches',
  'bins',
  'damages',
  'format',
  'heads',
] as const;
export type Table = (typeof TABLES)[number];

export interface Put {
  readonly table: Table;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** The disk or the file failed: full, unreadable, damaged. Every commit before it stands. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

export interface Store {
  /** A copy of the value, at the start of a buffer of its own; undefined where there is none. */
  get(table: Table, key: Uint8Array): Uint8Array<ArrayBuffer> | undefined;
  /** Calls `use` with the value, which is good only until `use` returns; false where there is none. */
  read(table: Table, key: Uint8Array, use: (value: Uint8Array) => void): boolean;
  /** Keys in [start, end), rising; copies. A commit during the iteration may or may not show. */
  keys(table: Table, start: Uint8Array, end: Uint8Array): Iterable<Uint8Array>;
  /** The last key in [start, end), a copy; undefined where there is none. */
  last(table: Table, start: Uint8Array, end: Uint8Array): Uint8Array | undefined;
  /** All of them or, whatever happens, none: rejects with StoreError. A later put of one key wins. */
  commit(puts: readonly Put[]): Promise<void>;
  /** Waits for what was committed to reach the disk; after a StoreError, for nothing. */
  close(): Promise<void>;
}

/**
 * Applies verified batches of the log to the books and columns, and commits them to the store.
 *
 *   genesis   a log begins                      stay   announced or changed
 *   run       secrets opened, keys derived      frame  shares derived, each into its empty cell
 *                                               bins   shares of counts derived, each record a row
 *
 * A batch is applied in one turn of the event loop, so whoever reads sees it whole or not at all. A
 * commit takes everything that changed since the last one, cursor included: after a kill the log is
 * read again from there, and the same bytes give the same shares. A commit that fails (a full disk)
 * leaves all of it to the next one. A batch that needs a damaged chunk is not applied before the chunk
 * is mended, nor any after it: of what is damaged the store has all up to the books' position.
 */
import { concatBytes, constantTimeEqual, fromHex, toHex } from '@vitalshare/edge/seal';
import { COMMIT_BYTES_MAX, COMMIT_CHUNKS_MAX } from '../limits.ts';
import { type Batch, decodeRecords, KIND, LogError, type LogRecord } from '../messages/batch.ts';
import type { Head } from '../messages/batch-reader.ts';
import { decodeMaskedBins } from '../messages/bins-record.ts';
import { decodeMaskedFrame, type MaskedFrame } from '../messages/masked-frame.ts';
import type { Snapshot } from '../messages/query.ts';
import { RecordError } from '../messages/record-error.ts';
import { decodeGenesis, decodeStay } from '../messages/records.ts';
import { BatchHashes } from './batch-hashes.ts';
import { Books } from './books.ts';
import { Columns } from './columns.ts';
import { binsPut } from './apply-bins.ts';
import { applyFrame } from './apply-frame.ts';
import { checkFrames } from './check-frames.ts';
import { decodeChunk } from './chunk.ts';
import { chunkBooks } from './chunk-books.ts';
import { type ByPeers, chunkOf, type Damage, Damages } from './damages.ts';
import { batchKey, type ColumnKey, frameKey, runKey, stayKey, tagsKey } from './keys.ts';
import { Runs, type ServerParty } from './runs.ts';
import type { ScanPool } from './scan-pool.ts';
import { frameSpan } from './spans.ts';
import { type LogState, newStay, type StayState } from './state.ts';
import type { Put, Store } from './store.ts';
import { emptyTally, tally } from './tally.ts';

/** What a damaged value made again needs (`rebuild.ts`); the books are applied whole. */
export interface Only {
  /** The server's number of the log. */
  readonly index: number;
  readonly wantsFrame: (frame: MaskedFrame) => boolean;
  readonly wantsChunk: (column: ColumnKey, number: number) => boolean;
}

export interface ApplierOptions {
  readonly pool?: ScanPool | undefined;
  readonly only?: Only;
}

/** Hears of commits of the applier. */
export interface CommitWatcher {
  /** A commit takes what was applied by now; what is returned is called, and awaited, when it has landed. */
  readonly begun?: () => () => Promise<void>;
  /** How it ended: why it failed, or undefined. */
  readonly ended?: (fault: unknown, positions: Snapshot) => void;
}

export class Applier {
  readonly books: Books;
  readonly columns: Columns;
  readonly runs: Runs;
  readonly hashes: BatchHashes;
  readonly party: ServerParty;
  readonly damages: Damages;
  /** Of each log the position up to which the store has all. */
  committed: Snapshot;
  /** Why the last commit failed; undefined where it did not. */
  commitFault: unknown;
  readonly #store: Store;
  readonly #only: Only | undefined;
  #pending: Put[] = [];
  #landing: Put[] = [];
  #pendingBytes = 0;
  #commit: Promise<void> = Promise.resolve();
  readonly #waiting = new Set<() => void>();
  readonly #watchers: CommitWatcher[] = [];

  /** Throws StoreDamage where the books are damaged. */
  constructor(party: ServerParty, store: Store, { pool, only }: ApplierOptions = {}) {
    this.party = party;
    this.#store = store;
    this.#only = only;
    this.books = new Books(store);
    this.damages = new Damages(store);
    const { books, damages } = this;
    this.columns = new Columns(store, { pool, damages, books: chunkBooks(books) });
    this.committed = positionsOf(books);
    this.runs = new Runs(party, this.books);
    this.hashes = new BatchHashes(this.books, store);
  }

  /** Where to read a log on: behind the last batch that was applied. */
  headOf(log: string): Head {
    const state = this.books.log(log);
    return state
      ? { position: state.position, hash: fromHex(state.hash, 32) }
      : { position: 0, hash: new Uint8Array(32) };
  }

  /**
   * Applies a batch that `BatchReader` let through. Throws LogError where it does not continue what
   * was applied, or cannot be opened or trusted: nothing of it is applied then [PROTO-19]. Throws
   * StoreDamage, and applies nothing, where it needs a chunk that is damaged.
   */
  apply(id: string, batch: Batch): void {
    const head = this.headOf(id);
    if (batch.position !== head.position || !constantTimeEqual(batch.previous, head.hash)) {
      throw new LogError('fork', head.position, `log ${id}: the batch continues another head`);
    }
    const log = batch.position === 0 ? this.#begin(id, batch) : this.books.log(id)!;
    if (batch.position > 0) this.#applyRecords(log, batch);
    log.position = batch.position + batch.count;
    log.hash = toHex(batch.hash);
    this.hashes.note(log, batch.position, batch.hash);
    this.#added(log, 'batches', batchKey(log.index, batch.position));
    this.books.changed(log);
    for (const wake of this.#waiting) wake();
  }

  /** Whether enough has changed that it should not wait for the clock. */
  get full(): boolean {
    const { changedCount } = this.columns;
    return changedCount >= COMMIT_CHUNKS_MAX || this.#pendingBytes >= COMMIT_BYTES_MAX;
  }

  /**
   * Commits what was applied so far, in one transaction. Commits follow each other. Rejects with
   * StoreError where the disk takes nothing: the next one tries again with all of it.
   */
  flush(): Promise<void> {
    const commit = this.#commit.then(() => this.#flushNow());
    this.#commit = commit.catch(() => undefined);
    return commit;
  }

  /** Puts a value made again and lifts its quarantine, in one commit (`damages.ts`). */
  mend(damage: Damage, value: Uint8Array, arrivals = new Uint8Array(0), peers?: ByPeers): void {
    const column = chunkOf(damage);
    if (column) {
      const { chunk: number, ...key } = column;
      this.columns.restore(key, number, decodeChunk(value.slice(), arrivals));
    } else {
      this.#pending.push({ table: damage.table, key: damage.key, value });
      this.#pendingBytes += value.length;
    }
    this.damages.lift(damage, peers);
  }

  /** They hear in the order in which they came. */
  onCommit(watcher: CommitWatcher): void {
    this.#watchers.push(watcher);
  }

  async #flushNow(): Promise<void> {
    const landed = this.#watchers.map(({ begun }) => begun?.());
    const positions = positionsOf(this.books);
    this.#landing.push(...this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    const puts = [
      ...this.books.takePuts(),
      ...this.columns.takePuts(),
      ...this.hashes.takePuts(),
      ...this.damages.takePuts(),
      ...this.#landing,
    ];
    try {
      if (puts.length > 0) await this.#store.commit(puts);
    } catch (error) {
      this.commitFault = error;
      for (const { ended } of this.#watchers) ended?.(error, this.committed);
      throw error;
    }
    this.commitFault = undefined;
    this.committed = positions;
    this.#landing = [];
    this.books.landed();
    this.columns.landed();
    this.hashes.landed();
    this.damages.landed();
    for (const each of landed) await each?.();
    for (const { ended } of this.#watchers) ended?.(undefined, positions);
  }

  /** Resolves true once `asOf` is applied, false when `expired` resolves first [PROTO-13]. */
  async reached(asOf: Snapshot, expired: Promise<void>): Promise<boolean> {
    const late = expired.then(() => false);
    while (!this.books.reached(asOf)) {
      let wake = (): void => undefined;
      const applied = new Promise<boolean>((resolve) => (wake = () => resolve(true)));
      this.#waiting.add(wake);
      const isInTime = await Promise.race([applied, late]);
      this.#waiting.delete(wake);
      if (!isInTime) return this.books.reached(asOf);
    }
    return true;
  }

  #begin(id: string, batch: Batch): LogState {
    const [record] = decodeRecords(batch, null);
    if (record?.kind !== KIND.genesis) {
      throw new LogError('record', 0, `log ${id}: it does not begin with a genesis record`);
    }
    const genesis = trusted(0, () => decodeGenesis(record.bytes));
    if (genesis.log !== id) {
      throw new LogError('record', 0, `asked for log ${id}, got log ${genesis.log}`);
    }
    if (genesis.config !== this.party.configDigest) {
      throw new LogError('record', 0, `log ${id} is of another configuration [PROTO-1]`);
    }
    const log = this.books.addLog(id, this.#only?.index);
    log.created = genesis.created;
    return log;
  }

  #applyRecords(log: LogState, batch: Batch): void {
    const run = this.runs.of(log, log.run);
    const records = decodeRecords(batch, run?.bodyKey ?? null);
    if (!batch.sealed) {
      this.#applyRun(log, batch, records[0]!);
      return;
    }
    if (batch.run !== log.run) {
      throw new LogError('record', batch.position, `run ${batch.run} is not run ${log.run}`);
    }
    const frames = records.map(({ kind, bytes }) =>
      kind === KIND.frame ? wellFormed(() => decodeMaskedFrame(bytes)) : undefined,
    );
    checkFrames(this.columns, log.index, frames, this.#only);
    const tags: Uint8Array[] = [];
    records.forEach(({ kind, bytes }, i) => {
      const position = batch.position + i;
      try {
        if (kind === KIND.stay) this.#applyStay(log, position, bytes);
        else if (kind === KIND.bins) this.#applyBins(log, position, bytes);
        else if (frames[i]) this.#applyFrame(log, position, frames[i], bytes, tags);
        else log.counters.malformed++;
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        log.counters.malformed++;
      }
    });
    if (tags.length > 0)
      this.#put(log, 'tags', tagsKey(log.index, batch.position), concatBytes(...tags));
  }

  #applyRun(log: LogState, batch: Batch, record: LogRecord): void {
    if (record.kind !== KIND.run) {
      throw new LogError('record', batch.position, 'a genesis record stands inside the log');
    }
    const run = trusted(batch.position, () => this.runs.open(log, record.bytes));
    if (run.record.run !== log.run + 1 || batch.run !== run.record.run) {
      const got = `run ${run.record.run} in a batch of run ${batch.run}`;
      throw new LogError('record', batch.position, `expected run ${log.run + 1}, got ${got}`);
    }
    this.runs.keep(log, run);
    log.run = run.record.run;
    log.epoch = run.record.epoch;
    this.#put(log, 'runs', runKey(log.index, log.run), record.bytes);
  }

  #applyStay(log: LogState, position: number, bytes: Uint8Array): void {
    const { number, stay, tag, admitted, labels } = decodeStay(bytes);
    let state = this.books.stay(log.index, number);
    const sameName = this.books.named(stay).find((each) => each.log === log)?.state;
    if (state !== sameName) {
      log.counters['stay-conflict']++;
      return;
    }
    if (!state) {
      state = newStay(log.index, number, stay);
      this.books.addStay(state);
      this.#added(log, 'stays', stayKey(log.index, number));
    }
    state.versions.push({ position, tag, admitted, labels });
    this.books.changed(state);
  }

  #applyFrame(
    log: LogState,
    position: number,
    frame: MaskedFrame,
    bytes: Uint8Array,
    tags: Uint8Array[],
  ): void {
    tags.push(frame.tag);
    const stay = this.books.stay(log.index, frame.stay);
    if (!stay) {
      log.counters['unknown-stay']++;
      return;
    }
    // [SHARE-7] [S1] A counter that does not rise may bring keystream that was used before.
    if (stay.run === log.run && frame.counter <= stay.counter) {
      log.counters['counter-reused']++;
      return;
    }
    stay.run = log.run;
    stay.counter = frame.counter;
    const keys = this.runs.of(log, log.run)!.keys;
    const { server } = this.party;
    const only = this.#only;
    const target = { keys, server, columns: this.columns, stay, position, wants: only?.wantsChunk };
    const isNeeded = only?.wantsFrame(frame) ?? true;
    const done = isNeeded ? applyFrame(target, frame) : { cells: 0, taken: 0 };
    log.counters.frames++;
    log.counters.cells += done.cells;
    log.counters['cell-taken'] += done.taken;
    this.books.changed(stay);
    this.#keepFrame(log, stay, position, frame, bytes);
  }

  #applyBins(log: LogState, position: number, bytes: Uint8Array): void {
    const bins = decodeMaskedBins(bytes);
    const stay = this.books.stay(log.index, bins.stay);
    if (!stay) {
      log.counters['unknown-stay']++;
      return;
    }
    // [SHARE-21] [S1] As for a frame, whose counter is another.
    if (stay.binsRun === log.run && bins.counter <= stay.binsCounter!) {
      log.counters['counter-reused']++;
      return;
    }
    stay.binsRun = log.run;
    stay.binsCounter = bins.counter;
    const { keys } = this.runs.of(log, log.run)!;
    const { table, key, value } = binsPut(keys, this.party.server, stay, position, bins);
    this.#put(log, table, key, value);
    log.counters.bins = (log.counters.bins ?? 0) + 1;
    this.books.changed(stay);
  }

  /** History opens frames one by one, so they are kept as they came, with their run. */
  #keepFrame(
    log: LogState,
    stay: StayState,
    position: number,
    frame: MaskedFrame,
    bytes: Uint8Array,
  ): void {
    const span = frameSpan(frame);
    if (!span) return;
    stay.frameMicrosMax = Math.max(stay.frameMicrosMax, span.to - span.from);
    const value = new Uint8Array(4 + bytes.length);
    new DataView(value.buffer).setUint32(0, log.run, true);
    value.set(bytes, 4);
    this.#put(log, 'frames', frameKey(log.index, stay.number, span.from, position), value);
  }

  /** Of a key that is new. */
  #put(log: LogState, table: Put['table'], key: Uint8Array, value: Uint8Array): void {
    this.#added(log, table, key);
    this.#pending.push({ table, key, value });
    this.#pendingBytes += value.length;
  }

  #added({ kept }: LogState, table: Put['table'], key: Uint8Array): void {
    tally((kept[table] ??= emptyTally()), key);
  }
}

const positionsOf = (books: Books): Snapshot =>
  Object.fromEntries(books.logs.map(({ log, position }) => [log, position]));

/** Undefined where it is not [PROTO-19]. */
function wellFormed<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RecordError) return undefined;
    throw error;
  }
}

/** [PROTO-19] What the log's own structure rests on: broken, it ends the following. */
function trusted<Value>(position: number, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw new LogError('record', position, error.message);
  }
}

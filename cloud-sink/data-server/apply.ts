/**
 * Applies verified batches of the log to the books and columns, and commits them to the store.
 *
 *   genesis   a log begins                      stay   announced or changed
 *   run       secrets opened, keys derived      frame  shares derived, each into its empty cell
 *                                               bins   shares of counts derived, each record a row
 *
 * A batch is applied in one turn of the event loop, so whoever reads sees it whole or not at all. A
 * commit takes everything that changed since the last one, cursor included: after a kill the log is
 * read again from there, and the same bytes give the same shares.
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
import { frameKey, runKey, tagsKey } from './keys.ts';
import { Runs, type ServerParty } from './runs.ts';
import type { ScanPool } from './scan-pool.ts';
import { frameSpan } from './spans.ts';
import { type LogState, newStay, type StayState } from './state.ts';
import type { Put, Store } from './store.ts';

export class Applier {
  readonly books: Books;
  readonly columns: Columns;
  readonly runs: Runs;
  readonly hashes: BatchHashes;
  readonly party: ServerParty;
  readonly #store: Store;
  #pending: Put[] = [];
  #pendingBytes = 0;
  #commit: Promise<void> = Promise.resolve();
  readonly #waiting = new Set<() => void>();
  /** Told of each log how far a commit has brought it. */
  onCommitted: (log: string, position: number) => void = () => undefined;
  /** Told that a commit takes what was applied by now; what it returns, that it has landed. */
  onCommit: () => () => Promise<void> = () => () => Promise.resolve();

  constructor(party: ServerParty, store: Store, pool?: ScanPool) {
    this.party = party;
    this.#store = store;
    this.books = new Books(store);
    this.columns = new Columns(store, pool);
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
   * was applied, or cannot be opened or trusted: nothing of it is applied then [PROTO-19].
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
    this.books.changed(log);
    for (const wake of this.#waiting) wake();
  }

  /** Whether enough has changed that it should not wait for the clock. */
  get full(): boolean {
    const { changedCount } = this.columns;
    return changedCount >= COMMIT_CHUNKS_MAX || this.#pendingBytes >= COMMIT_BYTES_MAX;
  }

  /** Commits what was applied so far, in one transaction. Commits follow each other. */
  flush(): Promise<void> {
    this.#commit = this.#commit.then(async () => {
      const landed = this.onCommit();
      const reached = this.books.logs.map(({ log, position }) => ({ log, position }));
      const puts = [
        ...this.books.takePuts(),
        ...this.columns.takePuts(),
        ...this.hashes.takePuts(),
        ...this.#pending,
      ];
      this.#pending = [];
      this.#pendingBytes = 0;
      if (puts.length > 0) await this.#store.commit(puts);
      this.columns.landed();
      this.hashes.landed();
      await landed();
      for (const { log, position } of reached) this.onCommitted(log, position);
    });
    return this.#commit;
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
    const log = this.books.addLog(id);
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
    const tags: Uint8Array[] = [];
    records.forEach((record, i) => {
      const position = batch.position + i;
      try {
        if (record.kind === KIND.stay) this.#applyStay(log, position, record.bytes);
        else if (record.kind === KIND.bins) this.#applyBins(log, position, record.bytes);
        else this.#applyFrame(log, position, record.bytes, tags);
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        log.counters.malformed++;
      }
    });
    if (tags.length > 0)
      this.#put('tags', tagsKey(log.index, batch.position), concatBytes(...tags));
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
    this.#put('runs', runKey(log.index, log.run), record.bytes);
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
    }
    state.versions.push({ position, tag, admitted, labels });
    this.books.changed(state);
  }

  #applyFrame(log: LogState, position: number, bytes: Uint8Array, tags: Uint8Array[]): void {
    const frame = decodeMaskedFrame(bytes);
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
    const done = applyFrame({ keys, server, columns: this.columns, stay, position }, frame);
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
    this.#put(table, key, value);
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
    this.#put('frames', frameKey(log.index, stay.number, span.from, position), value);
  }

  #put(table: Put['table'], key: Uint8Array, value: Uint8Array): void {
    this.#pending.push({ table, key, value });
    this.#pendingBytes += value.length;
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

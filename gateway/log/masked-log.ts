/**
 * The masked-frame log of this gateway: append with group commit, read for followers.
 *
 *   append ─► queue ─► batch ─► write ─► fdatasync ─► acknowledged, followers woken
 *               ▲ grows while the batch before is being synced, so a busy disk makes bigger batches
 *
 * `append` resolves when the record is on the medium and never before. An append that failed is
 * tried again with the same bytes at the same place until it holds [PROTO-5]: after a failed sync
 * nobody knows what is on the medium, and one (key, position) must seal one body only. Until then
 * nothing is acknowledged and the nodes keep their frames.
 */
import {
  BATCH_BYTES_MAX,
  BATCH_RECORDS_MAX,
  encodeBatch,
  type Head,
  KIND,
  type LogRecord,
  recordsBytes,
} from '@vitalshare/cloud-sink/messages';
import {
  FOLLOWERS_MAX,
  LOG_QUEUE_BYTES_MAX,
  LOG_QUEUE_RECORD_BYTES,
  LOG_RETRY_MS_MAX,
  LOG_RETRY_MS_MIN,
} from '../limits.ts';
import * as NODE_CRYPTO from '../node-crypto.ts';
import { wholeBatches } from './batch-bytes.ts';
import { batchHolding } from './batch-holding.ts';
import type { DiskFile } from './disk.ts';
import type { LogIndex } from './log-index.ts';
import type { ScanPoint } from './scan.ts';

/** Header, signature and seal of a batch: what its records cannot use of the 4 MiB. */
const BATCH_OVERHEAD_BYTES = 65 + 64 + 16;

/** Thrown by an append that will never be durable: the log is closing, or its queue is full. */
export class LogClosedError extends Error {
  override readonly name = 'LogClosedError';
}

export interface LogTools {
  readonly sign: (message: Uint8Array) => Uint8Array;
  readonly clock: () => number;
  /** Resolves after `ms`, or as soon as `signal` aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly timing?: LogTiming;
}

/** How the disk does, on a clock that only rises. */
export interface LogTiming {
  readonly nowMs: () => number;
  wrote(batch: { readonly writeMs: number; readonly syncMs: number; readonly bytes: number }): void;
  failed(): void;
}

export interface LogState {
  /** 16 bytes in hex. */
  readonly log: string;
  readonly file: DiskFile;
  readonly head: Head;
  /** Bytes of the file up to the head. */
  readonly bytes: number;
  /** ms UTC of the last batch. */
  readonly time: number;
  readonly index: LogIndex;
}

interface Waiting {
  readonly record: LogRecord;
  readonly done: (position: number) => void;
  readonly failed: (error: Error) => void;
}

export class MaskedLog {
  readonly log: string;
  readonly #file: DiskFile;
  readonly #index: LogIndex;
  readonly #tools: LogTools;
  #head: Head;
  #time: number;
  #bytes: number;
  #run = 0;
  #runKey: Uint8Array | null = null;
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #pumping: Promise<void> | undefined;
  #closing = false;
  #failing: string | undefined;
  readonly #followers = new Set<() => void>();

  constructor(state: LogState, tools: LogTools) {
    this.log = state.log;
    this.#file = state.file;
    this.#head = state.head;
    this.#bytes = state.bytes;
    this.#time = state.time;
    this.#index = state.index;
    this.#tools = tools;
  }

  /** Behind the last durable batch, with its time. */
  get head(): Head & { readonly time: number } {
    return { ...this.#head, time: this.#time };
  }

  /** Nothing is on its way to the disk. */
  get isIdle(): boolean {
    return this.#pumping === undefined && this.#queue.length === 0;
  }

  /** Where it stands, for a checkpoint. */
  get point(): Omit<ScanPoint, 'genesis' | 'run' | 'salt' | 'stays'> {
    const { position, hash } = this.#head;
    const last = this.#index.before(Math.max(0, position - 1));
    return {
      head: { position, hash },
      ...{ time: this.#time, bytes: this.#bytes, lastOffset: last?.offset ?? 0 },
      places: this.#index.sparse,
    };
  }

  /** Why the disk does not take the batch at hand (`ENOSPC`, …); undefined while all is well. */
  get failing(): string | undefined {
    return this.#failing;
  }

  /** Records that wait for the disk, and their bytes as the limit counts them. */
  get queued(): { readonly records: number; readonly bytes: number } {
    return { records: this.#queue.length, bytes: this.#queuedBytes };
  }

  /** Followers waiting at the end. */
  get waiting(): number {
    return this.#followers.size;
  }

  /** Bytes of the file up to the head. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The file as far as it is durable, for a scrub. */
  get durable(): Pick<DiskFile, 'size' | 'read'> {
    const file = this.#file;
    return {
      size: () => Promise.resolve(this.#bytes),
      read: (at, length) => file.read(at, length),
    };
  }

  /** Whether a record would be refused now. Asked before a mask is spent on it. */
  get full(): boolean {
    return this.#closing || this.#queuedBytes >= LOG_QUEUE_BYTES_MAX;
  }

  /** From now on bodies are sealed for this run [PROTO-4]. */
  startRun(run: number, runKey: Uint8Array): void {
    this.#run = run;
    this.#runKey = runKey;
  }

  /** The first record of a log or of a run, alone in a clear batch. `run` is 0 for genesis. */
  async appendAlone(run: number, record: LogRecord): Promise<void> {
    if (this.#pumping !== undefined) throw new TypeError('appendAlone: records are being appended');
    await this.#commit(run, null, [record]);
  }

  /** Resolves with the record's position once it is durable; rejects with LogClosedError only. */
  append(record: LogRecord): Promise<number> {
    if (this.full) {
      const why = this.#closing ? 'is closing' : 'waits for a disk that does not answer';
      return Promise.reject(new LogClosedError(`the log ${why}`));
    }
    const appended = new Promise<number>((done, failed) => {
      this.#queue.push({ record, done, failed });
    });
    this.#queuedBytes += LOG_QUEUE_RECORD_BYTES + record.bytes.length;
    this.#pumping ??= this.#pump();
    return appended;
  }

  /** Whole batches from the one that starts at `from`; null where none starts there. */
  async read(from: number, bytesMax: number): Promise<Uint8Array | null> {
    if (from === this.#head.position) return new Uint8Array(0);
    const end = this.#bytes;
    const known = from > this.#head.position ? undefined : this.#index.before(from);
    // A follower that keeps up asks for a batch whose place is known exactly.
    const place =
      known?.position === from ? known : await batchHolding(this.#file, this.#index, end, from);
    if (place?.position !== from) return null;
    const bytes = await this.#file.read(place.offset, Math.min(bytesMax, end - place.offset));
    return bytes.subarray(0, wholeBatches(bytes));
  }

  /** Resolves when the head has passed `position`, after `ms`, or at once where too many wait. */
  waitBeyond(position: number, ms: number): Promise<void> {
    if (this.#head.position > position || this.#closing) return Promise.resolve();
    if (this.#followers.size >= FOLLOWERS_MAX) return Promise.resolve();
    const woken = new AbortController();
    const wake = (): void => woken.abort();
    this.#followers.add(wake);
    return this.#tools.sleep(ms, woken.signal).finally(() => this.#followers.delete(wake));
  }

  /** Takes no more, makes what is queued durable. A disk that fails now gets no more tries. */
  async stop(): Promise<void> {
    this.#closing = true;
    await this.#pumping;
    this.#wake();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#file.close();
  }

  async #pump(): Promise<void> {
    // Frames that arrive in the same turn share the first batch.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const taken = this.#take();
      const { position } = this.#head;
      try {
        await this.#commit(
          this.#run,
          this.#runKey,
          taken.map(({ record }) => record),
        );
        taken.forEach(({ done }, i) => done(position + i));
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error));
        for (const { failed } of [...taken, ...this.#queue]) failed(failure);
        this.#queue = [];
        this.#queuedBytes = 0;
      }
    }
    this.#pumping = undefined;
  }

  /** As many records from the front of the queue as fit one batch [PROTO-6]. */
  #take(): Waiting[] {
    let bytes = BATCH_OVERHEAD_BYTES;
    let count = 0;
    for (const { record } of this.#queue) {
      bytes += recordsBytes([record]);
      if (count > 0 && (bytes > BATCH_BYTES_MAX || count === BATCH_RECORDS_MAX)) break;
      this.#queuedBytes -= LOG_QUEUE_RECORD_BYTES + record.bytes.length;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  async #commit(run: number, key: Uint8Array | null, records: LogRecord[]): Promise<void> {
    if (key === null && records.some(({ kind }) => kind > KIND.run)) {
      throw new TypeError('a masked frame needs a run');
    }
    const { position, hash: previous } = this.#head;
    const time = this.#tools.clock();
    const header = { run, position, time, previous };
    const { bytes, hash } = encodeBatch(header, records, key, this.#tools.sign, NODE_CRYPTO);
    await this.#writeUntilDurable(bytes);
    this.#index.add({ position, offset: this.#bytes });
    this.#bytes += bytes.length;
    this.#head = { position: position + records.length, hash };
    this.#time = time;
    this.#wake();
  }

  async #writeUntilDurable(bytes: Uint8Array): Promise<void> {
    const { timing } = this.#tools;
    for (let pauseMs = LOG_RETRY_MS_MIN; ; pauseMs = Math.min(2 * pauseMs, LOG_RETRY_MS_MAX)) {
      try {
        const fromMs = timing?.nowMs() ?? 0;
        await this.#file.write(this.#bytes, bytes);
        const wroteMs = timing?.nowMs() ?? 0;
        await this.#file.sync();
        const [writeMs, syncMs] = [wroteMs - fromMs, (timing?.nowMs() ?? 0) - wroteMs];
        timing?.wrote({ writeMs, syncMs, bytes: bytes.length });
        this.#failing = undefined;
        return;
      } catch (error) {
        this.#failing = codeOf(error);
        timing?.failed();
        if (this.#closing) throw new LogClosedError(`the log closed on a disk that fails`);
      }
      await this.#tools.sleep(pauseMs);
    }
  }

  #wake(): void {
    for (const wake of this.#followers) wake();
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'failed';

/**
 * Reads one log file from its first byte at start: what stands in it, and where it ends.
 *
 * A last batch that is not whole was torn by a crash and never acknowledged: it is cut off
 * [PROTO-5]. Anything else that is not what the gateway wrote is damage and names its position. The
 * hash chain binds every batch to the last one, so the last signature is the only one checked here.
 */
import {
  BATCH_BYTES_MAX,
  BATCH_RECORDS_MAX,
  BatchReader,
  decodeBatch,
  decodeGenesis,
  decodeRecords,
  decodeRunRecord,
  decodeStay,
  EMPTY_HEAD,
  type Genesis,
  type Head,
  KIND,
  LogError,
  logRunKey,
  RecordError,
  type Stay,
} from '@vitalshare/cloud-sink/messages';
import { fromBase64Url, fromHex, utf8 } from '@vitalshare/edge/seal';
import { spanAt } from './batch-bytes.ts';
import type { DiskFile } from './disk.ts';
import { batchHolding } from './batch-holding.ts';
import { type FastBatch, fastBatch } from './fast-batch.ts';
import { LogIndex, type Place } from './log-index.ts';

/** Bytes read at once: several of the largest batches. */
const CHUNK_BYTES = 4 * BATCH_BYTES_MAX;
/** In a masked frame: stay u32 ‖ counter u64, then the tag. */
const TAG_FROM = 12;
const TAG_TO = 28;
const MAGIC = utf8('VSL1');

export interface ScanOptions {
  /** 16 bytes in hex: the name of the file. */
  readonly log: string;
  /** L [PROTO-4]. */
  readonly logKey: Uint8Array;
  readonly verify: (message: Uint8Array, signature: Uint8Array) => boolean;
  /** The tags of one batch's masked frames, in order. The views do not outlive the call. */
  readonly tags: (tags: readonly Uint8Array[]) => void;
  /** A masked frame that stands in the log, with its stay's name. The view does not outlive the call. */
  readonly frame?: (stay: string, record: Uint8Array) => void;
  /** Bytes of the file read since the last call. */
  readonly read?: (bytes: number) => void;
  /** Where an earlier scan had come to; nothing before it is read. */
  readonly from?: ScanPoint;
}

/** What a scan knows behind a batch. */
export interface ScanPoint {
  readonly head: Head;
  readonly time: number;
  readonly bytes: number;
  /** Where the last batch begins in the file. */
  readonly lastOffset: number;
  readonly genesis: Genesis;
  readonly run: number;
  /** Of that run's record. */
  readonly salt: Uint8Array;
  readonly stays: readonly Stay[];
  /** Where batches begin. */
  readonly places: readonly Place[];
}

export interface Scanned {
  /** Undefined where a crash came before the first batch was whole. */
  readonly genesis: Genesis | undefined;
  readonly head: Head;
  readonly time: number;
  readonly bytes: number;
  readonly tornBytes: number;
  readonly lastRun: number;
  /** For a checkpoint; undefined before the first run record. */
  readonly point: ScanPoint | undefined;
  /** By name, the newest of each. */
  readonly stays: ReadonlyMap<string, Stay>;
  readonly index: LogIndex;
  /** Hash of the last batch that ends at each of these positions, for comparing heads. */
  readonly hashAt: (position: number) => Promise<Uint8Array | undefined>;
}

/** Throws LogError that names the position. */
export async function scanLog(file: DiskFile, options: ScanOptions): Promise<Scanned> {
  const scan = new Scan(options);
  const size = await file.size();
  const from = options.from?.bytes ?? 0;
  for (let at = from; at < size; at += CHUNK_BYTES) {
    const chunk = await file.read(at, Math.min(CHUNK_BYTES, size - at));
    scan.push(chunk);
    options.read?.(chunk.length);
  }
  scan.checkLast();
  const tornBytes = size - scan.bytes;
  if (tornBytes > 0) {
    await checkTorn(file, scan.bytes, tornBytes, scan.position);
    await file.truncate(scan.bytes);
    await file.sync();
  }
  return scan.result(tornBytes, file);
}

class Scan {
  readonly #options: ScanOptions;
  readonly #index = new LogIndex();
  readonly #stays = new Map<string, Stay>();
  readonly #names = new Map<number, string>();
  #head: Head = EMPTY_HEAD;
  #bytes = 0;
  /** What follows the last whole batch. */
  #held: Buffer = Buffer.alloc(0);
  #genesis: Genesis | undefined;
  #run = 0;
  #salt: Uint8Array | undefined;
  #runKey: Uint8Array | null = null;
  #lastOffset = 0;
  #time = 0;
  #last: { readonly head: Head; readonly bytes: Buffer; readonly time: number } | undefined;

  constructor(options: ScanOptions) {
    this.#options = options;
    if (options.from !== undefined) this.#resume(options.from);
  }

  #resume({ head, time, bytes, lastOffset, genesis, run, salt, stays, places }: ScanPoint): void {
    this.#head = head;
    this.#time = time;
    this.#bytes = bytes;
    this.#lastOffset = lastOffset;
    this.#genesis = genesis;
    this.#startRun(run, salt);
    for (const stay of stays) this.#noteStay(stay);
    for (const place of places) this.#index.add(place);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get position(): number {
    return this.#head.position;
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.concat([this.#held, chunk]);
    let at = 0;
    for (;;) {
      const batch = fastBatch(bytes, at, this.#head, this.#runKey);
      if (batch === null) break;
      const end = at + batch.bytes;
      this.#last = { head: this.#head, bytes: bytes.subarray(at, end), time: batch.time };
      this.#take(batch);
      at = end;
    }
    this.#held = bytes.subarray(at);
    this.#explain(this.#held);
  }

  /** The signature of the last batch, which binds all others. */
  checkLast(): void {
    if (this.#last === undefined) return;
    const strict = new BatchReader({ head: this.#last.head, verify: this.#options.verify });
    for (const _ of strict.push(this.#last.bytes)) return;
  }

  /** Throws what is wrong with a batch that was not taken, unless it is only not whole. */
  #explain(bytes: Uint8Array): void {
    const reader = new BatchReader({ head: this.#head, verify: () => true });
    for (const batch of reader.push(bytes)) {
      decodeRecords(batch, this.#runKey);
      // Never cut off as torn what the slow form can read.
      throw new LogError('form', batch.position, 'the two forms of reading do not agree');
    }
  }

  /** Holds nothing of this scan, whose last chunk is 16 MiB, for as long as the log is served. */
  result(tornBytes: number, file: DiskFile): Scanned {
    const index = this.#index;
    const bytes = this.#bytes;
    return {
      genesis: this.#genesis,
      head: this.#head,
      time: this.#time,
      bytes,
      tornBytes,
      lastRun: this.#run,
      point: this.#point(),
      stays: this.#stays,
      index,
      hashAt: (position) => hashAt(file, index, bytes, position),
    };
  }

  #point(): ScanPoint | undefined {
    const [genesis, salt] = [this.#genesis, this.#salt];
    if (genesis === undefined || salt === undefined) return undefined;
    return {
      ...{ head: this.#head, time: this.#time, bytes: this.#bytes, genesis, run: this.#run, salt },
      ...{ lastOffset: this.#lastOffset, stays: [...this.#stays.values()] },
      places: this.#index.sparse,
    };
  }

  #take({ position, records, hash, bytes, time }: FastBatch): void {
    const tags: Uint8Array[] = [];
    for (const { kind, bytes: record } of records) {
      if (kind === KIND.frame) {
        tags.push(record.subarray(TAG_FROM, TAG_TO));
        this.#tellFrame(record);
      } else {
        this.#note(kind, record, position);
      }
    }
    this.#options.tags(tags);
    this.#index.add({ position, offset: this.#bytes });
    this.#lastOffset = this.#bytes;
    this.#time = time;
    this.#bytes += bytes;
    this.#head = { position: position + records.length, hash };
  }

  #tellFrame(record: Uint8Array): void {
    const { frame } = this.#options;
    if (frame === undefined) return;
    const number = new DataView(record.buffer, record.byteOffset).getUint32(0, true);
    const stay = this.#names.get(number);
    if (stay !== undefined) frame(stay, record);
  }

  #note(kind: number, bytes: Uint8Array, position: number): void {
    try {
      if (kind === KIND.genesis) {
        this.#genesis = decodeGenesis(bytes);
      } else if (kind === KIND.run) {
        const { run, salt } = decodeRunRecord(bytes);
        this.#startRun(run, fromBase64Url(salt, 32));
      } else if (kind === KIND.stay) {
        this.#noteStay(decodeStay(bytes));
      }
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      throw new LogError('record', position, error.message);
    }
  }

  #startRun(run: number, salt: Uint8Array): void {
    const { log, logKey } = this.#options;
    this.#run = run;
    this.#salt = salt;
    this.#runKey = logRunKey(logKey, salt, fromHex(log, 16), run);
  }

  #noteStay(stay: Stay): void {
    this.#stays.set(stay.stay, stay);
    this.#names.set(stay.number, stay.stay);
  }
}

/**
 * What a crash leaves is the beginning of one batch. Where another batch follows in it, the length
 * of this one was damaged, and cutting it off would lose what was acknowledged.
 */
async function checkTorn(
  file: DiskFile,
  at: number,
  bytes: number,
  position: number,
): Promise<void> {
  const tail = await file.read(at, Math.min(bytes, 2 * BATCH_BYTES_MAX));
  const follows = (from: number): boolean => {
    const span = MAGIC.every((byte, i) => byte === tail[from + i]) ? spanAt(tail, from) : null;
    return (
      span !== null && span.position > position && span.position <= position + BATCH_RECORDS_MAX
    );
  };
  let from = tail.indexOf(MAGIC[0]!, 1);
  while (from > 0 && !follows(from)) from = tail.indexOf(MAGIC[0]!, from + 1);
  if (from > 0 || bytes > BATCH_BYTES_MAX) {
    throw new LogError('form', position, 'the length of the batch is not its own');
  }
}

/** The hash of the batch that ends at `position`, or undefined where none ends there. */
async function hashAt(
  file: DiskFile,
  index: LogIndex,
  end: number,
  position: number,
): Promise<Uint8Array | undefined> {
  if (position === 0) return EMPTY_HEAD.hash;
  const holding = await batchHolding(file, index, end, position - 1);
  if (holding === undefined || holding.position + holding.count !== position) return undefined;
  const bytes = await file.read(holding.offset, holding.bytes);
  return decodeBatch(bytes, holding.position)?.batch.hash;
}

/**
 * A batch of the masked-frame log: one group commit (PROTOCOL.md, section 2).
 *
 *   0        4       5       9           17        21       29            61          65
 *   ┌────────┬───────┬───────┬───────────┬─────────┬────────┬─────────────┬───────────┬──────┬───────────┐
 *   │ "VSL1" │ flags │ run   │ position  │ count   │ time   │ previous    │ length    │ body │ signature │
 *   │        │ u8    │ u32   │ u64       │ u32     │ i64    │ 32 B        │ u32       │      │ 64 B      │
 *   └────────┴───────┴───────┴───────────┴─────────┴────────┴─────────────┴───────────┴──────┴───────────┘
 *   hash = SHA-256(all before the signature)     signature over "vitalshare batch" ‖ hash
 *   body before sealing = (kind u8 ‖ length u32 ‖ bytes)*, `count` of them
 *
 * At most 4 MiB and 65,536 records [PROTO-6]. Reading a log: `batch-reader.ts`.
 */
import { concatBytes, hkdfExpand, hkdfExtract, sha256, utf8 } from '@vitalshare/edge/seal';
import { openAead, sealAead } from '@vitalshare/edge/seal';
import { BATCH_BYTES_MAX, BATCH_RECORDS_MAX } from '../limits.ts';
import { ByteReader, ByteWriter } from './byte-reader.ts';

export const KIND = { genesis: 1, run: 2, stay: 3, frame: 4, bins: 5 } as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

export type LogFault =
  | 'torn' // the bytes end inside a batch
  | 'magic' // not the start of a batch
  | 'form' // a header field PROTOCOL.md does not allow
  | 'fork' // does not continue the head
  | 'signature' // not the gateway's
  | 'sealed' // the body does not open under the log key
  | 'record'; // the body is not the records it says

/** Thrown on a log that cannot be what the gateway wrote. `position` is the batch's first record. */
export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code: LogFault;
  readonly position: number;
  constructor(code: LogFault, position: number, message: string) {
    super(`log position ${position}: ${message}`);
    this.code = code;
    this.position = position;
  }
}

export interface LogRecord {
  readonly kind: Kind;
  readonly bytes: Uint8Array;
}

export interface BatchHeader {
  readonly sealed: boolean;
  /** The run its records belong to: 0 for genesis, a run record's own number for that record. */
  readonly run: number;
  /** Of its first record. */
  readonly position: number;
  /** Records in it. */
  readonly count: number;
  /** ms UTC. */
  readonly time: number;
  /** Hash of the batch before, zeros in the first. */
  readonly previous: Uint8Array;
}

export interface Batch extends BatchHeader {
  /** As it stands in the log: sealed where `sealed`. */
  readonly body: Uint8Array;
  readonly hash: Uint8Array;
  /** The whole batch, header to signature. */
  readonly bytes: Uint8Array;
}

export const BATCH_HEADER_BYTES = 65;
const SIGNATURE_BYTES = 64;
const TAG_BYTES = 16;
const RECORD_HEADER_BYTES = 5;
const MAGIC = utf8('VSL1');
const SIGNED = utf8('vitalshare batch');

/** What a batch's signature is over. */
export const signedBytes = (hash: Uint8Array): Uint8Array => concatBytes(SIGNED, hash);

/**
 * [PROTO-4] The key of one run's sealed bodies. `logKey` is `L`, `salt` the run record's. The salt
 * is fresh in every run, so no position of a restored gateway meets a nonce again [S1] [S17].
 */
export function logRunKey(
  logKey: Uint8Array,
  salt: Uint8Array,
  log: Uint8Array,
  run: number,
): Uint8Array {
  const info = new ByteWriter(16 + 16 + 4);
  info.put(utf8('vitalshare log 1'));
  info.put(log);
  info.u32(run);
  return hkdfExpand(hkdfExtract(salt, logKey), info.finish(), 32);
}

/** Bytes these records take in a body: for a writer that fills batches up to the limit. */
export const recordsBytes = (records: readonly LogRecord[]): number =>
  records.reduce((sum, { bytes }) => sum + RECORD_HEADER_BYTES + bytes.length, 0);

/**
 * A whole batch. `key` is `logRunKey(…)` for stays, frames and bins, null for a genesis or run record
 * standing alone. Throws RangeError where a limit or that rule is broken: a caller's bug.
 *
 * The last argument is what a platform has of its own, faster.
 *
 * One (key, position) must only ever seal one body: an append that failed is retried with these
 * very bytes [PROTO-5].
 */
export function encodeBatch(
  header: Omit<BatchHeader, 'sealed' | 'count'>,
  records: readonly LogRecord[],
  key: Uint8Array | null,
  sign: (message: Uint8Array) => Uint8Array,
  { sealAead: seal, sha256: hashOf } = { sealAead, sha256 },
): { readonly bytes: Uint8Array; readonly hash: Uint8Array } {
  const sealed = key !== null;
  const fault = kindsFault(sealed, records);
  if (fault !== null) throw new RangeError(`encodeBatch: ${fault}`);
  if (header.previous.length !== 32) throw new RangeError('encodeBatch: a hash has 32 bytes');
  const plainBytes = recordsBytes(records);
  const bodyBytes = plainBytes + (sealed ? TAG_BYTES : 0);
  const total = BATCH_HEADER_BYTES + bodyBytes + SIGNATURE_BYTES;
  if (total > BATCH_BYTES_MAX) {
    throw new RangeError(`encodeBatch: at most ${BATCH_BYTES_MAX} bytes, got ${total}`);
  }

  const whole = new ByteWriter(total);
  whole.put(MAGIC);
  whole.u8(sealed ? 1 : 0);
  whole.u32(header.run);
  whole.u64(header.position);
  whole.u32(records.length);
  whole.i64(header.time);
  whole.put(header.previous);
  whole.u32(bodyBytes);

  const plain = new ByteWriter(plainBytes);
  for (const { kind, bytes } of records) {
    plain.u8(kind);
    plain.u32(bytes.length);
    plain.put(bytes);
  }
  const body = plain.finish();
  const aad = whole.bytes.subarray(0, BATCH_HEADER_BYTES);
  whole.put(key === null ? body : seal(key, nonceOf(header.position), aad, body));
  const hash = hashOf(whole.bytes.subarray(0, BATCH_HEADER_BYTES + bodyBytes));
  whole.put(sign(signedBytes(hash)));
  return { bytes: whole.finish(), hash };
}

/**
 * The batch at the start of `bytes`, its signature not yet checked; `null` where more bytes are
 * needed. Throws LogError; `expected` is the position to name where the header itself is broken.
 */
export function decodeBatch(
  bytes: Uint8Array,
  expected: number,
): { readonly batch: Batch; readonly signature: Uint8Array } | null {
  const magic = MAGIC.subarray(0, bytes.length);
  if (!magic.every((byte, i) => byte === bytes[i])) {
    throw new LogError('magic', expected, 'no batch starts here');
  }
  if (bytes.length < BATCH_HEADER_BYTES) return null;
  const fail = (message: string) => new LogError('form', expected, message);
  const reader = new ByteReader(bytes, fail, MAGIC.length);
  const flags = reader.u8('flags');
  const header = {
    sealed: flags === 1,
    run: reader.u32('run'),
    position: reader.u64('position'),
    count: reader.u32('count'),
    time: reader.i64('time'),
    previous: reader.take('previous', 32).slice(),
  };
  const bodyBytes = reader.u32('length');
  const total = BATCH_HEADER_BYTES + bodyBytes + SIGNATURE_BYTES;
  if (flags > 1) throw fail(`flags must be 0 or 1, got ${flags}`);
  if (header.count < 1 || header.count > BATCH_RECORDS_MAX) {
    throw fail(`a batch has 1 to ${BATCH_RECORDS_MAX} records, got ${header.count}`);
  }
  if (!Number.isSafeInteger(header.position + header.count)) {
    throw fail('position does not fit 53 bits');
  }
  if (total > BATCH_BYTES_MAX) {
    throw fail(`a batch has at most ${BATCH_BYTES_MAX} bytes, got ${total}`);
  }
  if (bytes.length < total) return null;
  const whole = bytes.slice(0, total);
  const signedEnd = total - SIGNATURE_BYTES;
  const body = whole.subarray(BATCH_HEADER_BYTES, signedEnd);
  const hash = sha256(whole.subarray(0, signedEnd));
  return { batch: { ...header, body, hash, bytes: whole }, signature: whole.subarray(signedEnd) };
}

/**
 * The records of a batch that was read and verified. `key` opens a sealed body and is not used on a
 * clear one. Throws LogError: `sealed` where the body does not open, `record` where it is not the
 * records the header counts, of the kinds that may stand there [PROTO-4].
 */
export function decodeRecords(batch: Batch, key: Uint8Array | null): LogRecord[] {
  const fail = (message: string) => new LogError('record', batch.position, message);
  let body: Uint8Array | null = batch.body;
  if (batch.sealed) {
    const aad = batch.bytes.subarray(0, BATCH_HEADER_BYTES);
    body = key && openAead(key, nonceOf(batch.position), aad, batch.body);
  }
  if (body === null) {
    throw new LogError('sealed', batch.position, 'the body does not open under this log key');
  }
  const reader = new ByteReader(body, fail);
  const records: LogRecord[] = [];
  for (let i = 0; i < batch.count; i++) {
    const kind = reader.u8('kind');
    const bytes = reader.take('record', reader.u32('length'));
    if (!isKind(kind)) throw fail(`record kind ${kind} is not known`);
    records.push({ kind, bytes });
  }
  reader.end();
  const fault = kindsFault(batch.sealed, records);
  if (fault !== null) throw fail(fault);
  return records;
}

const isKind = (kind: number): kind is Kind => kind >= KIND.genesis && kind <= KIND.bins;

/** [PROTO-4] Genesis and run records alone and clear, everything else sealed. */
function kindsFault(sealed: boolean, records: readonly LogRecord[]): string | null {
  if (records.length < 1 || records.length > BATCH_RECORDS_MAX) {
    return `a batch has 1 to ${BATCH_RECORDS_MAX} records, got ${records.length}`;
  }
  const clear = ({ kind }: LogRecord) => kind === KIND.genesis || kind === KIND.run;
  if (sealed && records.some(clear)) return 'a sealed batch has stays, masked frames and bins only';
  if (!sealed && !(records.length === 1 && records.every(clear))) {
    return 'a clear batch is one genesis or run record';
  }
  return null;
}

/** `position u64 ‖ 00 00 00 00` */
function nonceOf(position: number): Uint8Array {
  const nonce = new ByteWriter(12);
  nonce.u64(position);
  nonce.u32(0);
  return nonce.finish();
}

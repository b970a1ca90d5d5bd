/**
 * Reads one batch of this gateway's own log with `node:crypto`: the fast form of `decodeBatch` and
 * `decodeRecords`, for a start that reads everything. It takes only what is right in every respect;
 * on anything else it says null, and the slow form, asked next, says what is wrong and where.
 */
import { createDecipheriv, hash as hashOf } from 'node:crypto';
import {
  BATCH_BYTES_MAX,
  BATCH_RECORDS_MAX,
  type Head,
  KIND,
  type LogRecord,
} from '@vitalshare/cloud-sink/messages';
import { spanAt } from './batch-bytes.ts';

export interface FastBatch {
  readonly position: number;
  readonly time: number;
  /** Header to signature. */
  readonly bytes: number;
  readonly hash: Uint8Array;
  readonly records: readonly LogRecord[];
}

const HEADER_BYTES = 65;
const SIGNATURE_BYTES = 64;
const TAG_BYTES = 16;
const RECORD_HEADER_BYTES = 5;

/** Null: not whole, does not continue `head`, or is not well formed. */
export function fastBatch(
  bytes: Buffer,
  at: number,
  head: Head,
  key: Uint8Array | null,
): FastBatch | null {
  const span = spanAt(bytes, at);
  if (span === null || span.bytes > BATCH_BYTES_MAX || at + span.bytes > bytes.length) return null;
  const whole = bytes.subarray(at, at + span.bytes);
  const sealed = whole[4] === 1;
  if (whole.toString('latin1', 0, 4) !== 'VSL1' || whole[4]! > 1) return null;
  if (span.position !== head.position || !whole.subarray(29, 61).equals(head.hash)) return null;
  if (span.count < 1 || span.count > BATCH_RECORDS_MAX) return null;
  const time = Number(whole.readBigInt64LE(21));
  // As the slow form: what does not fit 53 bits is refused, never rounded.
  if (!Number.isSafeInteger(time) || !Number.isSafeInteger(span.position + span.count)) return null;
  const signed = whole.subarray(0, span.bytes - SIGNATURE_BYTES);
  const body = sealed ? opened(signed, key) : signed.subarray(HEADER_BYTES);
  const records = body === null ? null : recordsOf(body, span.count, sealed);
  if (records === null) return null;
  const hash = new Uint8Array(hashOf('sha256', signed, 'buffer'));
  return { position: span.position, time, bytes: span.bytes, hash, records };
}

/** [PROTO-4] Null where it does not open. */
function opened(signed: Buffer, key: Uint8Array | null): Buffer | null {
  if (key === null || signed.length < HEADER_BYTES + TAG_BYTES) return null;
  const nonce = Buffer.alloc(12);
  signed.copy(nonce, 0, 9, 17);
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES });
  const end = signed.length - TAG_BYTES;
  decipher.setAAD(signed.subarray(0, HEADER_BYTES), { plaintextLength: end - HEADER_BYTES });
  decipher.setAuthTag(signed.subarray(end));
  const body = decipher.update(signed.subarray(HEADER_BYTES, end));
  try {
    decipher.final();
    return body;
  } catch {
    return null;
  }
}

function recordsOf(body: Buffer, count: number, sealed: boolean): LogRecord[] | null {
  const records: LogRecord[] = [];
  let at = 0;
  while (records.length < count) {
    if (at + RECORD_HEADER_BYTES > body.length) return null;
    const kind = body[at]!;
    const end = at + RECORD_HEADER_BYTES + body.readUInt32LE(at + 1);
    if (end > body.length || !mayStand(kind, sealed, count)) return null;
    records.push({ kind, bytes: body.subarray(at + RECORD_HEADER_BYTES, end) });
    at = end;
  }
  return at === body.length ? records : null;
}

/** [PROTO-4] Genesis and run records alone and clear, everything else sealed. */
const mayStand = (kind: number, sealed: boolean, count: number): kind is LogRecord['kind'] =>
  sealed
    ? kind === KIND.stay || kind === KIND.frame || kind === KIND.bins
    : count === 1 && (kind === KIND.genesis || kind === KIND.run);

/**
 * One boot's file of a node's journal, `frames-<boot>.log`, append-only:
 *
 *   record = length u32 ‖ crc32(body) u32 ‖ body
 *   body   = 0x01 ‖ sequence u32 ‖ sealed frame         kept
 *          | 0x02 ‖ first u32 ‖ last u32                erased
 *
 * A record is whole or it does not count: reading stops at the first that is torn or damaged. A
 * torn record was never published, since publishing waits for the append.
 */
import { crc32 } from 'node:zlib';
import { FRAME_BYTES_MAX } from '../limits.ts';

/** Where a kept frame lies in its file. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

export interface Scan {
  /** Frames kept and not erased, by sequence, ascending. */
  readonly frames: Map<number, Place>;
  /** Bytes up to the end of the last whole record. */
  readonly wholeBytes: number;
}

const HEAD_BYTES = 8;
const KEPT = 1;
const ERASED = 2;
const KEPT_HEAD_BYTES = 5;
const ERASED_BODY_BYTES = 9;
const BODY_BYTES_MAX = KEPT_HEAD_BYTES + FRAME_BYTES_MAX;

/** A record, and where in it the frame begins. */
export function keptRecord(sequence: number, frame: Uint8Array): Buffer {
  const record = Buffer.alloc(KEPT_FRAME_OFFSET + frame.length);
  record.writeUInt8(KEPT, HEAD_BYTES);
  record.writeUInt32LE(sequence, HEAD_BYTES + 1);
  record.set(frame, KEPT_FRAME_OFFSET);
  return sealed(record);
}
export const KEPT_FRAME_OFFSET = HEAD_BYTES + KEPT_HEAD_BYTES;

export function erasedRecord(first: number, last: number): Buffer {
  const record = Buffer.alloc(HEAD_BYTES + ERASED_BODY_BYTES);
  record.writeUInt8(ERASED, HEAD_BYTES);
  record.writeUInt32LE(first, HEAD_BYTES + 1);
  record.writeUInt32LE(last, HEAD_BYTES + 5);
  return sealed(record);
}

export function scanRecords(file: Buffer): Scan {
  const frames = new Map<number, Place>();
  let at = 0;
  for (;;) {
    const body = bodyAt(file, at);
    if (body === null) return { frames, wholeBytes: at };
    const first = body.readUInt32LE(1);
    if (body[0] === KEPT) {
      const length = body.length - KEPT_HEAD_BYTES;
      frames.set(first, { offset: at + KEPT_FRAME_OFFSET, length });
    } else {
      eraseRange(frames, first, body.readUInt32LE(5), () => undefined);
    }
    at += HEAD_BYTES + body.length;
  }
}

/** Removes the sequences of a range, walking from the oldest to its end: sequences stand ascending. */
export function eraseRange(
  frames: Map<number, Place>,
  first: number,
  last: number,
  erased: (place: Place) => void,
): void {
  for (const [sequence, place] of frames) {
    if (sequence > last) return;
    if (sequence < first) continue;
    frames.delete(sequence);
    erased(place);
  }
}

/** The body of the whole record at `at`, or `null` at the end, in a torn tail or in damage. */
function bodyAt(file: Buffer, at: number): Buffer | null {
  if (at + HEAD_BYTES > file.length) return null;
  const length = file.readUInt32LE(at);
  const end = at + HEAD_BYTES + length;
  if (length < KEPT_HEAD_BYTES || length > BODY_BYTES_MAX || end > file.length) return null;
  const body = file.subarray(at + HEAD_BYTES, end);
  if (crc32(body) !== file.readUInt32LE(at + 4)) return null;
  if (body[0] === KEPT) return body;
  return body[0] === ERASED && length === ERASED_BODY_BYTES ? body : null;
}

function sealed(record: Buffer): Buffer {
  record.writeUInt32LE(record.length - HEAD_BYTES, 0);
  record.writeUInt32LE(crc32(record.subarray(HEAD_BYTES)), 4);
  return record;
}

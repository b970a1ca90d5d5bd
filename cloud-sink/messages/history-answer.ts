/**
 * The body of an answer to /history: masked parts with keystream (PROTOCOL.md, section 3).
 *
 *   next u16-length string ‖ part*
 *   part = log 16 B ‖ position u64 ‖ header length u16 ‖ header ‖ masked length u32 ‖ masked
 *     ‖ commitment 16 B ‖ sets u16 ‖ (mask u16 ‖ commit keystream 32 B ‖ keystream) × sets
 *
 * A keystream is as long as the masked values. Keys never travel [S7]; `next` is empty at the end.
 */
import { utf8 } from '@vitalshare/edge/seal';
import { AnswerError } from './answer.ts';
import { ByteReader, ByteWriter } from './byte-reader.ts';

export interface HistorySet {
  readonly mask: number;
  /** This set's 32 bytes towards κ [SHARE-12]. */
  readonly commit: Uint8Array;
  readonly keystream: Uint8Array;
}

export interface HistoryPart {
  /** 16 bytes. */
  readonly log: Uint8Array;
  /** Of the masked frame. */
  readonly position: number;
  /** [PROTO-7]; `decodeColumnHeader` or `decodeSegmentHeader` reads it. */
  readonly header: Uint8Array;
  readonly masked: Uint8Array;
  readonly commitment: Uint8Array;
  /** The server's own sets, rising. */
  readonly sets: readonly HistorySet[];
}

export interface HistoryAnswer {
  /** For `after` of the next request; empty when nothing follows. */
  readonly next: string;
  readonly parts: readonly HistoryPart[];
}

const COMMIT_BYTES = 32;
const COMMITMENT_BYTES = 16;

/** Bytes of one part in a reply, for a server that fills replies up to a limit. */
export const historyPartBytes = (part: HistoryPart): number =>
  16 +
  8 +
  2 +
  part.header.length +
  4 +
  part.masked.length +
  COMMITMENT_BYTES +
  2 +
  part.sets.length * (2 + COMMIT_BYTES + part.masked.length);

export function encodeHistory({ next, parts }: HistoryAnswer): Uint8Array {
  const cursor = utf8(next);
  const bytes = parts.reduce((sum, part) => sum + historyPartBytes(part), 2 + cursor.length);
  const out = new ByteWriter(bytes);
  out.u16(cursor.length);
  out.put(cursor);
  for (const part of parts) {
    out.put(part.log);
    out.u64(part.position);
    out.u16(part.header.length);
    out.put(part.header);
    out.u32(part.masked.length);
    out.put(part.masked);
    out.put(part.commitment);
    out.u16(part.sets.length);
    for (const { mask, commit, keystream } of part.sets) {
      out.u16(mask);
      out.put(commit);
      out.put(keystream);
    }
  }
  return out.finish();
}

/** Throws AnswerError `form` and nothing else, whatever the bytes. */
export function decodeHistory(body: Uint8Array): HistoryAnswer {
  const fail = (message: string) => new AnswerError('form', message);
  const reader = new ByteReader(body, fail);
  const cursor = reader.take('next', reader.u16('next length'));
  if (!cursor.every((byte) => byte > 0x20 && byte < 0x7f)) throw fail('next must be a cursor');
  const next = String.fromCharCode(...cursor);
  const parts: HistoryPart[] = [];
  while (reader.at < body.length) parts.push(readPart(reader, fail));
  return { next, parts };
}

function readPart(reader: ByteReader, fail: (message: string) => Error): HistoryPart {
  const log = reader.take('log', 16).slice();
  const position = reader.u64('position');
  const header = reader.take('header', reader.u16('header length')).slice();
  const masked = reader.take('masked', reader.u32('masked length')).slice();
  const commitment = reader.take('commitment', COMMITMENT_BYTES).slice();
  const sets: HistorySet[] = [];
  for (let i = reader.u16('sets'); i > 0; i--) {
    const mask = reader.u16('mask');
    if (mask <= (sets.at(-1)?.mask ?? 0)) throw fail('sets must rise');
    const commit = reader.take('commit keystream', COMMIT_BYTES).slice();
    sets.push({ mask, commit, keystream: reader.take('keystream', masked.length).slice() });
  }
  return { log, position, header, masked, commitment, sets };
}

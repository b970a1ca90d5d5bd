/**
 * The gateway's answer on `…/down` [WIRE-12]:
 *
 *   nonce 24 B ‖ XChaCha20-Poly1305(down key, nonce, associated data = node name, answer)
 *   answer = 0x01 ‖ 0x01 ‖ gatewayTime i64 ‖ boot u32 ‖ sequence u32
 *            ‖ missingCount u8 ‖ (first u32 ‖ last u32) × missingCount
 *            ‖ refusedCount u8 ‖ (first u32 ‖ last u32) × refusedCount
 *
 * Ranges are inclusive, ascending, disjoint, within 1 to `sequence`, at most 32 of each kind, and
 * no sequence number is both missing and refused. An answer only ever states what stays true, so a
 * replayed one can do no harm; nobody should set a clock by one, for the same reason.
 */
import { RANGES_IN_ANSWER_MAX } from '../limits.ts';
import type { sealAead } from '../seal/aead.ts';
import { concatBytes, utf8 } from '../seal/bytes.ts';
import { openX, sealX } from '../seal/xaead.ts';
import { ByteReader, ByteWriter } from './cursor.ts';
import { WireError } from './error.ts';
import { isNodeName } from './topics.ts';

/** Sequence numbers `first` to `last`, both included. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

export interface Answer {
  readonly gatewayTimeMs: number;
  readonly boot: number;
  /** Every frame of `boot` up to this one is settled, except `missing`; 0 settles nothing. */
  readonly sequence: number;
  readonly missing: readonly Range[];
  readonly refused: readonly Range[];
}

const VERSION = 1;
const KIND_ANSWER = 1;
const NONCE_BYTES = 24;
const TIME_MS_MAX = Number.MAX_SAFE_INTEGER;

/**
 * `nonce24` is drawn at random for every answer; `seal` is RFC 8439 where the platform has a faster one.
 * Throws RangeError on an answer without bytes.
 */
export function sealAnswer(
  node: string,
  downKey: Uint8Array,
  nonce24: Uint8Array,
  answer: Answer,
  seal?: typeof sealAead,
): Uint8Array {
  if (!isNodeName(node)) throw new RangeError('sealAnswer: expected the name of a node');
  return concatBytes(nonce24, sealX(downKey, nonce24, utf8(node), encodeAnswer(answer), seal));
}

/** `null` on anything that is not one well-formed answer to this node under this key [WIRE-14]. */
export function openAnswer(node: string, downKey: Uint8Array, bytes: Uint8Array): Answer | null {
  if (bytes.length < NONCE_BYTES || !isNodeName(node)) return null;
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const plain = openX(downKey, nonce, utf8(node), bytes.subarray(NONCE_BYTES));
  if (plain === null) return null;
  try {
    return decodeAnswer(plain);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

export function encodeAnswer(answer: Answer): Uint8Array {
  const { sequence, missing, refused } = answer;
  const writer = new ByteWriter();
  writer.u8('version', VERSION);
  writer.u8('kind', KIND_ANSWER);
  writer.i64('gatewayTimeMs', answer.gatewayTimeMs, -TIME_MS_MAX, TIME_MS_MAX);
  writer.u32('boot', answer.boot, 1);
  writer.u32('sequence', sequence);
  for (const [kind, ranges] of Object.entries({ missing, refused })) {
    writer.u8(`${kind}Count`, ranges.length, 0, RANGES_IN_ANSWER_MAX);
    if (!inOrder(ranges, sequence)) {
      throw new RangeError(`${kind}: expected ascending disjoint ranges within 1 to ${sequence}`);
    }
    for (const { first, last } of ranges) {
      writer.u32('first', first);
      writer.u32('last', last);
    }
  }
  if (overlap(missing, refused))
    throw new RangeError('answer: expected missing or refused, not both');
  return writer.finish();
}

/** Throws WireError. */
export function decodeAnswer(bytes: Uint8Array): Answer {
  const reader = new ByteReader(bytes);
  if (reader.u8('version') !== VERSION || reader.u8('kind') !== KIND_ANSWER) {
    reader.fail('unknown-version', 'expected an answer of version 1', 2);
  }
  const gatewayTimeMs = reader.i64('gatewayTime', -TIME_MS_MAX, TIME_MS_MAX);
  const boot = reader.u32('boot', 1);
  const sequence = reader.u32('sequence');
  const missing = readRanges(reader, 'missing', sequence);
  const refused = readRanges(reader, 'refused', sequence);
  reader.end('answer');
  if (overlap(missing, refused)) reader.fail('malformed', 'expected missing or refused, not both');
  return { gatewayTimeMs, boot, sequence, missing, refused };
}

function readRanges(reader: ByteReader, kind: string, sequence: number): Range[] {
  const count = reader.u8(`${kind}Count`, 0, RANGES_IN_ANSWER_MAX);
  const ranges: Range[] = [];
  for (let i = 0; i < count; i++) {
    ranges.push({ first: reader.u32('first'), last: reader.u32('last') });
  }
  if (!inOrder(ranges, sequence)) {
    reader.fail('malformed', `${kind}: expected ascending disjoint ranges`, 8 * count);
  }
  return ranges;
}

function inOrder(ranges: readonly Range[], sequence: number): boolean {
  let before = 0;
  for (const { first, last } of ranges) {
    if (first <= before || last < first || last > sequence) return false;
    before = last;
  }
  return true;
}

const overlap = (some: readonly Range[], others: readonly Range[]): boolean =>
  some.some((a) => others.some((b) => a.first <= b.last && b.first <= a.last));

/**
 * The envelope of a frame [WIRE-3]:
 *
 *   0x01 ‖ 0x01 ‖ keyEpoch u16 ‖ boot u32 ‖ sequence u32 ‖ sealed payload ‖ tag 16 B
 *   └──────────────── 12 bytes, the header ───────────┘
 *
 * ChaCha20-Poly1305 under the node's up key; associated data: header ‖ node name; nonce:
 * boot u32 ‖ sequence u32 ‖ 00 00 00 00. The header is readable before anything is opened, and
 * worth nothing before it is.
 */
import { FRAME_BYTES_MAX, PAYLOAD_BYTES_MAX } from '../limits.ts';
import { openAead, sealAead } from '../seal/aead.ts';
import { concatBytes, utf8 } from '../seal/bytes.ts';
import { ByteReader, ByteWriter } from './cursor.ts';
import { isNodeName } from './topics.ts';

export interface FrameHeader {
  readonly keyEpoch: number;
  readonly boot: number;
  readonly sequence: number;
}

export interface OpenedFrame extends FrameHeader {
  readonly payload: Uint8Array;
}

const VERSION = 1;
const KIND_FRAME = 1;
const HEADER_BYTES = 12;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `null` where no version 1 frame can stand: wrong length, version or kind, boot or sequence 0. */
export function readHeader(bytes: Uint8Array): FrameHeader | null {
  if (bytes.length < HEADER_BYTES + TAG_BYTES || bytes.length > FRAME_BYTES_MAX) return null;
  const reader = new ByteReader(bytes);
  if (reader.u8('version') !== VERSION || reader.u8('kind') !== KIND_FRAME) return null;
  const keyEpoch = reader.u16('keyEpoch');
  const boot = reader.u32('boot');
  const sequence = reader.u32('sequence');
  return boot === 0 || sequence === 0 ? null : { keyEpoch, boot, sequence }; // [WIRE-4]
}

/**
 * The caller owes the nonce: one (upKey, boot, sequence) seals one payload, ever [WIRE-4].
 * Throws RangeError on a name, number or length that WIRE.md has no bytes for.
 */
export function sealFrame(
  from: FrameHeader & { readonly node: string; readonly upKey: Uint8Array },
  payload: Uint8Array,
): Uint8Array {
  if (!isNodeName(from.node)) throw new RangeError('sealFrame: expected the name of a node');
  if (payload.length > PAYLOAD_BYTES_MAX) {
    const got = `got ${payload.length}`;
    throw new RangeError(`sealFrame: expected at most ${PAYLOAD_BYTES_MAX} bytes, ${got}`);
  }
  const writer = new ByteWriter();
  writer.u8('version', VERSION);
  writer.u8('kind', KIND_FRAME);
  writer.u16('keyEpoch', from.keyEpoch);
  writer.u32('boot', from.boot, 1);
  writer.u32('sequence', from.sequence, 1);
  const header = writer.finish();
  const aad = concatBytes(header, utf8(from.node));
  return concatBytes(header, sealAead(from.upKey, nonceOf(header), aad, payload));
}

/**
 * `null` on anything this node did not seal under this key, whatever the reason. `open` is RFC 8439,
 * of which the platform may have a faster one.
 */
export function openFrame(
  node: string,
  upKey: Uint8Array,
  bytes: Uint8Array,
  open = openAead,
): OpenedFrame | null {
  const parsed = readHeader(bytes);
  if (parsed === null || !isNodeName(node)) return null;
  const header = bytes.subarray(0, HEADER_BYTES);
  const aad = concatBytes(header, utf8(node));
  const payload = open(upKey, nonceOf(header), aad, bytes.subarray(HEADER_BYTES));
  return payload === null ? null : { ...parsed, payload };
}

function nonceOf(header: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  nonce.set(header.subarray(4, HEADER_BYTES));
  return nonce;
}

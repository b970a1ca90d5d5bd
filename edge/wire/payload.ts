/**
 * The payload of a frame (WIRE.md, The payload):
 *
 *   payload = 0x01 ‖ flags u8 ‖ deviceTime u64 ‖ [bootTime i64] ‖ block*
 *   block   = type u8 ‖ length u16 ‖ body          1 column, 2 segment, 3 status, 4 event
 *
 * Blocks may come in any order; `encodePayload` writes columns, segments, status, events. The
 * payload has no count of its blocks: its end is what the seal around it authenticates.
 */
import { BLOCKS_IN_FRAME_MAX, PAYLOAD_BYTES_MAX } from '../limits.ts';
import { ByteReader, ByteWriter } from './cursor.ts';
import type { Frame, NodeEvent, NumericColumn, Status, WaveformSegment } from './frame.ts';
import { readColumn, writeColumn } from './numeric.ts';
import { readEvent, readStatus, writeEvent, writeStatus } from './status.ts';
import { readSegment, writeSegment } from './waveform.ts';

const VERSION = 1;
const HAS_BOOT_TIME = 1;
const COLUMN = 1;
const SEGMENT = 2;
const STATUS = 3;
const EVENT = 4;
/** Boot times in microseconds stay below 2^53: the years 1684 to 2255 [WIRE-7]. */
const BOOT_TIME_MS_MAX = Math.floor(Number.MAX_SAFE_INTEGER / 1000);

interface Blocks {
  readonly columns: NumericColumn[];
  readonly segments: WaveformSegment[];
  readonly events: NodeEvent[];
  status?: Status;
}

/** Throws WireError on anything but exactly one well-formed payload. */
export function decodePayload(payload: Uint8Array): Frame {
  const reader = new ByteReader(payload);
  if (payload.length > PAYLOAD_BYTES_MAX) {
    reader.fail('malformed', `payload: expected at most ${PAYLOAD_BYTES_MAX} bytes`); // [WIRE-5]
  }
  if (reader.u8('version') !== VERSION) {
    reader.fail('unknown-version', `version: expected ${VERSION}`, 1);
  }
  const flags = reader.u8('flags', 0, HAS_BOOT_TIME);
  const deviceTimeUs = reader.u64('deviceTime');
  const bootTime =
    flags === HAS_BOOT_TIME
      ? { bootTimeMs: reader.i64('bootTime', -BOOT_TIME_MS_MAX, BOOT_TIME_MS_MAX) }
      : {};
  return { deviceTimeUs, ...bootTime, ...readBlocks(reader) };
}

function readBlocks(reader: ByteReader): Blocks {
  const blocks: Blocks = { columns: [], segments: [], events: [] };
  for (let count = 0; reader.left > 0; count++) {
    if (count === BLOCKS_IN_FRAME_MAX) {
      reader.fail('malformed', `blocks: expected at most ${BLOCKS_IN_FRAME_MAX}`); // [WIRE-11]
    }
    const type = reader.u8('type');
    if (type < COLUMN || type > EVENT) {
      reader.fail('unknown-version', 'type: not a known block', 1);
    }
    const body = reader.part('block', reader.u16('length'));
    if (type === COLUMN) addColumn(blocks, body);
    else if (type === SEGMENT) blocks.segments.push(readSegment(body));
    else if (type === EVENT) blocks.events.push(readEvent(body));
    else if (blocks.status === undefined) blocks.status = readStatus(body);
    else body.fail('malformed', 'status: expected at most one'); // [WIRE-11]
    body.end('block');
  }
  return blocks;
}

function addColumn(blocks: Blocks, body: ByteReader): void {
  const start = body.at;
  const column = readColumn(body);
  if (blocks.columns.some(({ vital }) => vital === column.vital)) {
    body.fail('malformed', 'vital: a vital sign stands at most once in a frame', body.at - start);
  }
  blocks.columns.push(column);
}

/** Throws RangeError on a frame that WIRE.md has no bytes for, or too many. */
export function encodePayload(frame: Frame): Uint8Array {
  const { columns, segments, status, events } = frame;
  const blockCount = columns.length + segments.length + events.length + (status ? 1 : 0);
  if (blockCount > BLOCKS_IN_FRAME_MAX) {
    throw new RangeError(
      `frame: expected at most ${BLOCKS_IN_FRAME_MAX} blocks, got ${blockCount}`,
    );
  }
  if (new Set(columns.map(({ vital }) => vital.code)).size !== columns.length) {
    throw new RangeError('frame: expected each vital sign at most once');
  }
  const writer = new ByteWriter();
  writer.u8('version', VERSION);
  writer.u8('flags', frame.bootTimeMs === undefined ? 0 : HAS_BOOT_TIME);
  writer.u64('deviceTimeUs', frame.deviceTimeUs);
  if (frame.bootTimeMs !== undefined) {
    writer.i64('bootTimeMs', frame.bootTimeMs, -BOOT_TIME_MS_MAX, BOOT_TIME_MS_MAX);
  }
  const block = (type: number, write: () => void) => {
    writer.u8('type', type);
    writer.u16Sized('block', write);
  };
  for (const column of columns) block(COLUMN, () => writeColumn(writer, column));
  for (const segment of segments) block(SEGMENT, () => writeSegment(writer, segment));
  if (status !== undefined) block(STATUS, () => writeStatus(writer, status));
  for (const event of events) block(EVENT, () => writeEvent(writer, event));
  if (writer.length > PAYLOAD_BYTES_MAX) {
    throw new RangeError(
      `frame: expected at most ${PAYLOAD_BYTES_MAX} bytes, got ${writer.length}`,
    );
  }
  return writer.finish();
}

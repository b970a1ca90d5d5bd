/**
 * The masked frame: what the gateway appends for one frame of a node (PROTOCOL.md, section 2).
 *
 *   stay number u32 ‖ counter u64 ‖ tag 16 B ‖ columns u8 ‖ column* ‖ products u8 ‖ product*
 *     ‖ segments u8 ‖ segment*
 *   column  = vital u8 ‖ start u32 ‖ rows u16 ‖ presence ⌈rows/8⌉ B ‖ masked u64 × present
 *     ‖ commitment 16 B
 *   product = a u8 ‖ b u8 ‖ masked u64 × rows where both are present
 *   segment = channel u8 ‖ lead u8 ‖ unit u8 ‖ start u64 ‖ rate u32 ‖ gain f64 ‖ baseline i32
 *     ‖ count u16 ‖ masked (2 + 2·count) B ‖ commitment 16 B
 *
 * Codes of vital signs, channels, leads and units are not looked up here: a server that is older
 * than the vocabulary keeps following the log.
 */
import {
  elementCount,
  FieldError,
  type FieldVector,
  readElements,
  writeElements,
} from '@vitalshare/edge/field';
import { COLUMN_ROWS_MAX, SEGMENT_RATE_MILLIHZ_MAX, SEGMENT_SAMPLES_MAX } from '../limits.ts';
import { ByteReader, ByteWriter } from './byte-reader.ts';
import { presenceBytes, presentBoth, presentCount } from './presence.ts';
import { RecordError } from './record-error.ts';

/** A column's bytes before its masked values: the `header` of its commitment [PROTO-7]. */
export interface ColumnHeader {
  readonly vital: number;
  /** UTC second of row 0. */
  readonly start: number;
  readonly rows: number;
  /** Bit i mod 8 of byte ⌊i/8⌋ for row i; unused bits zero. */
  readonly presence: Uint8Array;
}

export interface MaskedColumn extends ColumnHeader {
  /** One element per present row. */
  readonly masked: FieldVector;
  readonly commitment: Uint8Array;
}

/** `x·y` of two columns of this frame, by position from 0, a ≤ b [SHARE-10]. */
export interface MaskedProduct {
  readonly a: number;
  readonly b: number;
  readonly masked: FieldVector;
}

export interface SegmentHeader {
  readonly channel: number;
  readonly lead: number;
  readonly unit: number;
  readonly startMicros: number;
  readonly rateMilliHz: number;
  readonly gain: number;
  readonly baseline: number;
  /** Samples. */
  readonly count: number;
}

export interface MaskedSegment extends SegmentHeader {
  /** flags ‖ quality ‖ samples, masked: 2 + 2·count bytes [SHARE-11]. */
  readonly masked: Uint8Array;
  readonly commitment: Uint8Array;
}

export interface MaskedFrame {
  /** The number its stay record announced in this log. */
  readonly stay: number;
  /** Rises within a stay of a run, from 1 [SHARE-7]. */
  readonly counter: number;
  /** 16 bytes; the node's name for its frame, which the gateway alone can read [PROTO-8]. */
  readonly tag: Uint8Array;
  readonly columns: readonly MaskedColumn[];
  readonly products: readonly MaskedProduct[];
  readonly segments: readonly MaskedSegment[];
}

const COMMITMENT_BYTES = 16;
const FRAME_HEADER_BYTES = 4 + 8 + 16;
const COLUMN_HEADER_BYTES = 1 + 4 + 2;
const SEGMENT_HEADER_BYTES = 29;

/** Bytes of a segment's masked plaintext. */
export const segmentBytes = (count: number): number => 2 + 2 * count;

/** [PROTO-7] */
export function columnHeader(column: ColumnHeader): Uint8Array {
  const out = new ByteWriter(COLUMN_HEADER_BYTES + column.presence.length);
  putColumnHeader(out, column);
  return out.finish();
}

/** [PROTO-7] */
export function segmentHeader(segment: SegmentHeader): Uint8Array {
  const out = new ByteWriter(SEGMENT_HEADER_BYTES);
  putSegmentHeader(out, segment);
  return out.finish();
}

/**
 * `frame` is one its decoder would give; a field that does not fit its bytes is a RangeError. The
 * frame is not read back: this runs for every frame of a ward.
 */
export function encodeMaskedFrame(frame: MaskedFrame): Uint8Array {
  const out = new ByteWriter(frameBytes(frame));
  out.u32(frame.stay);
  out.u64(frame.counter);
  out.put(frame.tag);
  out.u8(frame.columns.length);
  for (const column of frame.columns) {
    putColumnHeader(out, column);
    putElements(out, column.masked);
    out.put(column.commitment);
  }
  out.u8(frame.products.length);
  for (const { a, b, masked } of frame.products) {
    out.u8(a);
    out.u8(b);
    putElements(out, masked);
  }
  out.u8(frame.segments.length);
  for (const segment of frame.segments) {
    putSegmentHeader(out, segment);
    out.put(segment.masked);
    out.put(segment.commitment);
  }
  return out.finish();
}

/** Throws RecordError and nothing else, whatever the bytes. */
export function decodeMaskedFrame(bytes: Uint8Array): MaskedFrame {
  const reader = new ByteReader(bytes, (message) => new RecordError('short', message));
  const stay = reader.u32('stay number');
  const counter = reader.u64('counter');
  if (counter < 1) throw range('counter must be at least 1');
  const tag = reader.take('tag', 16).slice();

  const columns: MaskedColumn[] = [];
  for (let i = reader.u8('columns'); i > 0; i--) {
    const column = readColumn(reader);
    if (columns.some(({ vital }) => vital === column.vital)) {
      throw range(`vital sign ${column.vital} stands twice`);
    }
    columns.push(column);
  }
  const products: MaskedProduct[] = [];
  for (let i = reader.u8('products'); i > 0; i--) {
    const product = readProduct(reader, columns);
    const last = products.at(-1);
    if (last && !(last.a < product.a || (last.a === product.a && last.b < product.b))) {
      throw range(`product ${product.a}, ${product.b} is not in rising order`);
    }
    products.push(product);
  }
  const segments: MaskedSegment[] = [];
  for (let i = reader.u8('segments'); i > 0; i--) segments.push(readSegment(reader));
  reader.end();
  return { stay, counter, tag, columns, products, segments };
}

/** Reads `columnHeader` back. Throws RecordError. */
export const decodeColumnHeader = (bytes: Uint8Array): ColumnHeader =>
  decodeHeader(bytes, readColumnHeader);

/** Reads `segmentHeader` back. Throws RecordError. */
export const decodeSegmentHeader = (bytes: Uint8Array): SegmentHeader =>
  decodeHeader(bytes, readSegmentHeader);

function decodeHeader<Header>(bytes: Uint8Array, read: (reader: ByteReader) => Header): Header {
  const reader = new ByteReader(bytes, (message) => new RecordError('short', message));
  const header = read(reader);
  reader.end();
  return header;
}

function readColumn(reader: ByteReader): MaskedColumn {
  const header = readColumnHeader(reader);
  const masked = takeElements(reader, presentCount(header.presence));
  return { ...header, masked, commitment: reader.take('commitment', COMMITMENT_BYTES).slice() };
}

function readColumnHeader(reader: ByteReader): ColumnHeader {
  const vital = reader.u8('vital');
  const start = reader.u32('start');
  const rows = reader.u16('rows');
  if (rows < 1 || rows > COLUMN_ROWS_MAX) {
    throw range(`a column has 1 to ${COLUMN_ROWS_MAX} rows, got ${rows}`);
  }
  if (start + rows > 2 ** 32) throw range('a column ends behind second 2^32');
  const presence = reader.take('presence', presenceBytes(rows)).slice();
  if (rows % 8 !== 0 && presence.at(-1)! >>> (rows % 8) !== 0) {
    throw range('unused presence bits must be zero');
  }
  return { vital, start, rows, presence };
}

function readProduct(reader: ByteReader, columns: readonly MaskedColumn[]): MaskedProduct {
  const a = reader.u8('product a');
  const b = reader.u8('product b');
  const columnA = columns[a];
  const columnB = columns[b];
  if (a > b || !columnA || !columnB) {
    throw range(`a product names two columns a ≤ b of ${columns.length}, got ${a} and ${b}`);
  }
  return { a, b, masked: takeElements(reader, presentBoth(columnA, columnB).length) };
}

function readSegment(reader: ByteReader): MaskedSegment {
  const header = readSegmentHeader(reader);
  const masked = reader.take('samples', segmentBytes(header.count)).slice();
  return { ...header, masked, commitment: reader.take('commitment', COMMITMENT_BYTES).slice() };
}

function readSegmentHeader(reader: ByteReader): SegmentHeader {
  const header = {
    channel: reader.u8('channel'),
    lead: reader.u8('lead'),
    unit: reader.u8('unit'),
    startMicros: reader.u64('start'),
    rateMilliHz: reader.u32('rate'),
    gain: reader.f64('gain'),
    baseline: reader.i32('baseline'),
    count: reader.u16('count'),
  };
  const { rateMilliHz, gain, count } = header;
  if (rateMilliHz < 1 || rateMilliHz > SEGMENT_RATE_MILLIHZ_MAX) {
    throw range(`rate must be 1 to ${SEGMENT_RATE_MILLIHZ_MAX} mHz, got ${rateMilliHz}`);
  }
  if (!Number.isFinite(gain) || gain === 0) throw range('gain must be finite and not 0');
  if (count < 1 || count > SEGMENT_SAMPLES_MAX) {
    throw range(`a segment has 1 to ${SEGMENT_SAMPLES_MAX} samples, got ${count}`);
  }
  return header;
}

function takeElements(reader: ByteReader, count: number): FieldVector {
  try {
    return readElements(reader.take('masked values', 8 * count), 0, count);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    throw new RecordError('element', error.message); // [SHARE-1] [S6]
  }
}

function putColumnHeader(out: ByteWriter, { vital, start, rows, presence }: ColumnHeader): void {
  out.u8(vital);
  out.u32(start);
  out.u16(rows);
  out.put(presence);
}

function putSegmentHeader(out: ByteWriter, segment: SegmentHeader): void {
  out.u8(segment.channel);
  out.u8(segment.lead);
  out.u8(segment.unit);
  out.u64(segment.startMicros);
  out.u32(segment.rateMilliHz);
  out.f64(segment.gain);
  out.i32(segment.baseline);
  out.u16(segment.count);
}

function putElements(out: ByteWriter, vector: FieldVector): void {
  out.at = writeElements(vector, out.bytes, out.at);
}

function frameBytes({ columns, products, segments }: MaskedFrame): number {
  let bytes = FRAME_HEADER_BYTES + 3;
  for (const { presence, masked } of columns) {
    bytes += COLUMN_HEADER_BYTES + presence.length + 8 * elementCount(masked) + COMMITMENT_BYTES;
  }
  for (const { masked } of products) bytes += 2 + 8 * elementCount(masked);
  for (const { masked } of segments)
    bytes += SEGMENT_HEADER_BYTES + masked.length + COMMITMENT_BYTES;
  return bytes;
}

const range = (message: string): RecordError => new RecordError('range', message);

/**
 * The bins record: how many more readings of one stay, vital sign and five minutes fell into each bin
 * (PROTOCOL.md, section 2) [PROTO-35].
 *
 *   stay number u32 ‖ counter u64 ‖ vital u8 ‖ window u32 ‖ readings u16 ‖ bins u8 ‖ masked u64 × bins
 *
 * Records of one window add up: each is an increment. `readings` is in the clear, as presence is; what
 * fell where is not.
 */
import { elementCount, FieldError, type FieldVector } from '@vitalshare/edge/field';
import { readElements, writeElements } from '@vitalshare/edge/field';
import { BINS_MAX, WINDOW_SECONDS } from '../limits.ts';
import { ByteReader, ByteWriter } from './byte-reader.ts';
import { RecordError } from './record-error.ts';

export interface MaskedBins {
  /** The number its stay record announced in this log. */
  readonly stay: number;
  /** Rises within a stay of a run, from 1, apart from that of masked frames [SHARE-21]. */
  readonly counter: number;
  readonly vital: number;
  /** UTC second at which the five minutes begin: a multiple of 300. */
  readonly window: number;
  /** Readings counted by this record: 1 to 300. */
  readonly readings: number;
  /** One element a bin [SHARE-20]. */
  readonly masked: FieldVector;
}

const HEADER_BYTES = 4 + 8 + 1 + 4 + 2 + 1;

/** `bins` is a record its decoder would give; a field that does not fit its bytes is a RangeError. */
export function encodeMaskedBins(bins: MaskedBins): Uint8Array {
  const count = elementCount(bins.masked);
  const out = new ByteWriter(HEADER_BYTES + 8 * count);
  out.u32(bins.stay);
  out.u64(bins.counter);
  out.u8(bins.vital);
  out.u32(bins.window);
  out.u16(bins.readings);
  out.u8(count);
  out.at = writeElements(bins.masked, out.bytes, out.at);
  return out.finish();
}

/** Throws RecordError and nothing else, whatever the bytes. */
export function decodeMaskedBins(bytes: Uint8Array): MaskedBins {
  const reader = new ByteReader(bytes, (message) => new RecordError('short', message));
  const head = {
    stay: reader.u32('stay number'),
    counter: reader.u64('counter'),
    vital: reader.u8('vital'),
    window: reader.u32('window'),
    readings: reader.u16('readings'),
  };
  const count = reader.u8('bins');
  if (head.counter < 1) throw range('counter must be at least 1');
  if (head.window % WINDOW_SECONDS !== 0) {
    throw range(`a window begins at a multiple of ${WINDOW_SECONDS} s, got ${head.window}`);
  }
  if (head.readings < 1 || head.readings > WINDOW_SECONDS) {
    throw range(`a bins record counts 1 to ${WINDOW_SECONDS} readings, got ${head.readings}`);
  }
  if (count < 1 || count > BINS_MAX) throw range(`there are 1 to ${BINS_MAX} bins, got ${count}`);
  const masked = takeElements(reader.take('masked counts', 8 * count), count);
  reader.end();
  return { ...head, masked };
}

function takeElements(bytes: Uint8Array, count: number): FieldVector {
  try {
    return readElements(bytes, 0, count);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    throw new RecordError('element', error.message); // [SHARE-1] [S6]
  }
}

const range = (message: string): RecordError => new RecordError('range', message);

/**
 * One placed frame as the masked frame of the log: the last moment a reading is in the clear on its
 * way to the data servers (SHARING.md; PROTOCOL.md, section 2).
 *
 * One (stay, counter) masks one frame, ever [SHARE-7] [S1]: the caller counts in memory.
 */
import {
  columnHeader,
  encodeMaskedFrame,
  presentBoth,
  segmentHeader,
} from '@vitalshare/cloud-sink/messages';
import { type MaskKeys, type SharingConfig } from '@vitalshare/edge/sharing';
import { splitFrame } from '@vitalshare/edge/sharing/split';
import { LEADS, WAVEFORM_UNITS } from '@vitalshare/edge/vital';
import { hmacSha256 } from '../node-crypto.ts';
import type { Placed, PlacedColumn, PlacedSegment } from './place.ts';

export interface MaskTarget {
  readonly stay: string;
  /** What the log calls the stay. */
  readonly number: number;
  readonly counter: number;
  readonly tag: Uint8Array;
}

const LEAD_OFF = 1;
const SATURATED = 2;

/** A frame of which nothing is kept but its place in the node's sequence [PROTO-8]. */
export const NOTHING: Pick<Placed, 'columns' | 'segments'> = { columns: [], segments: [] };

export function maskFrame(
  keys: MaskKeys,
  target: MaskTarget,
  { columns, segments }: Pick<Placed, 'columns' | 'segments'>,
): Uint8Array {
  const columnHeads = columns.map(({ vital, start, rows, presence }) => ({
    vital: vital.code,
    start,
    rows,
    presence,
  }));
  const segmentHeads = segments.map(headOf);
  const pairs = productsOf(keys.config, columns);
  const plain = {
    columns: columnHeads.map((head, i) => ({
      header: columnHeader(head),
      values: columns[i]!.values,
    })),
    products: pairs.map(({ values }) => values),
    segments: segments.map((segment, i) => ({
      header: segmentHeader(segmentHeads[i]!),
      plaintext: plaintextOf(segment),
    })),
  };
  const masked = splitFrame(keys, target.stay, target.counter, plain, hmacSha256);
  return encodeMaskedFrame({
    stay: target.number,
    counter: target.counter,
    tag: target.tag,
    columns: columnHeads.map((head, i) => Object.assign(head, masked.columns[i]!)),
    products: pairs.map(({ a, b }, i) => ({ a, b, masked: masked.products[i]! })),
    segments: segmentHeads.map((head, i) => Object.assign(head, masked.segments[i]!)),
  });
}

/** [SHARE-10] Where shares of products cannot be opened, the products themselves, of one frame only
 *  [S18], exact below 2^53. */
export function productsOf(
  { servers, threshold }: SharingConfig,
  columns: readonly PlacedColumn[],
): { readonly a: number; readonly b: number; readonly values: number[] }[] {
  if (2 * threshold <= servers - 1) return [];
  const readings = columns.map(readingsOf);
  return columns.flatMap((columnA, a) =>
    columns.slice(a).map((columnB, i) => {
      const b = a + i;
      const values = presentBoth(columnA, columnB).map(
        (second) => readings[a]!.get(second)! * readings[b]!.get(second)!,
      );
      return { a, b, values };
    }),
  );
}

/** UTC second → fixed-point integer. */
export function readingsOf({ start, rows, presence, values }: PlacedColumn): Map<number, number> {
  const readings = new Map<number, number>();
  let next = 0;
  for (let row = 0; row < rows; row++) {
    if (((presence[row >> 3]! >> (row & 7)) & 1) === 1) readings.set(start + row, values[next++]!);
  }
  return readings;
}

const headOf = (segment: PlacedSegment) => ({
  channel: segment.waveform.code,
  lead: LEADS.indexOf(segment.lead),
  unit: WAVEFORM_UNITS.indexOf(segment.unit),
  startMicros: segment.startMicros,
  rateMilliHz: segment.rateMilliHz,
  gain: segment.gain,
  baseline: segment.baseline,
  count: segment.samples.length,
});

/** flags u8 ‖ quality u8 ‖ sample i16 × count [SHARE-11] */
function plaintextOf({ leadOff, saturated, quality, samples }: PlacedSegment): Uint8Array {
  const plaintext = new Uint8Array(2 + 2 * samples.length);
  plaintext[0] = (leadOff ? LEAD_OFF : 0) | (saturated ? SATURATED : 0);
  plaintext[1] = quality;
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i]!;
    plaintext[2 + 2 * i] = sample & 0xff;
    plaintext[3 + 2 * i] = (sample >> 8) & 0xff;
  }
  return plaintext;
}

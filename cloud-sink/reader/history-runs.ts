/**
 * From opened parts to what a chart or a table shows: readings by second, samples in runs.
 *
 *   cell      the first reading in log order counts, later ones are left out         [PROTO-9]
 *   samples   the same for each stretch of time: what an earlier record of the log covers is cut
 *             out of a later one, to half a sample; what is left is ordered by start, gaps stay gaps
 *
 * All of it is cut to `from ≤ time < to`, µs UTC.
 */
import { getBigInt, readElements, toSigned } from '@vitalshare/edge/field';
import type { WaveformShape } from '@vitalshare/edge/formats';
import { isPresent, type ColumnHeader } from '../messages/messages.ts';

export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface OpenedColumn {
  readonly header: ColumnHeader;
  readonly plaintext: Uint8Array;
}

export interface OpenedSegment {
  readonly shape: WaveformShape;
  readonly startMicros: number;
  readonly samples: Int16Array;
}

export interface Readings {
  /** UTC seconds, rising. */
  readonly seconds: Float64Array;
  /** Fixed-point. */
  readonly values: Float64Array;
}

const SECOND_MICROS = 1_000_000;

/** `columns` in log order. */
export function readingsOf(columns: readonly OpenedColumn[], range: Range): Readings {
  const cells = new Map<number, number>();
  for (const { header, plaintext } of columns) {
    const elements = readElements(plaintext, 0, plaintext.length / 8);
    let at = 0;
    for (let row = 0; row < header.rows; row++) {
      if (!isPresent(header.presence, row)) continue;
      const value = Number(toSigned(getBigInt(elements, at++)));
      const second = header.start + row;
      const micros = second * SECOND_MICROS;
      if (micros >= range.from && micros < range.to && !cells.has(second)) {
        cells.set(second, value);
      }
    }
  }
  const seconds = Float64Array.from(cells.keys()).sort();
  return { seconds, values: seconds.map((second) => cells.get(second)!) };
}

/** `segments` in log order. */
export function runsOf(segments: readonly OpenedSegment[], range: Range): OpenedSegment[] {
  const runs: OpenedSegment[] = [];
  // Disjoint and rising: what is covered so far.
  const covered: Range[] = [];
  for (const segment of segments) {
    const last = segment.samples.length - 1;
    const end = timeOf(segment, last) + 1;
    let next = covered.length;
    while (next > 0 && covered[next - 1]!.to > segment.startMicros) next--;
    let from = 0;
    let at = next;
    const kept: Range[] = [];
    for (; at < covered.length && covered[at]!.from < end; at++) {
      const until = indexAt(segment, covered[at]!.from);
      if (until > from) kept.push({ from, to: until });
      from = Math.max(from, indexAt(segment, covered[at]!.to));
    }
    if (from <= last) kept.push({ from, to: last + 1 });
    const half = 5e8 / segment.shape.sampleRateMilliHz;
    const spans = kept.map((piece) => ({
      from: timeOf(segment, piece.from) - half,
      to: timeOf(segment, piece.to - 1) + half,
    }));
    covered.splice(next, at - next, ...merged([...covered.slice(next, at), ...spans]));
    for (const piece of kept) {
      const run = cut(segment, piece, range);
      if (run !== undefined) runs.push(run);
    }
  }
  return runs.sort((a, b) => a.startMicros - b.startMicros);
}

/** µs UTC of sample `i`. */
export const timeOf = ({ startMicros, shape }: Omit<OpenedSegment, 'samples'>, i: number): number =>
  startMicros + Math.round((i * 1e9) / shape.sampleRateMilliHz);

/** The first sample at or after `micros`: 0 to the number of samples. */
function indexAt(segment: OpenedSegment, micros: number): number {
  const { samples, shape, startMicros } = segment;
  const guess = Math.floor(((micros - startMicros) * shape.sampleRateMilliHz) / 1e9);
  let index = Math.min(Math.max(guess, 0), samples.length);
  while (index > 0 && timeOf(segment, index - 1) >= micros) index--;
  while (index < samples.length && timeOf(segment, index) < micros) index++;
  return index;
}

function cut(segment: OpenedSegment, piece: Range, range: Range): OpenedSegment | undefined {
  const from = Math.max(piece.from, indexAt(segment, range.from));
  const to = Math.min(piece.to, indexAt(segment, range.to));
  if (from >= to) return undefined;
  return {
    shape: segment.shape,
    startMicros: timeOf(segment, from),
    samples: segment.samples.subarray(from, to),
  };
}

/** Sorted, and joined where they touch or overlap by the half sample. */
function merged(ranges: readonly Range[]): Range[] {
  const sorted = [...ranges].sort((a, b) => a.from - b.from);
  const out: Range[] = [];
  for (const range of sorted) {
    const last = out.at(-1);
    if (last !== undefined && range.from <= last.to) {
      out[out.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    } else out.push(range);
  }
  return out;
}

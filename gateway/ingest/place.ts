/**
 * A frame on the ward's time: device time becomes UTC, readings fall into one-second rows.
 *
 *   time = anchor·1000 + device time (µs)      row = ⌊time / 1 s⌋                         [WIRE-7]
 *
 * Readings outside the plausible range of their vital sign become absent here; the overflow bounds
 * of every statistic rest on that. Absent is absent, never zero.
 */
import type { Frame, NodeEvent, NumericColumn, WaveformSegment } from '@vitalshare/edge/wire';
import { inRange, type Vital } from '@vitalshare/edge/vital';

export interface PlacedColumn {
  readonly vital: Vital;
  readonly quality: number;
  /** UTC second of row 0. */
  readonly start: number;
  readonly rows: number;
  readonly presence: Uint8Array;
  /** Fixed-point integers of the rows present. */
  readonly values: Int32Array;
}

export interface PlacedSegment extends WaveformSegment {
  /** UTC, microseconds. */
  readonly startMicros: number;
}

export interface Placed {
  /** UTC at the node's time 0. */
  readonly anchorMs: number;
  /** Columns without a plausible reading are left out. */
  readonly columns: readonly PlacedColumn[];
  readonly segments: readonly PlacedSegment[];
  readonly events: readonly { readonly name: NodeEvent['name']; readonly atMs: number }[];
  /** The latest time the frame speaks of, ms UTC. */
  readonly latestMs: number;
  /** Whether some time lies where no log can name it: before 1970 or behind second 2^32. */
  readonly outOfTime: boolean;
  readonly outOfRange: number;
}

const SECOND_MAX = 2 ** 32;

export function placeFrame(frame: Frame, anchorMs: number): Placed {
  const startMs = (deviceUs: number): number => anchorMs + deviceUs / 1000;
  const anchorSecond = Math.floor(anchorMs / 1000);
  const segments = frame.segments.map((segment) => ({
    ...segment,
    startMicros: anchorMs * 1000 + segment.startUs,
  }));
  const events = frame.events.map(({ name, atUs }) => ({ name, atMs: startMs(atUs) }));
  const placed = frame.columns.map((column) => placeColumn(column, anchorSecond));
  const times = [
    startMs(frame.deviceTimeUs),
    ...placed.flatMap(({ start, rows }) => [1000 * start, 1000 * (start + rows - 1)]),
    ...segments.flatMap((segment) => [segment.startMicros / 1000, endMsOf(segment)]),
    ...events.map(({ atMs }) => atMs),
  ];
  const readings = frame.columns.reduce((sum, { values }) => sum + values.length, 0);
  const kept = placed.reduce((sum, { values }) => sum + values.length, 0);
  return {
    anchorMs,
    columns: placed.filter(({ values }) => values.length > 0),
    segments,
    events,
    latestMs: Math.max(...times),
    outOfTime: times.some((ms) => ms < 0 || ms >= 1000 * SECOND_MAX),
    outOfRange: readings - kept,
  };
}

/** When a segment's last sample was taken. */
export const endMsOf = (segment: PlacedSegment): number =>
  segment.startMicros / 1000 + ((segment.samples.length - 1) * 1_000_000) / segment.rateMilliHz;

function placeColumn(column: NumericColumn, anchorSecond: number): PlacedColumn {
  const { vital, quality, rowCount: rows, values } = column;
  const start = anchorSecond + column.startSecond;
  if (values.every((value) => inRange(vital, value))) {
    return { vital, quality, start, rows, presence: column.presence, values };
  }
  const presence = column.presence.slice();
  let next = 0;
  for (let row = 0; row < rows; row++) {
    const bit = 1 << (row & 7);
    if ((presence[row >> 3]! & bit) === 0) continue;
    if (!inRange(vital, values[next++]!)) presence[row >> 3]! &= ~bit;
  }
  return { vital, quality, start, rows, presence, values: values.filter((v) => inRange(vital, v)) };
}

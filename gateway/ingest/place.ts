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

/** No function is made in here: this runs for every frame, and a loader that names them takes as long. */
export function placeFrame(frame: Frame, anchorMs: number): Placed {
  const anchorSecond = Math.floor(anchorMs / 1000);
  let earliestMs = anchorMs + frame.deviceTimeUs / 1000;
  let latestMs = earliestMs;
  const segments: PlacedSegment[] = [];
  for (const segment of frame.segments) {
    const placed = placeSegment(segment, anchorMs);
    earliestMs = Math.min(earliestMs, placed.startMicros / 1000);
    latestMs = Math.max(latestMs, endMsOf(placed));
    segments.push(placed);
  }
  const events: { readonly name: NodeEvent['name']; readonly atMs: number }[] = [];
  for (const { name, atUs } of frame.events) {
    const atMs = anchorMs + atUs / 1000;
    earliestMs = Math.min(earliestMs, atMs);
    latestMs = Math.max(latestMs, atMs);
    events.push({ name, atMs });
  }
  const columns: PlacedColumn[] = [];
  let outOfRange = 0;
  for (const column of frame.columns) {
    const placed = placeColumn(column, anchorSecond);
    earliestMs = Math.min(earliestMs, 1000 * placed.start);
    latestMs = Math.max(latestMs, 1000 * (placed.start + placed.rows - 1));
    outOfRange += column.values.length - placed.values.length;
    if (placed.values.length > 0) columns.push(placed);
  }
  const outOfTime = earliestMs < 0 || latestMs >= 1000 * SECOND_MAX;
  return { anchorMs, columns, segments, events, latestMs, outOfTime, outOfRange };
}

/** Field by field: a spread costs several times as much. */
const placeSegment = (segment: WaveformSegment, anchorMs: number): PlacedSegment => ({
  waveform: segment.waveform,
  lead: segment.lead,
  unit: segment.unit,
  leadOff: segment.leadOff,
  saturated: segment.saturated,
  quality: segment.quality,
  startUs: segment.startUs,
  rateMilliHz: segment.rateMilliHz,
  gain: segment.gain,
  baseline: segment.baseline,
  samples: segment.samples,
  startMicros: anchorMs * 1000 + segment.startUs,
});

/** When a segment's last sample was taken. */
export const endMsOf = (segment: PlacedSegment): number =>
  segment.startMicros / 1000 + ((segment.samples.length - 1) * 1_000_000) / segment.rateMilliHz;

function areInRange(vital: Vital, values: Int32Array): boolean {
  for (const value of values) if (!inRange(vital, value)) return false;
  return true;
}

function placeColumn(column: NumericColumn, anchorSecond: number): PlacedColumn {
  const { vital, quality, rowCount: rows, values } = column;
  const start = anchorSecond + column.startSecond;
  if (areInRange(vital, values)) {
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

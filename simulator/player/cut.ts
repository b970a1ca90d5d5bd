/**
 * Cuts a recording into frames on its own timeline, always the same way: frame k covers
 * [k·span, (k+1)·span) of the recording, so a replay that was interrupted finds its place again.
 *
 * Device time 0 is the recording's first sample; a node's boot time is where that is put in UTC.
 */
import type { RecordedWaveform, Recording } from '@vitalshare/edge/formats';
import { findWaveform } from '@vitalshare/edge/vital';
import {
  QUALITY_UNKNOWN,
  numericColumn,
  type Frame,
  type NumericColumn,
  type Status,
  type WaveformSegment,
} from '@vitalshare/edge/wire';
import { FRAME_SPAN_MS_MAX, FRAME_SPAN_MS_MIN, STATUS_EVERY_MS } from '../limits.ts';

/** Spans that keep rows whole seconds apart: below a second a frame carries waveforms only, now and then a row. */
export interface Cut {
  readonly spanMs: number;
  readonly frameCount: number;
  readonly durationMs: number;
}

export function cutOf(recording: Recording, spanMs: number): Cut {
  if (!(spanMs >= FRAME_SPAN_MS_MIN && spanMs <= FRAME_SPAN_MS_MAX)) {
    throw new RangeError(
      `a frame spans ${FRAME_SPAN_MS_MIN} to ${FRAME_SPAN_MS_MAX} ms, got ${spanMs}`,
    );
  }
  const durationMs = durationOf(recording);
  return { spanMs, frameCount: Math.ceil(durationMs / spanMs), durationMs };
}

/**
 * Frame `index` of the recording, its device time at its end. Absent readings and samples stay absent.
 * `firmware` is said in the first frame and once a minute.
 */
export function frameOf(
  recording: Recording,
  cut: Cut,
  index: number,
  bootTimeMs: number,
  firmware?: string,
): Frame {
  const fromMs = index * cut.spanMs;
  const toMs = Math.min(fromMs + cut.spanMs, cut.durationMs);
  return {
    deviceTimeUs: Math.round(toMs * 1000),
    bootTimeMs,
    columns: columnsOf(recording, fromMs / 1000, toMs / 1000),
    segments: recording.waveforms.flatMap((wave) => segmentOf(wave, fromMs, toMs)),
    events: [],
    ...(firmware === undefined || !saysStatus(cut, index) ? {} : { status: statusOf(firmware) }),
  };
}

const saysStatus = ({ spanMs }: Cut, index: number): boolean =>
  index === 0 ||
  Math.floor((index * spanMs) / STATUS_EVERY_MS) !==
    Math.floor(((index - 1) * spanMs) / STATUS_EVERY_MS);

const statusOf = (firmware: string): Status => ({
  ...{ batteryPercent: null, linkDbm: null, bufferedFrames: 0, resetCause: 'unknown', firmware },
});

/** Numeric values that are present: a gap is no reading. */
export const readingCount = (recording: Recording): number =>
  recording.numerics.reduce((sum, numeric) => sum + numeric.values.length, 0);

export const sampleCount = (recording: Recording): number =>
  recording.waveforms.reduce((sum, wave) => sum + wave.samples.length, 0);

function durationOf(recording: Recording): number {
  const ends = [
    ...recording.waveforms.map((w) => (w.samples.length * 1e6) / w.sampleRateMilliHz),
    ...recording.numerics.map((n) => 1000 * (Math.floor(n.secondsFromStart.at(-1) ?? -1) + 1)),
  ];
  return Math.ceil(Math.max(0, ...ends));
}

/** Rows whose second begins in [from, to). */
function columnsOf(recording: Recording, fromS: number, toS: number): NumericColumn[] {
  const first = Math.ceil(fromS);
  const rows = Math.ceil(toS) - first;
  if (rows < 1) return [];
  return recording.numerics.flatMap(({ vital, secondsFromStart, values, bars }) => {
    const readings = new Array<number | null>(rows).fill(null);
    let quality = QUALITY_UNKNOWN;
    for (let i = lowerBound(secondsFromStart, first); i < values.length; i++) {
      const row = Math.floor(secondsFromStart[i]!) - first;
      if (row >= rows) break;
      readings[row] ??= values[i]!;
      // A column has one quality: the worst of its rows.
      if (bars !== undefined) quality = Math.min(quality, bars[i]!);
    }
    if (readings.every((reading) => reading === null)) return [];
    return [numericColumn(vital, first, readings, quality)];
  });
}

/** Samples whose time lies in [from, to). */
function segmentOf(wave: RecordedWaveform, fromMs: number, toMs: number): WaveformSegment[] {
  const rate = wave.sampleRateMilliHz;
  const first = Math.ceil((fromMs * rate) / 1e6);
  const end = Math.min(wave.samples.length, Math.ceil((toMs * rate) / 1e6));
  if (first >= end) return [];
  return [
    {
      waveform: findWaveform(wave.channel)!,
      lead: wave.lead,
      unit: wave.unit,
      leadOff: false,
      saturated: false,
      quality: QUALITY_UNKNOWN,
      startUs: Math.round((first * 1e9) / rate),
      rateMilliHz: rate,
      gain: wave.gain,
      baseline: wave.baseline,
      samples: wave.samples.subarray(first, end),
    },
  ];
}

/** The first index whose value is at least `least`. */
function lowerBound(sorted: Float64Array, least: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

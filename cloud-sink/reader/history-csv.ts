/**
 * A history as CSV, chunk after chunk, and what was written of it.
 *
 * One head, then rows by rising time; a unit that changes on the way is refused, for a column has one.
 */
import { UserError } from '@vitalshare/edge/command/node';
import { writeNumericCsv, writeWaveformCsv } from '@vitalshare/edge/formats';
import type { WaveformShape } from '@vitalshare/edge/formats';
import type { Vital, Waveform } from '@vitalshare/edge/vital';
import type { TextSink } from './csv-sink.ts';
import type { History, HistoryChunk } from './history.ts';
import { type OpenedSegment, timeOf } from './history-runs.ts';

/** What was written, for the summary. */
export interface Written {
  count: number;
  /** µs UTC: the first reading or sample, and just behind the last. */
  from: number;
  to: number;
  unit: string;
  /** Set while every run has the same. */
  shape: WaveformShape | undefined;
  readonly values: [time: string, value: number][];
}

export async function writeHistory(
  history: History,
  first: HistoryChunk,
  sink: TextSink,
  keepValues: boolean,
): Promise<Written> {
  const shape = first.kind === 'samples' ? first.runs[0]!.shape : undefined;
  const unit = 'scale' in history.channel ? history.channel.unit : shape!.unit;
  const summary: Written = { count: 0, from: Infinity, to: 0, unit, shape, values: [] };
  let headed = false;
  for (let next: HistoryChunk | undefined = first; next !== undefined;) {
    for (const lines of csvOf(history.channel, next, summary, keepValues)) {
      // Every stretch is a table of its own; only the first shows its head.
      let isHead = true;
      for (const text of lines) {
        if (!isHead || !headed) await sink.write(text);
        isHead = false;
        headed = true;
      }
    }
    const step = await history.chunks.next();
    next = step.done === true ? undefined : step.value;
  }
  return summary;
}

function* csvOf(
  channel: Vital | Waveform,
  chunk: HistoryChunk,
  summary: Written,
  keepValues: boolean,
): Generator<Iterable<string>> {
  if (chunk.kind === 'readings') {
    if (!('scale' in channel)) throw new TypeError('readings of a waveform');
    const values = chunk.values.map((fixed) => fixed / channel.scale);
    extend(summary, values.length, chunk.seconds[0]! * 1e6, (chunk.seconds.at(-1)! + 1) * 1e6);
    if (keepValues) {
      chunk.seconds.forEach((second, i) => summary.values.push([iso(second * 1e6), values[i]!]));
    }
    yield writeNumericCsv(channel, [{ startMs: 0, secondsFromStart: chunk.seconds, values }]);
    return;
  }
  for (const runs of alike(chunk.runs)) {
    const { shape, startMicros } = runs[0]!;
    if (shape.unit !== summary.unit) {
      throw new UserError(
        `The unit changes from ${summary.unit} to ${shape.unit} at ${iso(startMicros)}; ` +
          'open the two stretches one by one with --from and --to.',
      );
    }
    if (summary.shape !== undefined && !sameShape(summary.shape, shape)) summary.shape = undefined;
    for (const run of runs) {
      extend(summary, run.samples.length, run.startMicros, timeOf(run, run.samples.length));
    }
    yield writeWaveformCsv(
      shape,
      runs.map((run) => ({ startMs: run.startMicros / 1000, samples: run.samples })),
    );
  }
}

/** Neighbours that are read alike, together. */
function alike(runs: readonly OpenedSegment[]): OpenedSegment[][] {
  const groups: OpenedSegment[][] = [];
  for (const run of runs) {
    const group = groups.at(-1);
    const isAlike = group !== undefined && group[0]!.shape.unit === run.shape.unit;
    if (isAlike && sameShape(group[0]!.shape, run.shape)) group.push(run);
    else groups.push([run]);
  }
  return groups;
}

const sameShape = (a: WaveformShape, b: WaveformShape): boolean =>
  a.sampleRateMilliHz === b.sampleRateMilliHz && a.gain === b.gain && a.baseline === b.baseline;

function extend(summary: Written, count: number, from: number, to: number): void {
  summary.count += count;
  summary.from = Math.min(summary.from, from);
  summary.to = Math.max(summary.to, to);
}

/** Whole seconds where they are, else microseconds. */
export function iso(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  const text = new Date(seconds * 1000).toISOString().slice(0, -5);
  const rest = micros - seconds * 1e6;
  return rest === 0 ? `${text}Z` : `${text}.${String(Math.round(rest)).padStart(6, '0')}Z`;
}

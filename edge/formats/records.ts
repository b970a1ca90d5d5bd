/**
 * From channels with gaps to records of one grid each, which is what a WFDB file can be.
 *
 *   one rate      a record has one; channels of another rate have records of their own
 *   short gaps    become missing samples; so does a channel that is not there while another is
 *   long gaps     longer than `gapSecondsMax` in every channel: another record begins
 *   a change      of gain, baseline or unit of a channel: another record begins
 *
 * A run is placed on the nearest sample of the grid of the record's first; it moves by half a sample
 * at most, and by one where the sample before it would be lost.
 */
import { MISSING_SAMPLE } from '../vital/vital.ts';
import type { WaveformShape } from './recording.ts';

/** Samples without a gap, as they were stored. */
export interface ChannelRun {
  readonly shape: Omit<WaveformShape, 'unit' | 'lead'> & {
    readonly unit: string;
    readonly lead: string;
  };
  readonly startMicros: number;
  readonly samples: Int16Array;
}

export interface RecordChannel {
  readonly shape: ChannelRun['shape'];
  readonly samples: Int16Array;
}

export interface GriddedRecord {
  readonly rateMilliHz: number;
  readonly startMicros: number;
  readonly sampleCount: number;
  /** As they first appear; all of one length. */
  readonly channels: readonly RecordChannel[];
}

export interface GridLimits {
  readonly gapSecondsMax: number;
  /** Of all channels of a record together. */
  readonly samplesMax: number;
}

/**
 * Runs of all channels, in any order; those of one channel do not overlap. Throws RangeError at a
 * limit.
 */
export function* recordsOf(
  runs: readonly ChannelRun[],
  limits: GridLimits,
): Generator<GriddedRecord, void> {
  const sorted = [...runs].sort((a, b) => a.startMicros - b.startMicros);
  const rates = [...new Set(sorted.map(({ shape }) => shape.sampleRateMilliHz))];
  for (const rate of rates) {
    const same = sorted.filter(({ shape }) => shape.sampleRateMilliHz === rate);
    for (const part of parts(same, limits.gapSecondsMax * 1e6)) yield gridded(part, limits);
  }
}

/** Rising runs, cut where none covers a long time, or where a channel is read otherwise. */
function* parts(runs: readonly ChannelRun[], gapMicrosMax: number): Generator<ChannelRun[], void> {
  let part: ChannelRun[] = [];
  let end = -Infinity;
  const shapes = new Map<string, ChannelRun['shape']>();
  for (const run of runs) {
    const key = keyOf(run);
    const before = shapes.get(key);
    const changes = before !== undefined && !sameScale(before, run.shape);
    if (part.length > 0 && (run.startMicros - end > gapMicrosMax || changes)) {
      yield part;
      part = [];
      shapes.clear();
    }
    part.push(run);
    shapes.set(key, run.shape);
    end = Math.max(end, run.startMicros + (run.samples.length * 1e9) / run.shape.sampleRateMilliHz);
  }
  if (part.length > 0) yield part;
}

const keyOf = ({ shape }: ChannelRun): string => `${shape.channel}:${shape.lead}`;

const sameScale = (a: ChannelRun['shape'], b: ChannelRun['shape']): boolean =>
  a.gain === b.gain && a.baseline === b.baseline && a.unit === b.unit;

function gridded(runs: readonly ChannelRun[], { samplesMax }: GridLimits): GriddedRecord {
  const startMicros = runs[0]!.startMicros;
  const rateMilliHz = runs[0]!.shape.sampleRateMilliHz;
  const next = new Map<string, number>();
  const placed = runs.map((run) => {
    const nearest = Math.round(((run.startMicros - startMicros) * rateMilliHz) / 1e9);
    const at = Math.max(nearest, next.get(keyOf(run)) ?? 0);
    next.set(keyOf(run), at + run.samples.length);
    return { run, at };
  });
  const sampleCount = Math.max(...next.values());
  if (sampleCount * next.size > samplesMax) {
    throw new RangeError(
      `expected at most ${samplesMax} samples in a record, got ${next.size} channels of ${sampleCount}`,
    );
  }
  const channels = new Map<string, RecordChannel>();
  for (const { run, at } of placed) {
    let channel = channels.get(keyOf(run));
    if (channel === undefined) {
      const samples = new Int16Array(sampleCount).fill(MISSING_SAMPLE);
      channels.set(keyOf(run), (channel = { shape: run.shape, samples }));
    }
    channel.samples.set(run.samples, at);
  }
  return { rateMilliHz, startMicros, sampleCount, channels: [...channels.values()] };
}

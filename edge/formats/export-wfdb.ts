/**
 * What somebody opened of a stay, as WFDB records:
 *
 *   bed-1.hea, bed-1.dat        its waveforms; bed-1_1, bed-1_2, … where one record is not enough
 *   bed-1n.hea, bed-1n.dat      its numbers, one a second, as MIMIC calls them
 *
 * A header says in comments whose record it is and when it starts to the µs.
 */
import type { Vital } from '../vital/vital.ts';
import { nameOfChannel, nameOfUnit } from './names.ts';
import { quantise } from './quantise.ts';
import { recordsOf } from './records.ts';
import type { ChannelRun, GridLimits, GriddedRecord } from './records.ts';
import { ZEROS_ARE_READINGS } from './wfdb.ts';
import { writeWfdb } from './wfdb-write.ts';
import type { WfdbFiles } from './wfdb-write.ts';

/** Readings of one vital sign, in its unit. */
export interface OpenedReadings {
  readonly vital: Vital;
  /** UTC, rising. */
  readonly seconds: Float64Array;
  readonly values: Float64Array;
}

export interface ExportedRecord {
  readonly files: WfdbFiles;
  readonly record: GriddedRecord;
}

const DAY_SECONDS = 86_400;

/** One file pair after another. Throws RangeError where a record would be beyond `samplesMax`. */
export function* exportWfdb(
  stay: string,
  runs: readonly ChannelRun[],
  readings: readonly OpenedReadings[],
  limits: GridLimits,
): Generator<ExportedRecord, void> {
  // A dot would end a record's name for other readers.
  const name = stay.replace(/^[.-]+/, '_').replaceAll('.', '_');
  yield* named(name, stay, [...recordsOf(runs, limits)], []);
  const numbers = readings.flatMap(runsOfReadings);
  const gaps = { ...limits, gapSecondsMax: Math.max(limits.gapSecondsMax, DAY_SECONDS) };
  yield* named(`${name}n`, stay, [...recordsOf(numbers, gaps)], [ZEROS_ARE_READINGS]);
}

function* named(
  name: string,
  stay: string,
  records: readonly GriddedRecord[],
  comments: readonly string[],
): Generator<ExportedRecord, void> {
  for (const [index, record] of records.entries()) {
    const files = writeWfdb({
      name: records.length === 1 ? name : `${name}_${index + 1}`,
      rateMilliHz: record.rateMilliHz,
      startTime: new Date(Math.floor(record.startMicros / 1000)),
      signals: record.channels.map(({ shape, samples }) => ({
        description: nameOfChannel(shape.channel, shape.lead),
        unit: nameOfUnit(shape.unit),
        gain: shape.gain,
        baseline: shape.baseline,
        samples,
      })),
      comments: [`stay ${stay}`, `starts ${isoMicros(record.startMicros)}`, ...comments],
    });
    yield { files, record };
  }
}

/** A vital sign as a signal of 1 Hz: its seconds in a row, all on one scale. */
function runsOfReadings({ vital, seconds, values }: OpenedReadings): ChannelRun[] {
  if (values.length === 0) return [];
  const digits = { decimals: Math.log10(vital.scale), significant: 17 };
  const { gain, baseline, samples } = quantise(values, digits);
  const shape = {
    ...{ channel: vital.name, lead: '', unit: vital.unit, sampleRateMilliHz: 1000 },
    ...{ gain, baseline },
  };
  const runs: ChannelRun[] = [];
  for (let from = 0, to = 1; to <= seconds.length; to++) {
    if (to < seconds.length && seconds[to] === seconds[to - 1]! + 1) continue;
    runs.push({ shape, startMicros: seconds[from]! * 1e6, samples: samples.subarray(from, to) });
    from = to;
  }
  return runs;
}

function isoMicros(micros: number): string {
  const second = Math.floor(micros / 1e6);
  const rest = String(Math.round(micros - second * 1e6)).padStart(6, '0');
  return `${new Date(second * 1000).toISOString().slice(0, -5)}.${rest}Z`;
}

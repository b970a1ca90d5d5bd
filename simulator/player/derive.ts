/**
 * Numbers for a recording that has waveforms and none of its own: what a node at the bedside would
 * make of them, by the detectors that `vitalshare score` scores. A vital sign the recording has numbers
 * of stays the recording's own.
 *
 * The row of second s is what is known at second s. A number that cannot be trusted is absent.
 */
import type { RecordedNumeric, RecordedWaveform, Recording } from '@vitalshare/edge/formats';
import {
  BedNumbers,
  type BedRhythm,
  type Estimate,
  type SignalSegment,
} from '@vitalshare/edge/signals';
import { findVital } from '@vitalshare/edge/vital';
import type { ReadRecording } from './read-recording.ts';

export interface Numbers {
  /** By vital sign, an estimate a second. */
  readonly estimates: ReadonlyMap<string, readonly Estimate[]>;
  /** A second each, where there is an ECG. */
  readonly rhythm: readonly BedRhythm[];
}

export function numbersOf({ waveforms }: Recording): Numbers {
  const numbers = new Map<string, Estimate[]>();
  const rhythm: BedRhythm[] = [];
  const bed = new BedNumbers(waveforms, {
    onNumber: (vital, estimate) => {
      const own = numbers.get(vital);
      if (own === undefined) numbers.set(vital, [estimate]);
      else own.push(estimate);
    },
    onRhythm: (each) => rhythm.push(each),
  });
  const endS = Math.max(0, ...waveforms.map((wave) => Math.ceil(secondsOf(wave))));
  for (let second = 0; second < endS; second++) {
    for (const wave of waveforms) bed.push(wave, secondOf(wave, second));
  }
  bed.close();
  return { estimates: numbers, rhythm };
}

const secondsOf = ({ samples, sampleRateMilliHz }: RecordedWaveform): number =>
  (1000 * samples.length) / sampleRateMilliHz;

/** All channels pass second by second, as at a bed: they judge one another. */
function secondOf(wave: RecordedWaveform, second: number): SignalSegment {
  const { sampleRateMilliHz: rateMilliHz, gain, baseline } = wave;
  const indexAt = (atS: number): number => Math.round((atS * rateMilliHz) / 1000);
  const from = indexAt(second);
  const samples = wave.samples.subarray(from, indexAt(second + 1));
  return { startUs: (from * 1e9) / rateMilliHz, rateMilliHz, gain, baseline, samples };
}

/** The recording with the numbers of its waveforms beside its own; another recording for `digest`. */
export function withNumbers({ recording, digest }: ReadRecording): ReadRecording {
  const own = new Set(recording.numerics.map(({ vital }) => vital.name));
  const made = [...numbersOf(recording).estimates].flatMap(([name, estimates]) => {
    const numeric = own.has(name) ? undefined : numericOf(name, estimates);
    return numeric === undefined ? [] : [numeric];
  });
  if (made.length === 0) return { recording, digest };
  const told = made.map(({ vital, values }) => `${vital.name} in ${values.length} s`).join(', ');
  const numerics = [...recording.numerics, ...made];
  const notes = [
    ...recording.notes,
    `numbers made of the waveforms: ${told}; --raw leaves them out`,
  ];
  return { recording: { ...recording, numerics, notes }, digest: `${digest}.numbers` };
}

function numericOf(name: string, estimates: readonly Estimate[]): RecordedNumeric | undefined {
  const trusted = estimates.flatMap(({ atUs, value, bars }) =>
    value === null ? [] : [{ second: Math.round(atUs / 1e6), value, bars }],
  );
  if (trusted.length === 0) return undefined;
  return {
    vital: findVital(name)!,
    secondsFromStart: Float64Array.from(trusted, ({ second }) => second),
    values: Float64Array.from(trusted, ({ value }) => value),
    bars: Uint8Array.from(trusted, ({ bars }) => bars),
  };
}

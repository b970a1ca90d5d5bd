/**
 * Numbers for a recording that has waveforms and none of its own: what a node at the bedside would
 * make of them, by the detectors that `vitalshare score` scores. A vital sign the recording has numbers
 * of stays the recording's own.
 *
 * The row of second s is what is known at second s. A number that cannot be trusted is absent.
 *
 *   samples  ▮▮▮▮▮▮▮··▮▮▮▮▮···················▮▮▮▮▮      · missing
 *   fed      └────────────┘                  └────┘      a long gap ends what a detector knows, here as live
 */
import type { RecordedNumeric, RecordedWaveform, Recording } from '@vitalshare/edge/formats';
import {
  BedNumbers,
  SPO2_CURVE_DEFAULT,
  GAP_BRIDGED_MS_MAX,
  type BedListener,
  type BedRhythm,
  type Estimate,
  type SignalSegment,
  type Spo2Curve,
} from '@vitalshare/edge/signals';
import { MISSING_SAMPLE, findVital } from '@vitalshare/edge/vital';
import type { ReadRecording } from './read-recording.ts';

export interface Numbers {
  /** By vital sign, an estimate a second. */
  readonly estimates: ReadonlyMap<string, readonly Estimate[]>;
  /** A second each, where there is an ECG. */
  readonly rhythm: readonly BedRhythm[];
}

/** `curve`: of the sensor that red and infrared come from. */
export function numbersOf(
  { waveforms }: Pick<Recording, 'waveforms'>,
  curve: Spo2Curve = SPO2_CURVE_DEFAULT,
): Numbers {
  const numbers = new Map<string, Estimate[]>();
  const rhythm: BedRhythm[] = [];
  const listener: BedListener = {
    onNumber: (vital, estimate) => {
      const own = numbers.get(vital);
      if (own === undefined) numbers.set(vital, [estimate]);
      else own.push(estimate);
    },
    onRhythm: (each) => rhythm.push(each),
  };
  const bed = new BedNumbers(waveforms, listener, curve);
  const channels = waveforms.map((wave) => ({ wave, present: stretches(wave) }));
  const endS = Math.max(0, ...waveforms.map((wave) => Math.ceil(secondsOf(wave))));
  // All channels pass second by second, as at a bed: they judge one another.
  for (let second = 0; second < endS; second++) {
    for (const { wave, present } of channels) {
      const segment = secondOf(wave, present, second);
      if (segment !== undefined) bed.push(wave, segment);
    }
  }
  bed.close();
  return { estimates: numbers, rhythm };
}

/**
 * Sample numbers [from, to) between missing stretches longer than a stream bridges, each from a whole
 * second on, so that rows stay on theirs. A table of two rows a day apart has 86 M missing samples at 1 kHz.
 */
export function stretches({ samples, sampleRateMilliHz }: RecordedWaveform): [number, number][] {
  const gapMax = (GAP_BRIDGED_MS_MAX * sampleRateMilliHz) / 1e6;
  const found: [from: number, to: number][] = [];
  for (let at = 0; at < samples.length; at++) {
    if (samples[at] === MISSING_SAMPLE) continue;
    const last = found.at(-1);
    const second = Math.floor((at * 1000) / sampleRateMilliHz);
    const from = Math.ceil((second * sampleRateMilliHz) / 1000);
    if (last === undefined || from - last[1] > gapMax) found.push([from, at + 1]);
    else last[1] = at + 1;
  }
  return found;
}

const secondsOf = ({ samples, sampleRateMilliHz }: RecordedWaveform): number =>
  (1000 * samples.length) / sampleRateMilliHz;

/** What of a second is present; stretches that are over are taken off the list. */
function secondOf(
  wave: RecordedWaveform,
  present: [number, number][],
  second: number,
): SignalSegment | undefined {
  const { sampleRateMilliHz: rateMilliHz, gain, baseline } = wave;
  const indexAt = (atS: number): number => Math.round((atS * rateMilliHz) / 1000);
  const [from, end] = [indexAt(second), indexAt(second + 1)];
  while (present.length > 0 && present[0]![1] <= from) present.shift();
  const [first, last] = present[0] ?? [Infinity, Infinity];
  const [begin, to] = [Math.max(from, first), Math.min(end, last)];
  if (begin >= to) return undefined;
  const samples = wave.samples.subarray(begin, to);
  return { startUs: (begin * 1e9) / rateMilliHz, rateMilliHz, gain, baseline, samples };
}

/** The recording with the numbers of its waveforms beside its own; another recording for `digest`. */
export function withNumbers(
  { recording, digest }: ReadRecording,
  curve: Spo2Curve = SPO2_CURVE_DEFAULT,
): ReadRecording {
  const own = new Set(recording.numerics.map(({ vital }) => vital.name));
  const made = [...numbersOf(recording, curve).estimates].flatMap(([name, estimates]) => {
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
  const given = { recording: { ...recording, numerics, notes }, digest: `${digest}.numbers` };
  if (!made.some(({ vital }) => vital.name === 'spo2')) return given;
  notes.push(
    `SpO₂ is by the curve ${curve.name} (${curve.source}), which no sensor here was calibrated by`,
  );
  return { ...given, digest: `${given.digest}.${curve.name}`, spo2Curve: curve.name };
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

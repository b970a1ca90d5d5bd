/**
 * From the signals of a file to the vocabulary: which is a waveform, which a number a second.
 *
 *   above 2 Hz   a waveform      by its description: a lead, PLETH, RESP
 *   up to 1 Hz   a numeric       by its description: HR, PULSE, RESP, SpO2, NBPSys, NBPDias
 *
 * Whatever fits neither is listed in `ignored`, and so is a second signal for one channel and lead.
 * In numerics, a missing sample is no reading, and so is 0 in HR, PULSE, RESP and SpO2: MIMIC II
 * monitors write 0 where they have no number. How many zeros were left out is noted, since a true 0
 * (asystole, apnoea) cannot be told from them; a record written here says that its zeros are true.
 */
import { MISSING_SAMPLE } from '../vital/vital.ts';
import type { Vital } from '../vital/vital.ts';
import type { ColumnTarget } from './columns.ts';
import { FormatError } from './error.ts';
import { channelOfName, unitOfName, vitalOfName } from './names.ts';
import type { RecordedNumeric, RecordedWaveform, Recording } from './recording.ts';

/** One signal as its file has it; physical value = (sample − baseline) / gain in `unit`. */
export interface FileSignal {
  readonly description: string;
  /** As the file spells it; undefined where it states none. */
  readonly unit: string | undefined;
  /** What somebody said the signal is; else its description does. */
  readonly target?: ColumnTarget | undefined;
  readonly rateHz: number;
  readonly gain: number;
  readonly baseline: number;
  /** Missing ones are MISSING_SAMPLE. */
  readonly samples: Int16Array;
}

const NUMERIC_RATE_HZ_MAX = 1;
const WAVEFORM_RATE_HZ_ABOVE = 2;
/** What a waveform segment can state [WIRE-9]. */
const WAVEFORM_RATE_HZ_MAX = 100_000;

const ZERO_IS_MISSING = new Set(['heart-rate', 'pulse-rate', 'respiratory-rate', 'spo2']);

const EMPTY_WAVEFORM = 'not one sample in it';
const EMPTY_NUMERIC = 'not one reading in it';

interface Draft {
  readonly waveforms: RecordedWaveform[];
  readonly numerics: RecordedNumeric[];
  readonly ignored: { name: string; reason: string }[];
  readonly notes: string[];
}

/** Throws FormatError `no-readings` where there is nothing but missing samples. */
export function assembleRecording(
  name: string,
  startTime: Date | undefined,
  signals: readonly FileSignal[],
  zeroIsReading = false,
): Recording {
  const draft: Draft = { waveforms: [], numerics: [], ignored: [], notes: [] };
  for (const signal of signals) {
    const reason = place(signal, draft, zeroIsReading);
    if (reason !== undefined) draft.ignored.push({ name: signal.description, reason });
  }
  const isEmpty = draft.waveforms.length + draft.numerics.length === 0;
  const gaps = [EMPTY_WAVEFORM, EMPTY_NUMERIC];
  if (isEmpty && draft.ignored.some(({ reason }) => gaps.includes(reason))) {
    throw new FormatError('no-readings', name, 'expected samples, got missing ones alone');
  }
  return { name, ...(startTime === undefined ? {} : { startTime }), ...draft };
}

/** Returns why the signal was not taken. */
function place(signal: FileSignal, draft: Draft, zeroIsReading: boolean): string | undefined {
  const { rateHz, description, target } = signal;
  if (rateHz > WAVEFORM_RATE_HZ_ABOVE) return placeWaveform(signal, draft);
  const vital = target?.kind === 'vital' ? target.vital : vitalOfName(description);
  if (target?.kind === 'waveform' || vital === undefined) {
    return `no vital sign of this name at ${rateHz} Hz`;
  }
  if (rateHz > NUMERIC_RATE_HZ_MAX) {
    return `${rateHz} Hz is too fast for a numeric and too slow for a waveform`;
  }
  if (draft.numerics.some((numeric) => numeric.vital === vital)) {
    return `${vital.name} is already read from another signal`;
  }
  const numeric = numericOf(vital, signal, zeroIsReading, draft.notes);
  if (numeric.values.length === 0) return EMPTY_NUMERIC;
  draft.numerics.push(numeric);
  return undefined;
}

function placeWaveform(signal: FileSignal, draft: Draft): string | undefined {
  const { description, gain, baseline, rateHz, samples, target } = signal;
  const found =
    target?.kind === 'waveform' ? { ...target, leadKnown: true } : channelOfName(description);
  if (target?.kind === 'vital') return `${target.vital.name} takes one reading a second`;
  if (found === undefined) return `no waveform of this name at ${rateHz} Hz`;
  if (rateHz > WAVEFORM_RATE_HZ_MAX) return `faster than ${WAVEFORM_RATE_HZ_MAX} Hz`;
  if (samples.every((sample) => sample === MISSING_SAMPLE)) return EMPTY_WAVEFORM;
  const { channel, lead, leadKnown } = found;
  if (draft.waveforms.some((other) => other.channel === channel && other.lead === lead)) {
    const what = leadKnown ? `${channel}${lead === '' ? '' : `:${lead}`}` : 'an unknown ECG lead';
    return `${what} is already read from another signal`;
  }
  const unit = unitOfName(signal.unit ?? '1');
  const sampleRateMilliHz = Math.round(rateHz * 1000);
  if (!leadKnown) draft.notes.push(`${description}: an ECG whose lead is not known here`);
  if (signal.unit === undefined) draft.notes.push(`${description}: no unit is stated; taken as 1`);
  else if (unit === undefined) draft.notes.push(`${description}: its unit is not known here`);
  if (Math.abs(sampleRateMilliHz - rateHz * 1000) > 1e-6) {
    draft.notes.push(`${description}: ${rateHz} Hz is rounded to whole mHz`);
  }
  const shape = { channel, lead, unit: unit ?? '1', sampleRateMilliHz, gain, baseline };
  draft.waveforms.push({ ...shape, samples });
  return undefined;
}

function numericOf(
  vital: Vital,
  { description, rateHz, gain, baseline, samples }: FileSignal,
  zeroIsReading: boolean,
  notes: string[],
): RecordedNumeric {
  const zeroIsMissing = !zeroIsReading && ZERO_IS_MISSING.has(vital.name);
  const seconds = new Float64Array(samples.length);
  const values = new Float64Array(samples.length);
  let count = 0;
  let zeroCount = 0;
  samples.forEach((sample, index) => {
    const value = (sample - baseline) / gain;
    const zero = value === 0 && zeroIsMissing;
    if (zero) zeroCount++;
    if (sample === MISSING_SAMPLE || zero) return;
    // A rate printed as 0.0166666666667 means once a minute: whole microseconds bring that back.
    seconds[count] = Math.round((index / rateHz) * 1e6) / 1e6;
    values[count++] = value;
  });
  if (zeroCount > 0) {
    notes.push(`${description}: ${zeroCount} samples of 0 taken as no reading`);
  }
  return { vital, secondsFromStart: seconds.slice(0, count), values: values.slice(0, count) };
}

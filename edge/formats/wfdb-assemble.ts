/**
 * From checked WFDB samples to the vocabulary: which signal is a waveform, which a number a second.
 *
 *   above 2 Hz   a waveform      by its description: a lead, PLETH, RESP
 *   up to 1 Hz   a numeric       by its description: HR, PULSE, RESP, SpO2, NBPSys, NBPDias
 *
 * Whatever fits neither is listed in `ignored`. In numerics, a missing sample is no reading, and so
 * is 0 in HR, PULSE, RESP and SpO2: MIMIC II monitors write 0 where they have no number. How many
 * zeros were left out is noted, since a true 0 (asystole, apnoea) cannot be told from them.
 */
import { MISSING_SAMPLE } from '../vital/vital.ts';
import type { Vital } from '../vital/vital.ts';
import { channelOfName, unitOfName, vitalOfName } from './names.ts';
import type { RecordedNumeric, RecordedWaveform, Recording } from './recording.ts';
import type { WfdbHeader, WfdbSignal } from './wfdb-header.ts';

const NUMERIC_RATE_HZ_MAX = 1;
const WAVEFORM_RATE_HZ_ABOVE = 2;

const ZERO_IS_MISSING = new Set(['heart-rate', 'pulse-rate', 'respiratory-rate', 'spo2']);

interface Draft {
  readonly waveforms: RecordedWaveform[];
  readonly numerics: RecordedNumeric[];
  readonly ignored: { name: string; reason: string }[];
  readonly notes: string[];
}

export function assembleRecording(header: WfdbHeader, samples: readonly Int16Array[]): Recording {
  const draft: Draft = { waveforms: [], numerics: [], ignored: [], notes: [] };
  header.signals.forEach((signal, index) => {
    const reason = place(header, signal, samples[index]!, draft);
    if (reason !== undefined) draft.ignored.push({ name: signal.description, reason });
  });
  const { name, startTime } = header;
  return { name, ...(startTime === undefined ? {} : { startTime }), ...draft };
}

/** Returns why the signal was not taken. */
function place(
  header: WfdbHeader,
  signal: WfdbSignal,
  samples: Int16Array,
  draft: Draft,
): string | undefined {
  const rateHz = header.sampleRateHz;
  if (rateHz > WAVEFORM_RATE_HZ_ABOVE) return placeWaveform(signal, samples, rateHz, draft);
  const vital = vitalOfName(signal.description);
  if (vital === undefined) return `no vital sign of this name at ${rateHz} Hz`;
  if (rateHz > NUMERIC_RATE_HZ_MAX) {
    return `${rateHz} Hz is too fast for a numeric and too slow for a waveform`;
  }
  if (draft.numerics.some((numeric) => numeric.vital === vital)) {
    return `${vital.name} is already read from another signal`;
  }
  const numeric = numericOf(vital, signal, samples, rateHz, draft.notes);
  if (numeric.values.length === 0) return 'not one reading in it';
  draft.numerics.push(numeric);
  return undefined;
}

function placeWaveform(
  signal: WfdbSignal,
  samples: Int16Array,
  rateHz: number,
  draft: Draft,
): string | undefined {
  const { description, gain, baseline } = signal;
  const found = channelOfName(description);
  if (found === undefined) return `no waveform of this name at ${rateHz} Hz`;
  const unit = unitOfName(signal.unit);
  const sampleRateMilliHz = Math.round(rateHz * 1000);
  if (!found.leadKnown) draft.notes.push(`${description}: an ECG whose lead is not known here`);
  if (unit === undefined) draft.notes.push(`${description}: its unit is not known here`);
  if (Math.abs(sampleRateMilliHz - rateHz * 1000) > 1e-6) {
    draft.notes.push(`${description}: ${rateHz} Hz is rounded to whole mHz`);
  }
  const { channel, lead } = found;
  draft.waveforms.push({
    channel,
    lead,
    unit: unit ?? '1',
    sampleRateMilliHz,
    gain,
    baseline,
    samples,
  });
  return undefined;
}

function numericOf(
  vital: Vital,
  signal: WfdbSignal,
  samples: Int16Array,
  rateHz: number,
  notes: string[],
): RecordedNumeric {
  const zeroIsMissing = ZERO_IS_MISSING.has(vital.name);
  const seconds = new Float64Array(samples.length);
  const values = new Float64Array(samples.length);
  let count = 0;
  let zeroCount = 0;
  samples.forEach((sample, index) => {
    const value = (sample - signal.baseline) / signal.gain;
    const zero = value === 0 && zeroIsMissing;
    if (zero) zeroCount++;
    if (sample === MISSING_SAMPLE || zero) return;
    // A rate printed as 0.0166666666667 means once a minute: whole microseconds bring that back.
    seconds[count] = Math.round((index / rateHz) * 1e6) / 1e6;
    values[count++] = value;
  });
  if (zeroCount > 0) {
    notes.push(`${signal.description}: ${zeroCount} samples of 0 taken as no reading`);
  }
  return { vital, secondsFromStart: seconds.slice(0, count), values: values.slice(0, count) };
}

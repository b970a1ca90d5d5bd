/**
 * CSV out, streamed in chunks of text, for waveforms and for numbers:
 *
 *   time,ecg MLII [mV]                          time,heart-rate [/min]
 *   2026-01-02T03:04:05.000000Z,-0.145          2026-01-02T03:04:05Z,72.3
 *   2026-01-02T03:04:05.002778Z,                2026-01-02T03:04:06Z,
 *
 * RFC 4180 with LF. Times are ISO 8601 in UTC, to the microsecond for waveforms and to the second
 * for numbers. Values are the shortest decimals that read back as the same double, never with an
 * exponent; an empty field is a missing sample or reading. Nothing here ever needs quoting.
 */
import { MISSING_SAMPLE } from '../vital/vital.ts';
import type { Vital } from '../vital/vital.ts';
import type { WaveformShape } from './recording.ts';

/** Samples in a row without a gap. */
export interface WaveformRun {
  /** Unix time of the first sample; fractions down to the microsecond count. */
  readonly startMs: number;
  readonly samples: Int16Array;
}

/** Readings at seconds counted from a start; NaN is written as a gap. */
export interface NumericRun {
  readonly startMs: number;
  readonly secondsFromStart: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** Rows in one chunk: some 150 KiB of text. */
const CHUNK_ROWS = 4096;

export function* writeWaveformCsv(
  shape: WaveformShape,
  runs: Iterable<WaveformRun>,
): Generator<string, void> {
  const { channel, lead, unit, sampleRateMilliHz, gain, baseline } = shape;
  if (!Number.isSafeInteger(sampleRateMilliHz) || sampleRateMilliHz <= 0) {
    throw new RangeError(
      `sampleRateMilliHz: expected an integer above 0, got ${sampleRateMilliHz}`,
    );
  }
  if (!Number.isFinite(gain) || gain === 0) {
    throw new RangeError(`gain: expected a finite number other than 0, got ${gain}`);
  }
  yield `time,${channel}${lead === '' ? '' : ` ${lead}`} [${unit}]\n`;
  // A waveform has few distinct values: each is divided and printed once.
  const printed: (string | undefined)[] = new Array<string | undefined>(65536);
  const print = (sample: number): string =>
    (printed[sample + 32768] ??= plainDecimal((sample - baseline) / gain));
  printed[MISSING_SAMPLE + 32768] = '';
  const time = microsecondClock();
  for (const { startMs, samples } of runs) {
    const startMicros = Math.round(startMs * 1000);
    for (let from = 0; from < samples.length; from += CHUNK_ROWS) {
      const until = Math.min(from + CHUNK_ROWS, samples.length);
      let chunk = '';
      for (let i = from; i < until; i++) {
        const micros = startMicros + Math.round((i * 1e9) / sampleRateMilliHz);
        chunk += `${time(micros)},${print(samples[i]!)}\n`;
      }
      yield chunk;
    }
  }
}

export function* writeNumericCsv(
  vital: Vital,
  runs: Iterable<NumericRun>,
): Generator<string, void> {
  yield `time,${vital.name} [${vital.unit}]\n`;
  for (const { startMs, secondsFromStart, values } of runs) {
    for (let from = 0; from < values.length; from += CHUNK_ROWS) {
      const until = Math.min(from + CHUNK_ROWS, values.length);
      let chunk = '';
      for (let i = from; i < until; i++) {
        const second = Math.floor(startMs / 1000 + secondsFromStart[i]!);
        const value = values[i]!;
        chunk += `${isoSecond(second)}Z,${Number.isNaN(value) ? '' : plainDecimal(value)}\n`;
      }
      yield chunk;
    }
  }
}

const isoSecond = (second: number): string => new Date(second * 1000).toISOString().slice(0, -5);

/** Prints Unix microseconds; remembers the second, since a waveform stays in one for a while. */
function microsecondClock(): (micros: number) => string {
  let second = NaN;
  let text = '';
  return (micros) => {
    const now = Math.floor(micros / 1e6);
    if (now !== second) {
      second = now;
      text = isoSecond(now);
    }
    return `${text}.${String(micros - now * 1e6).padStart(6, '0')}Z`;
  };
}

/** The shortest decimal of a finite double, written out where JavaScript would print 1e-7. */
export function plainDecimal(value: number): string {
  const text = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const digits = match[2]! + (match[3] ?? '');
  const exponent = Number(match[4]);
  const sign = match[1]!;
  return exponent < 0
    ? `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
    : `${sign}${digits.padEnd(exponent + 1, '0')}`;
}

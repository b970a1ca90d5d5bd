/**
 * The WFDB header, the text file `NAME.hea` that says how to read a record's samples.
 *
 *   100 2 360 650000 [time date]                          name signals rateHz samples
 *   100.dat 212 200 11 1024 995 -22131 0 MLII             one line per signal:
 *   file format[+byteOffset] gain[(baseline)][/units] adcRes adcZero initial checksum block text
 *
 * `#` opens a comment. Fields may be left out from the right. Source: PhysioNet, WFDB Applications
 * Guide, header(5). Read here: formats 212, 16 and 80, one sample per frame, no skew, one segment.
 * A file name is one plain name: nothing in a header can point outside the folder of its record.
 */
import {
  RECORDING_SECONDS_MAX,
  WFDB_HEADER_CHARS_MAX,
  WFDB_SAMPLES_MAX,
  WFDB_SIGNALS_MAX,
} from '../limits.ts';
import { FormatError, quoted } from './error.ts';
import { numberOf } from './table.ts';

export type WfdbFormat = 16 | 80 | 212;

export interface WfdbSignal {
  readonly file: string;
  readonly format: WfdbFormat;
  readonly byteOffset: number;
  readonly gain: number;
  readonly baseline: number;
  readonly unit: string;
  /** Undefined where the header leaves them out: then there is nothing to check. */
  readonly initialValue: number | undefined;
  readonly checksum: number | undefined;
  readonly description: string;
}

export interface WfdbHeader {
  readonly name: string;
  readonly sampleRateHz: number;
  /** Per signal; undefined where the header leaves it out: then the file's length says it. */
  readonly sampleCount: number | undefined;
  readonly startTime: Date | undefined;
  readonly signals: readonly WfdbSignal[];
  readonly comments: readonly string[];
}

const SAMPLE_RATE_HZ_DEFAULT = 250;
const GAIN_DEFAULT = 200;
/** What a waveform segment can state [WIRE-9]; so is the baseline's 32 bits. */
const SAMPLE_RATE_HZ_MAX = 100_000;
const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

export const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

export function parseWfdbHeader(text: string): WfdbHeader {
  if (text.length > WFDB_HEADER_CHARS_MAX) {
    throw new FormatError(
      'too-large',
      'WFDB header',
      `expected at most ${WFDB_HEADER_CHARS_MAX} characters, got ${text.length}`,
    );
  }
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  const comments = lines.filter((line) => line.startsWith('#')).map((line) => line.slice(1).trim());
  const [first, ...rest] = lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (first === undefined) {
    throw new FormatError('empty', 'WFDB header', 'expected a record line, got none');
  }
  const record = parseRecordLine(first);
  if (rest.length !== record.signalCount) {
    throw bad(record.name, `expected ${record.signalCount} signal lines, got ${rest.length}`);
  }
  const signals = rest.map((line, index) => parseSignalLine(line, record.name, index));
  const { name, sampleRateHz, sampleCount, startTime } = record;
  return { name, sampleRateHz, sampleCount, startTime, signals, comments };
}

function parseRecordLine(line: string) {
  const [nameField = '', signals, rate, count, time, date, ...more] = line.trim().split(/\s+/);
  const [name = '', segments] = nameField.split('/');
  if (!PLAIN_NAME.test(name)) {
    throw bad('WFDB header', `expected a plain record name, got ${quoted(nameField)}`);
  }
  if (segments !== undefined) {
    throw new FormatError('unsupported-format', file(name), 'expected one segment, got several');
  }
  if (more.length > 0) throw bad(name, 'expected at most six fields in the record line, got more');
  const signalCount = integer(name, 'number of signals', signals ?? '', 0, Infinity);
  if (signalCount === 0) throw new FormatError('empty', file(name), 'expected signals, got none');
  limit(name, 'signals', signalCount, WFDB_SIGNALS_MAX);
  // `rate/counter(base)`: the counter is a tape position and of no use here.
  const rateHz =
    rate === undefined ? SAMPLE_RATE_HZ_DEFAULT : real(name, 'sampling rate', rate.split('/')[0]!);
  if (rateHz <= 0 || rateHz > SAMPLE_RATE_HZ_MAX) {
    throw bad(name, `expected a sampling rate in (0, ${SAMPLE_RATE_HZ_MAX}] Hz, got ${rateHz}`);
  }
  const samples = count === undefined ? 0 : integer(name, 'number of samples', count, 0, Infinity);
  limit(name, 'samples per signal', samples, WFDB_SAMPLES_MAX);
  limit(name, 'seconds', samples / rateHz, RECORDING_SECONDS_MAX);
  return {
    name,
    signalCount,
    sampleRateHz: rateHz,
    sampleCount: samples === 0 ? undefined : samples,
    startTime: startTimeOf(name, time, date),
  };
}

/** `10:44:18.529 04/05/2704`, day first. A time without a date fixes no moment. */
function startTimeOf(name: string, time?: string, date?: string): Date | undefined {
  if (time === undefined) return undefined;
  const clock = /^(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?$/.exec(time);
  if (clock === null) throw bad(name, `expected a time H:MM:SS, got ${quoted(time)}`);
  if (date === undefined) return undefined;
  const day = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(date);
  if (day === null) throw bad(name, `expected a date DD/MM/YYYY, got ${quoted(date)}`);
  const pad = (part: string | undefined): string => (part ?? '').padStart(2, '0');
  const millis = (clock[4] ?? '').slice(0, 3).padEnd(3, '0');
  const days = `${day[3] ?? ''}-${pad(day[2])}-${pad(day[1])}`;
  const iso = `${days}T${pad(clock[1])}:${pad(clock[2])}:${pad(clock[3])}.${millis}Z`;
  const start = new Date(iso);
  // A calendar that rolls 31 April over to 1 May would move every reading by a day.
  if (Number.isNaN(start.getTime()) || start.toISOString() !== iso) {
    throw bad(name, `expected a date and time that exist, got ${quoted(`${time} ${date}`)}`);
  }
  return start;
}

function parseSignalLine(line: string, name: string, index: number): WfdbSignal {
  const fields = line.trim().split(/\s+/);
  const [fileName = '', format = '', gainField = '', , adcZero, initial, checksum] = fields;
  const who = `signal ${index + 1}`;
  if (!PLAIN_NAME.test(fileName)) {
    throw bad(name, `${who}: expected a plain file name, got ${quoted(fileName)}`);
  }
  const gain = parseGain(name, who, gainField);
  const int = (what: string, text: string | undefined, low: number, high: number) =>
    text === undefined ? undefined : integer(name, `${who}: ${what}`, text, low, high);
  int('ADC resolution', fields[3], 0, 32);
  int('block size', fields[7], 0, INT32_MAX);
  const zero = int('ADC zero', adcZero, INT32_MIN, INT32_MAX) ?? 0;
  return {
    file: fileName,
    ...parseFormat(name, who, format),
    gain: gain.gain,
    baseline: gain.baseline ?? zero,
    unit: gain.unit,
    initialValue: int('initial value', initial, INT32_MIN, INT32_MAX),
    checksum: int('checksum', checksum, -32768, 65535),
    description: fields.slice(8).join(' ') || `${name}, ${who}`,
  };
}

/** `212`, `16+24`; `16x4` (several samples per frame) and `16:5` (skew) are refused by name. */
function parseFormat(
  name: string,
  who: string,
  field: string,
): { format: WfdbFormat; byteOffset: number } {
  const match = /^(\d{1,4})(x\d{1,9})?(:\d{1,9})?(?:\+(\d{1,9}))?$/.exec(field);
  if (match === null) throw bad(name, `${who}: expected a storage format, got ${quoted(field)}`);
  const format = Number(match[1]);
  const plain = (match[2] ?? 'x1') === 'x1' && Number((match[3] ?? ':0').slice(1)) === 0;
  if ((format !== 16 && format !== 80 && format !== 212) || !plain) {
    throw new FormatError(
      'unsupported-format',
      file(name),
      `${who}: expected format 16, 80 or 212, one sample per frame, no skew, got ${quoted(field)}`,
    );
  }
  return { format, byteOffset: Number(match[4] ?? 0) };
}

/** `200`, `200(1024)`, `2281/mV`, `10(0)/bpm`. A gain of 0 means "not calibrated": the default. */
function parseGain(name: string, who: string, field: string) {
  if (field === '') return { gain: GAIN_DEFAULT, baseline: undefined, unit: 'mV' };
  const match = /^([^()/]+)(?:\((-?\d{1,15})\))?(?:\/(\S{1,40}))?$/.exec(field);
  if (match === null) throw bad(name, `${who}: expected gain(baseline)/unit, got ${quoted(field)}`);
  const gain = real(name, `${who}: gain`, match[1]!);
  if (gain !== 0 && (Math.abs(gain) < 1e-9 || Math.abs(gain) > 1e12)) {
    throw bad(name, `${who}: expected a gain of magnitude in [1e-9, 1e12], got ${gain}`);
  }
  return {
    gain: gain === 0 ? GAIN_DEFAULT : gain,
    baseline:
      match[2] === undefined
        ? undefined
        : integer(name, `${who}: baseline`, match[2], INT32_MIN, INT32_MAX),
    unit: match[3] ?? 'mV',
  };
}

const file = (name: string): string => `${name}.hea`;

const bad = (name: string, detail: string): FormatError =>
  new FormatError('bad-header', name === 'WFDB header' ? name : file(name), detail);

function limit(name: string, what: string, got: number, max: number): void {
  if (got > max) {
    throw new FormatError('too-large', file(name), `expected at most ${max} ${what}, got ${got}`);
  }
}

function real(name: string, what: string, text: string): number {
  const value = numberOf(text);
  if (value === undefined) throw bad(name, `expected ${what} as a number, got ${quoted(text)}`);
  return value;
}

function integer(name: string, what: string, text: string, low: number, high: number): number {
  const value = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (!(value >= low && value <= high)) {
    throw bad(name, `expected ${what} as an integer in [${low}, ${high}], got ${quoted(text)}`);
  }
  return value;
}

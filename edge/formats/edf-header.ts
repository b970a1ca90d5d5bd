/**
 * The header of an EDF or EDF+ file: fixed fields of ASCII, filled up with spaces.
 *
 *   0    version '0'     8    patient   88   recording   168  date dd.mm.yy   176  time hh.mm.ss
 *   184  header bytes    192  '', 'EDF+C…' or 'EDF+D…'   236  records         244  s a record
 *   252  signals ns      256  ns × each: label 16, transducer 80, unit 8, physical min 8, max 8,
 *                             digital min 8, max 8, filter 80, samples a record 8, reserved 32
 *
 * A record holds each signal's samples in turn, 16 bits, little-endian, two's complement.
 *
 *   physical = physical min + (digital − digital min) · (physical range / digital range)
 *
 * Sources: Kemp et al., EEG Clin Neurophysiol 82:391 (1992); Kemp & Olivan, Clin Neurophysiol
 * 114:1755 (2003). Refused by name: EDF+D (interrupted), BDF (24 bits).
 */
import { EDF_SIGNALS_MAX, RECORDING_SECONDS_MAX } from '../limits.ts';
import { FormatError, quoted } from './error.ts';
import { numberOf } from './table.ts';

export interface EdfSignal {
  readonly label: string;
  readonly unit: string;
  readonly physicalMin: number;
  readonly physicalMax: number;
  readonly digitalMin: number;
  readonly digitalMax: number;
  readonly samplesPerRecord: number;
  /** Bytes from the start of a record. */
  readonly offset: number;
}

export interface EdfHeader {
  readonly byteLength: number;
  /** EDF+: the channel of annotations has its meaning. */
  readonly isPlus: boolean;
  readonly startTime: Date;
  readonly recordCount: number;
  readonly recordSeconds: number;
  readonly recordBytes: number;
  readonly signals: readonly EdfSignal[];
}

export const EDF_ANNOTATIONS = 'EDF Annotations';

const FIXED_BYTES = 256;
const SIGNAL_BYTES = 256;

/** Checks the file's length as well: what is read later is there. Throws FormatError. */
export function parseEdfHeader(name: string, bytes: Uint8Array): EdfHeader {
  if (bytes.length === 0) throw new FormatError('empty', name, 'expected EDF, got no bytes');
  const at = fieldsOf(name, bytes);
  const version = at.text('version', 0, 8);
  if (version !== '0') {
    const what = bytes[0] === 0xff ? 'BDF' : quoted(version);
    throw new FormatError('unsupported-format', name, `expected EDF version '0', got ${what}`);
  }
  const kind = at.text('reserved field', 192, 44);
  if (kind.startsWith('EDF+D')) {
    throw new FormatError('unsupported-format', name, 'expected EDF or EDF+C, got EDF+D');
  }
  const signalCount = at.integer('number of signals', 252, 4, 0, 9999);
  if (signalCount === 0) throw new FormatError('empty', name, 'expected signals, got none');
  if (signalCount > EDF_SIGNALS_MAX) {
    const detail = `expected at most ${EDF_SIGNALS_MAX} signals, got ${signalCount}`;
    throw new FormatError('too-large', name, detail);
  }
  const byteLength = FIXED_BYTES + SIGNAL_BYTES * signalCount;
  at.integer('header bytes', 184, 8, byteLength, byteLength);
  const startTime = startOf(at.text('date', 168, 8), at.text('time', 176, 8), at.bad);
  const recordSeconds = at.real('seconds a record', 244, 8);
  if (!(recordSeconds >= 0)) throw at.bad(`expected seconds a record, got ${recordSeconds}`);
  const signals = signalsOf(at, signalCount);
  const recordBytes = signals.reduce((sum, signal) => sum + 2 * signal.samplesPerRecord, 0);
  const stated = at.integer('number of records', 236, 8, -1, 99_999_999);
  const recordCount = countOf(name, bytes.length - byteLength, recordBytes, stated);
  if (recordCount * recordSeconds > RECORDING_SECONDS_MAX) {
    const detail = `expected at most ${RECORDING_SECONDS_MAX} seconds, got more`;
    throw new FormatError('too-large', name, detail);
  }
  const isPlus = kind.startsWith('EDF+C');
  return { byteLength, isPlus, startTime, recordCount, recordSeconds, recordBytes, signals };
}

function signalsOf(at: Fields, count: number): EdfSignal[] {
  let offset = 0;
  return Array.from({ length: count }, (_, index) => {
    // Where the field of signal 0 begins, per signal; each field stands for all signals in turn.
    const place = (before: number, length: number): [number, number] => [
      FIXED_BYTES + before * count + length * index,
      length,
    ];
    const who = `signal ${index + 1}`;
    const label = at.text(`${who}: label`, ...place(0, 16));
    const unit = at.text(`${who}: unit`, ...place(96, 8));
    const physicalMin = at.real(`${who}: physical minimum`, ...place(104, 8));
    const physicalMax = at.real(`${who}: physical maximum`, ...place(112, 8));
    const digitalMin = at.integer(`${who}: digital minimum`, ...place(120, 8), -32768, 32767);
    const digitalMax = at.integer(`${who}: digital maximum`, ...place(128, 8), -32768, 32767);
    const samplesPerRecord = at.integer(`${who}: samples`, ...place(216, 8), 1, 99_999_999);
    if (digitalMin >= digitalMax) {
      throw at.bad(`${who}: expected a digital minimum below the maximum, got them the other way`);
    }
    if (physicalMin === physicalMax) {
      throw at.bad(`${who}: expected a physical minimum apart from the maximum, got them equal`);
    }
    const range = { physicalMin, physicalMax, digitalMin, digitalMax };
    const signal = { label, unit, ...range, samplesPerRecord, offset };
    offset += 2 * samplesPerRecord;
    return signal;
  });
}

/** −1 is what a recorder writes until it is done: then the file's length says it. */
function countOf(name: string, bytes: number, recordBytes: number, stated: number): number {
  const count = stated === -1 ? bytes / recordBytes : stated;
  if (Number.isInteger(count) && count > 0 && bytes === count * recordBytes) return count;
  if (count === 0) throw new FormatError('empty', name, 'expected records, got none');
  const expected = stated === -1 ? `whole records of ${recordBytes}` : `${count * recordBytes}`;
  const code = stated !== -1 && bytes > count * recordBytes ? 'too-long' : 'truncated';
  throw new FormatError(code, name, `expected ${expected} bytes of samples, got ${bytes}`);
}

/** Two digits of a year: 85 to 99 are 1985 to 1999, the rest 2000 to 2084. */
function startOf(date: string, time: string, bad: (detail: string) => FormatError): Date {
  const day = /^(\d\d)\.(\d\d)\.(\d\d)$/.exec(date);
  const clock = /^(\d\d)\.(\d\d)\.(\d\d)$/.exec(time);
  if (day !== null && clock !== null) {
    const year = `${Number(day[3]) >= 85 ? '19' : '20'}${day[3]!}`;
    const iso = `${year}-${day[2]!}-${day[1]!}T${clock[1]!}:${clock[2]!}:${clock[3]!}.000Z`;
    const start = new Date(iso);
    if (!Number.isNaN(start.getTime()) && start.toISOString() === iso) return start;
  }
  const got = quoted(`${date} ${time}`);
  throw bad(`expected a start dd.mm.yy hh.mm.ss that exists, got ${got}`);
}

interface Fields {
  text(what: string, at: number, length: number): string;
  real(what: string, at: number, length: number): number;
  integer(what: string, at: number, length: number, low: number, high: number): number;
  bad: (detail: string) => FormatError;
}

function fieldsOf(name: string, bytes: Uint8Array): Fields {
  const bad = (detail: string) => new FormatError('bad-header', name, detail);
  const text = (what: string, at: number, length: number): string => {
    if (at + length > bytes.length) {
      const detail = `expected ${what} at byte ${at}, got the end of ${bytes.length} bytes`;
      throw new FormatError('truncated', name, detail);
    }
    return String.fromCharCode(...bytes.subarray(at, at + length)).trim();
  };
  const real = (what: string, at: number, length: number): number => {
    const found = text(what, at, length);
    const value = numberOf(found);
    if (value === undefined) throw bad(`expected ${what} as a number, got ${quoted(found)}`);
    return value;
  };
  const integer = (what: string, at: number, length: number, low: number, high: number): number => {
    const value = real(what, at, length);
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    throw bad(`expected ${what} as an integer in [${low}, ${high}], got ${value}`);
  };
  return { text, real, integer, bad };
}

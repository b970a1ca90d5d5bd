/**
 * A WFDB record as bytes: header text and one signal file, samples of all signals alternating.
 *
 *   r 2 360 650000 08:00:00 01/03/2026
 *   r.dat 212 200(1024)/mV 12 1024 995 -22131 0 MLII
 *
 * Format 212 where every sample fits 12 bits, else 16; a missing sample is the lowest number of its
 * format. Gain, baseline, unit and base time are stated, initial value and checksum computed. The
 * header knows milliseconds; what a start has beyond them is for a comment. Source: header(5),
 * signal(5).
 */
import { WFDB_SIGNALS_MAX } from '../limits.ts';
import { MISSING_SAMPLE } from '../vital/vital.ts';
import { PLAIN_NAME } from './wfdb-header.ts';
import { MISSING_STORED, encodeSamples } from './wfdb-samples.ts';

/** Physical value = (sample − baseline) / gain. */
export interface WritableSignal {
  /** Printable ASCII; spaces inside are fine. */
  readonly description: string;
  /** Without spaces. */
  readonly unit: string;
  readonly gain: number;
  readonly baseline: number;
  /** Missing ones are MISSING_SAMPLE. */
  readonly samples: Int16Array;
}

export interface WritableRecord {
  /** Letters, digits, `_`, `-`, `.`; the files are called so. */
  readonly name: string;
  readonly rateMilliHz: number;
  readonly startTime?: Date | undefined;
  /** All of one length. */
  readonly signals: readonly WritableSignal[];
  readonly comments?: readonly string[];
}

export interface WfdbFiles {
  readonly headerName: string;
  readonly header: string;
  readonly dataName: string;
  readonly data: Uint8Array;
}

const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const UNIT = /^[\x21-\x7e]{1,40}$/;
const FITS_12_BITS = 2047;

/** Throws RangeError on what a header cannot state: it is the caller who knows better. */
export function writeWfdb(record: WritableRecord): WfdbFiles {
  const { name, signals } = record;
  check(PLAIN_NAME.test(name), 'a plain record name', name);
  const count = signals[0]?.samples.length ?? 0;
  check(signals.length > 0 && signals.length <= WFDB_SIGNALS_MAX, 'signals', signals.length);
  check(count > 0, 'samples', count);
  const format = signals.every(({ samples }) => samples.every(fits12)) ? 212 : 16;
  const stored = new Int16Array(count * signals.length);
  const lines = signals.map((signal, index) => {
    check(signal.samples.length === count, `${count} samples`, signal.samples.length);
    const { checksum, first } = weave(signal.samples, stored, index, signals.length, format);
    return signalLine(`${name}.dat`, format, signal, first, checksum);
  });
  const comments = (record.comments ?? []).map((comment) => `# ${comment}\n`);
  const head = [name, signals.length, rateOf(record.rateMilliHz), count, ...startOf(record)];
  return {
    headerName: `${name}.hea`,
    header: `${[head.join(' '), ...lines].join('\n')}\n${comments.join('')}`,
    dataName: `${name}.dat`,
    data: encodeSamples(format, stored),
  };
}

const fits12 = (sample: number): boolean =>
  sample === MISSING_SAMPLE || (sample >= -FITS_12_BITS && sample <= FITS_12_BITS);

/** Puts one signal in its places, as stored, and says what its header line must. */
function weave(
  samples: Int16Array,
  stored: Int16Array,
  index: number,
  stride: number,
  format: 16 | 212,
): { checksum: number; first: number } {
  let sum = 0;
  for (let i = 0, at = index; i < samples.length; i++, at += stride) {
    const sample = samples[i]!;
    const value = sample === MISSING_SAMPLE ? MISSING_STORED[format] : sample;
    stored[at] = value;
    sum = (sum + value) | 0;
  }
  return { checksum: (sum << 16) >> 16, first: stored[index]! };
}

function signalLine(
  file: string,
  format: 16 | 212,
  { description, unit, gain, baseline }: WritableSignal,
  first: number,
  checksum: number,
): string {
  check(PRINTABLE.test(description) && !/ {2}/.test(description), 'plain text', description);
  check(UNIT.test(unit), 'a unit without spaces', unit);
  check(Math.abs(gain) >= 1e-9 && Math.abs(gain) <= 1e12, 'a gain in [1e-9, 1e12]', gain);
  check(Number.isInteger(baseline) && baseline === (baseline | 0), '32 bits of baseline', baseline);
  const bits = format === 212 ? 12 : 16;
  // The baseline twice: some readers know only the ADC zero, which it is where it is not stated.
  const scale = `${gain}(${baseline})/${unit} ${bits} ${baseline}`;
  return `${file} ${format} ${scale} ${first} ${checksum} 0 ${description}`;
}

function rateOf(rateMilliHz: number): string {
  check(Number.isSafeInteger(rateMilliHz) && rateMilliHz > 0, 'whole mHz above 0', rateMilliHz);
  return String(rateMilliHz / 1000);
}

/** `08:00:00 01/03/2026`; a fraction only where there is one, for not every reader knows it. */
function startOf({ startTime }: WritableRecord): string[] {
  if (startTime === undefined) return [];
  const match = /^(\d{4})-(\d\d)-(\d\d)T(.*)Z$/.exec(startTime.toISOString());
  check(match !== null, 'a start before the year 10000', startTime.toISOString());
  const [, year, month, day, time] = match!;
  return [time!.replace('.000', ''), `${day!}/${month!}/${year!}`];
}

function check(holds: boolean, expected: string, got: string | number): void {
  if (!holds) throw new RangeError(`WFDB record: expected ${expected}, got ${got}`);
}

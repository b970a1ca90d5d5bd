/**
 * Tables of one reading a second, as BIDMC publishes them:
 *
 *   Time [s], HR, PULSE, RESP, SpO2
 *   0,94,93,25,97
 *   111,92,NaN,23,NaN                 NaN, or nothing: no reading
 *
 * The first column counts whole seconds and increases; the others carry the names of names.ts or our
 * own (`heart-rate`). UTF-8 with or without BOM, LF or CRLF, spaces around cells. No quoting: there is
 * no text in such a table. Columns we do not know are listed in `ignored`, and not looked at.
 */
import { CSV_BYTES_MAX, CSV_COLUMNS_MAX, RECORDING_SECONDS_MAX } from '../limits.ts';
import type { Vital } from '../vital/vital.ts';
import { FormatError, quoted } from './error.ts';
import { vitalOfName } from './names.ts';
import type { RecordedNumeric, Recording } from './recording.ts';

const TIME_COLUMN = /^(?:time(?: ?\[s\])?|seconds?)$/i;
const NUMBER = /^[+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,2})?$/;

interface Column {
  readonly vital: Vital;
  readonly at: number;
  readonly seconds: number[];
  readonly values: number[];
}

/** `name` is the file's, for errors and the recording. Throws FormatError, and nothing else. */
export function readNumericsCsv(name: string, bytes: Uint8Array): Recording {
  const lines = linesOf(textOf(name, bytes));
  const head = lines.next();
  if (head.done === true) throw new FormatError('empty', name, 'expected a table, got no text');
  const { columns, width, ignored } = parseHead(name, head.value.line);
  let rowCount = 0;
  let secondBefore = -1;
  for (const { line, number } of lines) {
    secondBefore = readRow({ name, number }, line, columns, width, secondBefore);
    rowCount++;
  }
  if (rowCount === 0)
    throw new FormatError('no-rows', name, 'expected rows below the header, got none');
  const filled = columns.filter((column) => column.values.length > 0);
  if (filled.length === 0) {
    throw new FormatError('no-readings', name, `expected readings, got ${rowCount} rows of gaps`);
  }
  for (const column of columns) {
    if (column.values.length === 0) {
      ignored.push({ name: column.vital.name, reason: 'not one reading in it' });
    }
  }
  return { name, waveforms: [], numerics: filled.map(numericOf), ignored, notes: [] };
}

const numericOf = ({ vital, seconds, values }: Column): RecordedNumeric => ({
  vital,
  secondsFromStart: Float64Array.from(seconds),
  values: Float64Array.from(values),
});

function textOf(name: string, bytes: Uint8Array): string {
  if (bytes.length > CSV_BYTES_MAX) {
    throw new FormatError(
      'too-large',
      name,
      `expected at most ${CSV_BYTES_MAX} bytes, got ${bytes.length}`,
    );
  }
  try {
    // Swallows a BOM.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FormatError('unreadable', name, 'expected UTF-8 text, got other bytes', { cause });
  }
}

/** Lines that are not blank, numbered from 1 as an editor does. */
function* linesOf(text: string): Generator<{ line: string; number: number }, undefined> {
  for (let at = 0, number = 1; at < text.length; number++) {
    const end = text.indexOf('\n', at);
    const line = text.slice(at, end < 0 ? text.length : end).trim();
    if (line !== '') yield { line, number };
    at = end < 0 ? text.length : end + 1;
  }
}

function parseHead(name: string, line: string) {
  const cells = line.split(',').map((cell) => cell.trim());
  if (cells.length > CSV_COLUMNS_MAX) {
    throw new FormatError(
      'too-large',
      name,
      `expected at most ${CSV_COLUMNS_MAX} columns, got ${cells.length}`,
    );
  }
  const column = (detail: string) => new FormatError('bad-column', name, detail);
  if (!TIME_COLUMN.test(cells[0]!)) {
    throw column(`expected 'Time [s]' as first column, got ${quoted(cells[0]!)}`);
  }
  const columns: Column[] = [];
  const ignored: { name: string; reason: string }[] = [];
  cells.slice(1).forEach((cell, index) => {
    const vital = vitalOfName(cell);
    if (vital === undefined) {
      ignored.push({ name: cell, reason: 'no vital sign of this name' });
    } else if (columns.some((other) => other.vital === vital)) {
      throw column(`expected ${vital.name} once, got it again as ${quoted(cell)}`);
    } else {
      columns.push({ vital, at: index + 1, seconds: [], values: [] });
    }
  });
  if (columns.length === 0)
    throw column(`expected a vital sign, got ${ignored.length} other columns`);
  return { columns, width: cells.length, ignored };
}

/** Adds one row to the columns and returns its second. */
function readRow(
  where: { readonly name: string; readonly number: number },
  line: string,
  columns: readonly Column[],
  width: number,
  secondBefore: number,
): number {
  const { name, number } = where;
  const cells = line.split(',', CSV_COLUMNS_MAX + 1);
  if (cells.length !== width) {
    throw new FormatError(
      'bad-row',
      name,
      `line ${number}: expected ${width} cells, got ${cells.length}`,
    );
  }
  const time = cells[0]!.trim();
  // Adding 0: one published table prints its first second as -0.
  const second = NUMBER.test(time) ? Number(time) + 0 : NaN;
  const detail = `line ${number}: expected a whole second after ${secondBefore}, got ${quoted(time)}`;
  const whole = Number.isInteger(second) && second <= RECORDING_SECONDS_MAX;
  if (!whole || second <= secondBefore) throw new FormatError('bad-time', name, detail);
  for (const column of columns) {
    const cell = cells[column.at]!.trim();
    if (cell === '' || cell.toLowerCase() === 'nan') continue;
    if (!NUMBER.test(cell)) {
      throw new FormatError(
        'bad-value',
        name,
        `line ${number}: expected ${column.vital.name} as a number or nothing, got ${cell.length} other characters`,
      );
    }
    column.seconds.push(second);
    column.values.push(Number(cell));
  }
  return second;
}

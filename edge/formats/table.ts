/**
 * A table as text: a head, and rows of as many cells. What every CSV reader here shares.
 *
 * UTF-8 with or without BOM, LF or CRLF, spaces around cells, blank lines between. No quoting: the
 * tables read here hold numbers and times. A missing cell is empty, `NaN` or `-`.
 */
import { CSV_BYTES_MAX, CSV_COLUMNS_MAX } from '../limits.ts';
import { FormatError } from './error.ts';

export interface Row {
  readonly cells: readonly string[];
  /** As an editor counts, from 1. */
  readonly line: number;
}

export interface Table {
  readonly head: readonly string[];
  readonly rows: Generator<Row, void>;
}

/** The head at once, rows as they are asked for. Throws FormatError, and nothing else. */
export function openTable(name: string, bytes: Uint8Array): Table {
  const lines = linesOf(textOf(name, bytes));
  const first = lines.next();
  if (first.done === true) throw new FormatError('empty', name, 'expected a table, got no text');
  const head = cellsOf(first.value.text);
  if (head.length > CSV_COLUMNS_MAX) {
    throw new FormatError(
      'too-large',
      name,
      `expected at most ${CSV_COLUMNS_MAX} columns, got ${head.length}`,
    );
  }
  return { head, rows: rowsOf(name, lines, head.length) };
}

function* rowsOf(
  name: string,
  lines: Iterable<{ text: string; line: number }>,
  width: number,
): Generator<Row, void> {
  let count = 0;
  for (const { text, line } of lines) {
    const cells = cellsOf(text);
    if (cells.length !== width) {
      const detail = `line ${line}: expected ${width} cells, got ${cells.length}`;
      throw new FormatError('bad-row', name, detail);
    }
    count++;
    yield { cells, line };
  }
  if (count === 0) {
    throw new FormatError('no-rows', name, 'expected rows below the header, got none');
  }
}

/** A longer line is cut, and still has one cell too many. */
const cellsOf = (text: string): string[] =>
  text.split(',', CSV_COLUMNS_MAX + 1).map((cell) => cell.trim());

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

function* linesOf(text: string): Generator<{ text: string; line: number }, undefined> {
  for (let at = 0, line = 1; at < text.length; line++) {
    const found = text.indexOf('\n', at);
    const end = found < 0 ? text.length : found;
    const one = text.slice(at, end).trim();
    if (one !== '') yield { text: one, line };
    at = end + 1;
  }
}

export const isGap = (cell: string): boolean =>
  cell === '' || cell === '-' || cell.toLowerCase() === 'nan';

const NUMBER = /^[+-]?(?:\d{1,20}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,3})?$/;

/** A decimal number, or undefined: no words, no hexadecimal, nothing infinite. */
export function numberOf(cell: string): number | undefined {
  // Adding 0: one published table prints its first second as -0.
  const value = NUMBER.test(cell) ? Number(cell) + 0 : NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** A cell's number, undefined for a gap; `what` stands in the column. Throws FormatError `bad-value`. */
export function numberInCell(
  name: string,
  { cells, line }: Row,
  at: number,
  what: string,
  magnitudeMax = Infinity,
): number | undefined {
  const cell = cells[at]!;
  if (isGap(cell)) return undefined;
  const value = numberOf(cell);
  if (value !== undefined && Math.abs(value) <= magnitudeMax) return value;
  const bound = magnitudeMax === Infinity ? '' : ` up to ${magnitudeMax}`;
  const detail =
    `line ${line}: expected ${what} as a number${bound} or nothing, ` +
    `got ${cell.length} other characters`;
  throw new FormatError('bad-value', name, detail);
}

/** Digits behind the point; of a number with an exponent, more than any double has. */
export function decimalsOf(cell: string): number {
  if (/e/i.test(cell)) return Infinity;
  const point = cell.indexOf('.');
  return point < 0 ? 0 : cell.length - point - 1;
}

/** Digits from the first that is not 0: 4 in 0.03421. */
export const significantOf = (cell: string): number =>
  cell
    .replace(/[eE].*$/, '')
    .replace(/[^\d]/g, '')
    .replace(/^0+/, '').length;

const ISO_UTC = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:?00)$/;

/**
 * A time in µs: counted in `unitMicros` from any start, or ISO 8601 in UTC from 1970. Undefined where
 * it is neither, or lies beyond what a double counts exactly.
 */
export function timeMicrosOf(cell: string, unitMicros: number): number | undefined {
  const iso = ISO_UTC.exec(cell);
  if (iso !== null) {
    const micros = Number((iso[3] ?? '').slice(0, 6).padEnd(6, '0'));
    const seconds = Date.parse(`${iso[1]!}T${iso[2]!}Z`) / 1000;
    return Number.isNaN(seconds) ? undefined : seconds * 1e6 + micros;
  }
  const micros = Math.round((numberOf(cell) ?? NaN) * unitMicros);
  return Number.isSafeInteger(micros) ? micros : undefined;
}

export const isIsoTime = (cell: string): boolean => ISO_UTC.test(cell);

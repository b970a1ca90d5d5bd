/**
 * Tables of one reading a second, as BIDMC publishes them and as csv.ts writes them:
 *
 *   Time [s], HR, PULSE, RESP, SpO2        time,heart-rate [/min]
 *   0,94,93,25,97                          2026-01-02T03:04:05Z,72.3
 *   111,92,NaN,23,NaN                      2026-01-02T03:04:06Z,
 *
 * The time counts whole seconds from 0 or is a moment in UTC, and increases; the other columns carry
 * the names of names.ts or our own (`heart-rate`), or a map says what they are. Columns we do not
 * know are listed in `ignored`, and not looked at. The units are the vocabulary's.
 */
import { RECORDING_SECONDS_MAX } from '../limits.ts';
import type { Vital } from '../vital/vital.ts';
import { columnsOf, targetName } from './columns.ts';
import type { Column, ColumnMap } from './columns.ts';
import { FormatError, quoted } from './error.ts';
import { vitalOfName } from './names.ts';
import type { RecordedNumeric, Recording } from './recording.ts';
import { isIsoTime, numberInCell, openTable, timeMicrosOf } from './table.ts';
import type { Row } from './table.ts';

interface Filling {
  readonly vital: Vital;
  readonly at: number;
  readonly seconds: number[];
  readonly values: number[];
}

/** `name` is the file's, for errors and the recording. Throws FormatError, and nothing else. */
export function readNumericsCsv(name: string, bytes: Uint8Array, map?: ColumnMap): Recording {
  const { head, rows } = openTable(name, bytes);
  const { time, values, unmapped } = columnsOf(name, head, map, true);
  const ignored = unmapped.map((cell) => ({ name: cell, reason: 'not in the column map' }));
  const columns = vitalColumns(name, values, ignored);
  let rowCount = 0;
  let startMs: number | undefined;
  let before = -1;
  for (const row of rows) {
    const cell = row.cells[time!.at]!;
    if (rowCount === 0 && isIsoTime(cell)) {
      startMs = Math.floor((timeMicrosOf(cell, 1) ?? NaN) / 1e6) * 1000;
    }
    const micros = timeMicrosOf(cell, time!.unitMicros);
    const second = isIsoTime(cell) === (startMs !== undefined) ? (micros ?? NaN) / 1e6 : NaN;
    before = placed(name, row, cell, second - (startMs ?? 0) / 1000, before);
    readCells(name, row, columns, before);
    rowCount++;
  }
  const filled = columns.filter((column) => column.values.length > 0);
  if (filled.length === 0) {
    throw new FormatError('no-readings', name, `expected readings, got ${rowCount} rows of gaps`);
  }
  for (const column of columns) {
    if (column.values.length === 0) {
      ignored.push({ name: column.vital.name, reason: 'not one reading in it' });
    }
  }
  return {
    name,
    ...(startMs === undefined ? {} : { startTime: new Date(startMs) }),
    waveforms: [],
    numerics: filled.map(numericOf),
    ignored,
    notes: [],
  };
}

const numericOf = ({ vital, seconds, values }: Filling): RecordedNumeric => ({
  vital,
  secondsFromStart: Float64Array.from(seconds),
  values: Float64Array.from(values),
});

function vitalColumns(
  name: string,
  values: readonly Column[],
  ignored: { name: string; reason: string }[],
): Filling[] {
  const columns: Filling[] = [];
  const bad = (detail: string) => new FormatError('bad-column', name, detail);
  for (const { at, name: head, target } of values) {
    const vital = target?.kind === 'vital' ? target.vital : vitalOfName(head);
    if (target?.kind === 'waveform') {
      throw bad(`expected ${targetName(target)} faster than 2 Hz, got whole seconds`);
    }
    if (vital === undefined) {
      ignored.push({ name: head, reason: 'no vital sign of this name' });
    } else if (columns.some((other) => other.vital === vital)) {
      throw bad(`expected ${vital.name} once, got it again as ${quoted(head)}`);
    } else {
      columns.push({ vital, at, seconds: [], values: [] });
    }
  }
  if (columns.length === 0) throw bad(`expected a vital sign, got ${ignored.length} other columns`);
  return columns;
}

/** The row's second, if it is one and comes after the one before. */
function placed(name: string, row: Row, cell: string, second: number, before: number): number {
  const whole = Number.isInteger(second) && second <= RECORDING_SECONDS_MAX;
  if (whole && second > before) return second;
  const detail = `line ${row.line}: expected a whole second after ${before}, got ${quoted(cell)}`;
  throw new FormatError('bad-time', name, detail);
}

function readCells(name: string, row: Row, columns: readonly Filling[], second: number): void {
  for (const column of columns) {
    const value = numberInCell(name, row, column.at, column.vital.name);
    if (value === undefined) continue;
    column.seconds.push(second);
    column.values.push(value);
  }
}

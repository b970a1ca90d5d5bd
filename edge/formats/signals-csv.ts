/**
 * Tables of samples, as BIDMC publishes them and as csv.ts writes them:
 *
 *   Time [s], RESP, PLETH, V, AVR, II              time,ecg MLII [mV]
 *   0,0.35386,0.43597,0.52549,0.30392,0.72549      2026-01-02T03:04:05.000000Z,-0.145
 *   0.008,0.35679,0.43206,0.51961,0.33529,0.67059  2026-01-02T03:04:05.002778Z,
 *
 * The rate comes from the times (time-grid.ts) or is given; with a given rate rows follow each other
 * and their times are not looked at. Rows that are missing are missing samples. Real numbers become
 * samples with the gain that keeps most of them (quantise.ts); which, and how exactly, is in `notes`.
 */
import { CSV_SAMPLES_MAX, RECORDING_SECONDS_MAX } from '../limits.ts';
import { MISSING_SAMPLE } from '../vital/vital.ts';
import { assembleRecording } from './assemble.ts';
import type { FileSignal } from './assemble.ts';
import { columnsOf } from './columns.ts';
import type { Column, ColumnMap } from './columns.ts';
import { FormatError, quoted } from './error.ts';
import { quantise } from './quantise.ts';
import type { Recording } from './recording.ts';
import { RowTimes } from './row-times.ts';
import { decimalsOf, numberInCell, openTable, significantOf } from './table.ts';
import type { Row } from './table.ts';
import { timeGridOf } from './time-grid.ts';
import type { TimeGrid } from './time-grid.ts';

export interface SignalsCsvOptions {
  readonly map?: ColumnMap | undefined;
  /** Replaces the times of the table. */
  readonly rateHz?: number | undefined;
}

/** A value beyond it is no reading of a body in any unit. */
const MAGNITUDE_MAX = 1e12;

interface Filling extends Column {
  readonly quoted: string;
  readonly values: number[];
  decimals: number;
  significant: number;
}

/** `name` is the file's, for errors and the recording. Throws FormatError, and nothing else. */
export function readSignalsCsv(
  name: string,
  bytes: Uint8Array,
  { map, rateHz }: SignalsCsvOptions = {},
): Recording {
  const { head, rows } = openTable(name, bytes);
  const { time, values, unmapped } = columnsOf(name, head, map, rateHz === undefined);
  const columns: Filling[] = values.map((column) => ({
    ...column,
    quoted: quoted(column.name),
    values: [],
    decimals: 0,
    significant: 0,
  }));
  const times = new RowTimes(name, time?.unitMicros ?? 1);
  let rowCount = 0;
  for (const row of rows) {
    if (time !== undefined && (rateHz === undefined || rowCount === 0)) {
      times.add(row.cells[time.at]!, row.line);
    }
    readCells(name, row, columns);
    rowCount++;
  }
  const grid = rateHz === undefined ? gridOf(name, times) : steady(rateHz, rowCount);
  limit(name, grid.count * columns.length, grid.count / (grid.rateMilliHz / 1000));
  const notes: string[] = grid.isExact
    ? []
    : [`the times give no whole mHz; ${grid.rateMilliHz / 1000} Hz is the nearest`];
  if (grid.count > rowCount)
    notes.push(`${grid.count - rowCount} samples without a row are missing`);
  const signals = columns.map((column) => signalOf(column, grid, notes));
  const recording = assembleRecording(name, times.startTime, signals);
  const ignored = unmapped.map((cell) => ({ name: cell, reason: 'not in the column map' }));
  return {
    ...recording,
    ignored: [...recording.ignored, ...ignored],
    notes: [...notes, ...recording.notes],
  };
}

const steady = (rateHz: number, count: number): TimeGrid => ({
  rateMilliHz: Math.round(rateHz * 1000),
  isExact: Number.isInteger(Math.round(rateHz * 1e9) / 1e6),
  count,
  place: (row) => row,
});

function gridOf(name: string, times: RowTimes): TimeGrid {
  if (times.micros.length < 2) {
    throw new FormatError('bad-time', name, 'expected a second row, or a rate, got one sample');
  }
  const grid = timeGridOf(times);
  if ('place' in grid) return grid;
  throw new FormatError(
    'bad-time',
    name,
    `line ${times.lines[grid.doubled]!}: expected a later time, got that of the row above or one ` +
      'too near; give a rate where the times are not those of the samples',
  );
}

function limit(name: string, cells: number, seconds: number): void {
  const got =
    cells > CSV_SAMPLES_MAX
      ? `at most ${CSV_SAMPLES_MAX} samples with the missing ones, got ${cells}`
      : seconds > RECORDING_SECONDS_MAX
        ? `at most ${RECORDING_SECONDS_MAX} seconds, got ${Math.round(seconds)}`
        : undefined;
  if (got !== undefined) throw new FormatError('too-large', name, `expected ${got}`);
}

function readCells(name: string, row: Row, columns: readonly Filling[]): void {
  for (const column of columns) {
    const value = numberInCell(name, row, column.at, column.quoted, MAGNITUDE_MAX);
    column.values.push(value ?? NaN);
    if (value === undefined) continue;
    const cell = row.cells[column.at]!;
    column.decimals = Math.max(column.decimals, decimalsOf(cell));
    column.significant = Math.max(column.significant, significantOf(cell));
  }
}

function signalOf(column: Filling, grid: TimeGrid, notes: string[]): FileSignal {
  const quantised = quantise(Float64Array.from(column.values), column);
  const { gain, baseline, isExact } = quantised;
  const samples = new Int16Array(grid.count).fill(MISSING_SAMPLE);
  quantised.samples.forEach((sample, row) => {
    samples[grid.place(row)] = sample;
  });
  const rateHz = grid.rateMilliHz / 1000;
  if (!isExact) {
    notes.push(`${column.name}: kept in steps of 1/${gain}, to half a step`);
  }
  const { name, unit, target } = column;
  return { description: name, unit, target, rateHz, gain, baseline, samples };
}

/**
 * A table of either kind: rows a second apart or more are readings, rows that follow faster samples.
 */
import { columnsOf } from './columns.ts';
import { readNumericsCsv } from './numerics-csv.ts';
import type { Recording } from './recording.ts';
import { readSignalsCsv } from './signals-csv.ts';
import type { SignalsCsvOptions } from './signals-csv.ts';
import { openTable, timeMicrosOf } from './table.ts';

/** `name` is the file's, for errors and the recording. Throws FormatError, and nothing else. */
export function readCsv(
  name: string,
  bytes: Uint8Array,
  options: SignalsCsvOptions = {},
): Recording {
  const isSignals = options.rateHz !== undefined || rowsAreFast(name, bytes, options);
  return isSignals
    ? readSignalsCsv(name, bytes, options)
    : readNumericsCsv(name, bytes, options.map);
}

function rowsAreFast(name: string, bytes: Uint8Array, { map }: SignalsCsvOptions): boolean {
  const { head, rows } = openTable(name, bytes);
  const { time } = columnsOf(name, head, map, true);
  const first = rows.next();
  const second = rows.next();
  if (first.done === true || second.done === true) return false;
  const [from, to] = [first, second].map(({ value }) =>
    timeMicrosOf(value.cells[time!.at]!, time!.unitMicros),
  );
  return from !== undefined && to !== undefined && to > from && to - from < 1e6;
}

/**
 * Numeric columns from readings and back, for sensors and for whoever walks over rows.
 *
 * A reading is a number in the unit of its vital sign; `null` is absent, never zero [WIRE-8].
 */
import { findVital, toFixedPoint, type Vital } from '../vital/vital.ts';
import { QUALITY_UNKNOWN, type NumericColumn } from './frame.ts';

/**
 * One column of consecutive seconds; row i is second `startSecond + i` since the node's boot.
 * Throws RangeError on a vital sign nobody defined or a reading that is not finite.
 */
export function numericColumn(
  vital: Vital | string,
  startSecond: number,
  readings: readonly (number | null)[],
  quality = QUALITY_UNKNOWN,
): NumericColumn {
  const found = typeof vital === 'string' ? findVital(vital) : vital;
  if (found === undefined) {
    throw new RangeError('numericColumn: expected the name of a vital sign of edge/vital');
  }
  const presence = new Uint8Array(Math.ceil(readings.length / 8));
  const values: number[] = [];
  readings.forEach((reading, row) => {
    if (reading === null) return;
    presence[row >> 3]! |= 1 << (row & 7);
    values.push(toFixedPoint(found, reading));
  });
  const rowCount = readings.length;
  return { vital: found, quality, startSecond, rowCount, presence, values: fitted(found, values) };
}

/** Calls `visit` for every row that is present, with its second and its fixed-point integer. */
export function eachReading(
  column: NumericColumn,
  visit: (second: number, fixed: number, row: number) => void,
): void {
  let next = 0;
  for (let row = 0; row < column.rowCount; row++) {
    if (((column.presence[row >> 3]! >> (row & 7)) & 1) === 0) continue;
    visit(column.startSecond + row, column.values[next++]!, row);
  }
}

/** An Int32Array would wrap silently, so this looks first. */
function fitted(vital: Vital, values: readonly number[]): Int32Array {
  if (values.some((value) => value !== (value | 0))) {
    throw new RangeError(`${vital.name}: expected readings that fit 32 bits at its scale`);
  }
  return Int32Array.from(values);
}

/**
 * Where people saw breaths: BIDMC's `*_Breaths.csv`, one column for each annotator.
 *
 *   breaths ann1 [signal sample no], breaths ann2 [signal sample no]
 *   189,187                           sample numbers of the signals at 125 Hz, rising in a column
 *   59809,59809                       the shorter column ends in empty cells
 */
import { WFDB_SAMPLES_MAX } from '../limits.ts';
import { FormatError, quoted } from './error.ts';
import { isGap, numberOf, openTable } from './table.ts';

export const BIDMC_RATE_HZ = 125;

/** One array of rising sample numbers for each annotator. Throws FormatError, and nothing else. */
export function readBreathsCsv(name: string, bytes: Uint8Array): Int32Array[] {
  const { head, rows } = openTable(name, bytes);
  head.forEach((cell) => {
    if (/^breaths ann\d+ \[signal sample no\]$/.test(cell)) return;
    const detail = `expected 'breaths annN [signal sample no]', got ${quoted(cell)}`;
    throw new FormatError('bad-column', name, detail);
  });
  const breaths = head.map((): number[] => []);
  for (const { cells, line } of rows) {
    cells.forEach((cell, at) => {
      if (isGap(cell)) return;
      const sample = numberOf(cell) ?? NaN;
      const before = breaths[at]!.at(-1) ?? -1;
      if (!Number.isInteger(sample) || sample <= before || sample >= WFDB_SAMPLES_MAX) {
        const detail = `line ${line}: expected a sample number after ${before}, got ${quoted(cell)}`;
        throw new FormatError('bad-value', name, detail);
      }
      breaths[at]!.push(sample);
    });
  }
  return breaths.map((each) => Int32Array.from(each));
}

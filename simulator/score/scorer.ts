/**
 * What a scorer is: it knows the records it can score, and says how far a detector's results are from
 * what people annotated. Adding one is an entry in `scorers.ts`.
 */

import type { ReadFile } from '../player/user-file.ts';

/** Files by path. */
export interface Files {
  exists(path: string): boolean;
  readonly read: ReadFile;
}

/**
 * One line of the report; numbers are fractions or in the unit their name ends in, null is not
 * computable.
 */
export type Row = Readonly<Record<string, unknown>> & { readonly record: string };

export interface Scorer {
  /** What is compared, for the head of a table and for `--help`. */
  readonly what: string;
  /** Names for `--detector`; the first is taken where none is given. */
  readonly detectors: readonly string[];
  /** The record's path as this scorer wants it, or null where `path` names none of its records. */
  recordOf(path: string, files: Files): string | null;
  score(record: string, files: Files, detector: string): Row;
  /** Head of the table, and a row as its cells; the first column stands left, others right. */
  readonly head: readonly string[];
  cells(row: Row): readonly string[];
  /** A last row over all records, where a sum says something. */
  total?(rows: readonly Row[]): Row;
}

export const percent = (fraction: unknown): string =>
  typeof fraction === 'number' && Number.isFinite(fraction)
    ? `${(100 * fraction).toFixed(2)} %`
    : '–';

export const plain = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? `${value}` : '–';

/** JSON has no NaN: what is not computable is null. */
export const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

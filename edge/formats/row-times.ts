/**
 * The times of a table's rows in µs, and how many digits each is good for.
 *
 * BIDMC prints five digits: 8.416, 100.02, 100.02, 100.03. So a row's resolution is the finest last
 * digit among rows with as many digits before the point: 1 ms below 10 s there, 10 ms from 100 s.
 */
import { FormatError, quoted } from './error.ts';
import { decimalsOf, isIsoTime, timeMicrosOf } from './table.ts';

export class RowTimes {
  /** Never falling. */
  readonly micros: number[] = [];
  /** As an editor counts, from 1. */
  readonly lines: number[] = [];
  readonly #name: string;
  readonly #unitMicros: number;
  /** Per row: digits before the point. */
  readonly #digits: number[] = [];
  /** By digits before the point: most digits behind it. */
  readonly #decimals: number[] = [];
  #isIso = false;

  constructor(name: string, unitMicros: number) {
    this.#name = name;
    this.#unitMicros = unitMicros;
  }

  /** Throws FormatError `bad-time` on a cell that is no time, or before that of the row before. */
  add(cell: string, line: number): void {
    const isIso = isIsoTime(cell);
    const micros = timeMicrosOf(cell, this.#unitMicros);
    const isFirst = this.micros.length === 0;
    const falls = !isFirst && (micros ?? 0) < this.micros.at(-1)!;
    if (micros === undefined || falls || (!isFirst && isIso !== this.#isIso)) {
      const detail = `line ${line}: expected a time not before the row above, got ${quoted(cell)}`;
      throw new FormatError('bad-time', this.#name, detail);
    }
    this.#isIso = isIso;
    this.micros.push(micros);
    this.lines.push(line);
    const decimals = decimalsOf(isIso ? cell.replace(/Z|\+.*$/, '') : cell);
    const point = cell.indexOf('.');
    const digits = isIso ? 1 : (point < 0 ? cell : cell.slice(0, point)).length;
    this.#digits.push(digits);
    this.#decimals[digits] = Math.max(this.#decimals[digits] ?? 0, decimals);
  }

  /** µs that the last digit of a row's time counts. */
  readonly resolution = (row: number): number =>
    10 ** -this.#decimals[this.#digits[row]!]! * (this.#isIso ? 1e6 : this.#unitMicros);

  /** The moment of the first row, where the table states moments. */
  get startTime(): Date | undefined {
    return this.#isIso ? new Date(this.micros[0]! / 1000) : undefined;
  }
}

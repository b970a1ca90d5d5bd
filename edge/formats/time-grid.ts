/**
 * From the times of rows to a sampling rate, and to each row's place on its grid.
 *
 *   even     every row is where (last − first) / steps puts it, to the last digit its time has:
 *            nothing is missing, even where a coarse print shows a time twice
 *   gaps     else the period is that of the longest stretch without a gap, and a row stands at
 *            round((t − t0) / period); a place without a row is a missing sample
 *   rate     the roundest (1 Hz, 0.1, 0.01, 0.001) that ends the stretch where its times do
 *
 * A printed 2.778 ms is 360 Hz: one step says little, ten thousand of them say it.
 */
import type { RowTimes } from './row-times.ts';

export interface TimeGrid {
  readonly rateMilliHz: number;
  /** Whether the rate is whole mHz, to the last digit of the times. */
  readonly isExact: boolean;
  /** Samples from first to last, gaps included. */
  readonly count: number;
  readonly place: (row: number) => number;
}

const ROUND_MILLI_HZ = [1000, 100, 10, 1];

/** Two rows or more; or the row that shares its time and place with the one before. */
export function timeGridOf(times: RowTimes): TimeGrid | { readonly doubled: number } {
  return evenGrid(times) ?? gappyGrid(times);
}

function evenGrid({ micros, resolution }: RowTimes): TimeGrid | undefined {
  const last = micros.length - 1;
  const span = micros[last]! - micros[0]!;
  if (span <= 0) return undefined;
  const { rateMilliHz, period, isExact } = rateOf(last, span, resolution(0) + resolution(last));
  for (let row = 0; row <= last; row++) {
    const off = Math.abs(micros[row]! - micros[0]! - row * period);
    if (off > 1 + (resolution(0) + resolution(row)) / 2) return undefined;
  }
  return { rateMilliHz, isExact, count: last + 1, place: (row) => row };
}

function gappyGrid({ micros, resolution }: RowTimes): TimeGrid | { readonly doubled: number } {
  for (let row = 1; row < micros.length; row++) {
    if (micros[row] === micros[row - 1]) return { doubled: row };
  }
  const { from, to } = longestRun(micros, medianStep(micros));
  const span = micros[to]! - micros[from]!;
  const slack = resolution(from) + resolution(to);
  const { rateMilliHz, period, isExact } = rateOf(to - from, span, slack);
  const place = (row: number): number => Math.round((micros[row]! - micros[0]!) / period);
  for (let row = 1; row < micros.length; row++) {
    if (place(row) === place(row - 1)) return { doubled: row };
  }
  return { rateMilliHz, isExact, count: place(micros.length - 1) + 1, place };
}

/** The rate of `steps` in `span`, whose ends are known to `slack` µs together. */
function rateOf(steps: number, span: number, slack: number) {
  const measured = (steps * 1e9) / span;
  const round = ROUND_MILLI_HZ.map((unit) => unit * Math.round(measured / unit)).find(
    (rate) => rate > 0 && Math.abs((steps * 1e9) / rate - span) <= 1 + slack / 2,
  );
  const rateMilliHz = round ?? Math.max(1, Math.round(measured));
  return { rateMilliHz, period: 1e9 / (round ?? measured), isExact: round !== undefined };
}

/** Of the first thousand steps: gaps and a stutter at the start do not move it. */
function medianStep(micros: readonly number[]): number {
  const length = Math.min(1000, micros.length - 1);
  const steps = Float64Array.from({ length }, (_, i) => micros[i + 1]! - micros[i]!).sort();
  return steps[length >> 1]!;
}

function longestRun(micros: readonly number[], step: number): { from: number; to: number } {
  let best = { from: 0, to: 1 };
  let from = 0;
  for (let row = 1; row < micros.length; row++) {
    if (micros[row]! - micros[row - 1]! > 1.5 * step) from = row;
    if (row - from > best.to - best.from) best = { from, to: row };
  }
  return best;
}

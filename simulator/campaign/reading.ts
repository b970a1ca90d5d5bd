/**
 * What a node of a campaign measures: every value says where it belongs. Frame k of node i holds the
 * 60 seconds from 60·k on; a second's heart rate follows from node and second alone, and no two
 * neighbouring nodes or frames have the same, so a reading in a wrong place is a wrong reading.
 *
 *   tenths(i, s) = 400 + 10·((s + 37·i) mod 200) + (s mod 7)          40.0 to 239.6 beats a minute
 */
import { numericColumn, type Frame } from '@vitalshare/edge/wire';

/** Readings in a frame. */
export const FRAME_SECONDS = 60;

/** Heart rate in tenths of a beat a minute, which is how it is stored. */
export const tenths = (node: number, second: number): number =>
  400 + 10 * ((second + 37 * node) % 200) + (second % 7);

/** `bootTimeMs` is where second 0 lies, UTC; a whole second. */
export function frameOf(node: number, index: number, bootTimeMs: number): Frame {
  const first = index * FRAME_SECONDS;
  const rates = Array.from({ length: FRAME_SECONDS }, (_, row) => tenths(node, first + row) / 10);
  return {
    deviceTimeUs: (first + FRAME_SECONDS) * 1e6,
    bootTimeMs,
    columns: [numericColumn('heart-rate', first, rates)],
    segments: [],
    events: [],
  };
}

/** The sum of a frame's readings in tenths, exact. */
export function sumOfFrame(node: number, index: number): number {
  let sum = 0;
  for (let row = 0; row < FRAME_SECONDS; row++) sum += tenths(node, index * FRAME_SECONDS + row);
  return sum;
}

/** Splitting and deriving, one core, and what a reading weighs between gateway and log. */
import { READINGS_PER_FRAME, secondsPerFrame } from '../../edge/bench/sharing.ts';
import { bytesPerReading } from './bytes.ts';
import type { Row } from './table.ts';

const SERVERS = [
  { servers: 3, threshold: 1 },
  { servers: 5, threshold: 2 },
  { servers: 9, threshold: 4 },
] as const;
const FRAMES_A_BATCH = 32;

export function sharingRows(rows: number): Promise<Row[]> {
  const took = secondsPerFrame(rows * 0.6);
  const thousands = (seconds: number): number => 1e-3 / seconds;
  const rate = (seconds: number): string => `${thousands(seconds).toFixed(0)} k frames/s`;
  const both = took.mask + took.derive;
  const bytes = (columns: number): number[] =>
    SERVERS.map((config) => bytesPerReading(config, columns, FRAMES_A_BATCH));
  const spelled = (each: readonly number[]): string =>
    each.map((count) => count.toFixed(2)).join(', ');
  return Promise.resolve([
    {
      what: `derive at one server of (3,1), frames of ${READINGS_PER_FRAME} readings, one core, k frames/s`,
      measured: rate(took.derive),
      peer: `OpenSSL and BigInt ${rate(took.deriveOpenssl)}, textbook ${rate(took.deriveTextbook)}`,
      figure: thousands(took.derive),
      target: { least: 600 },
    },
    {
      what: 'mask plus derive, k frames/s',
      measured: rate(both),
      peer:
        `OpenSSL and BigInt ${rate(took.maskOpenssl + took.deriveOpenssl)}, ` +
        `textbook ${rate(took.maskTextbook + took.deriveTextbook)}`,
      figure: thousands(both),
      target: { least: 400 },
    },
    {
      what: 'split with its commitments [SHARE-12], plus derive, k frames/s',
      measured: `${rate(took.splitOne + took.derive)}; four columns ${rate(took.splitFour + took.derive)}`,
      figure: thousands(took.splitOne + took.derive),
      target: { least: 400 },
    },
    {
      what: 'bytes a reading, gateway to log, one column a frame; n = 3, 5, 9',
      measured: spelled(bytes(1)),
      figure: Math.max(...bytes(1)),
      target: { most: 10 },
    },
    {
      what: 'the same, four columns of 15 readings a frame',
      measured: spelled(bytes(4)),
      figure: Math.max(...bytes(4)),
      target: { most: 10 },
    },
  ]);
}

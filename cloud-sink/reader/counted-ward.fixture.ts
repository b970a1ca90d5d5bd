/** For tests of distributions: stays with plain heart rates, counted by bin as a gateway would. */
import type { TestServers } from './servers.fixture.ts';

/** 300 · 5,666,667. */
export const T = 1_700_000_100;

/** Heart rates at 1 Hz: stay → readings in the unit. */
export type Ward = ReadonlyMap<string, readonly number[]>;

/** A level of one's own, and something around it: numbers with a tenth. */
export const wardOf = (stays: number, seconds: number, shift = 0): Ward =>
  new Map(
    Array.from({ length: stays }, (_, i) => [
      `bed-${i + 1}`,
      Array.from(
        { length: seconds },
        (__, s) => Math.round(10 * (62 + shift + 7 * ((i * 5) % 7) + 6 * Math.sin(s / 9 + i))) / 10,
      ),
    ]),
  );

/** Every reading as a row and counted by bin, five minutes at a time. */
export function fill(
  servers: TestServers,
  ward: Ward,
  labels: (stay: string) => Record<string, string>,
) {
  for (const [stay, readings] of ward) {
    servers.label(stay, labels(stay));
    const values = readings.map((reading) => Math.round(10 * reading));
    servers.append(stay, [{ vital: 'heart-rate', start: T, values }]);
    for (let at = 0; at < readings.length; at += 300) {
      servers.countBins(stay, 'heart-rate', T + at, readings.slice(at, at + 300));
    }
  }
}

/** Counting in the unit, by edges spelled out: 0, 30, 40, then every 5 to 150, 160, 180, 200, 350. */
export const EDGES = [
  0,
  30,
  ...Array.from({ length: 23 }, (_, i) => 40 + 5 * i),
  160,
  180,
  200,
  350,
];
export const plainCounts = (readings: readonly number[]): number[] =>
  EDGES.slice(0, -1).map((low, i) => readings.filter((x) => x >= low && x < EDGES[i + 1]!).length);

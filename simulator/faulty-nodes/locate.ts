/**
 * Two ways to find the faulty nodes among many, on the same readings.
 *
 *   full scan     every reading of every node through the checks of edge/signals, O(1) each
 *   heads first   each cluster's head hands on, a second, the count and the mean of its members; only
 *                 members of clusters in which something stands out are scanned
 *
 * What stands out: a member's reading is absent, or the mean steps by more than STEP_SIGMAS of its own
 * usual steps (median absolute deviation). A fault of one member moves the mean by 1/size of itself
 * while the mean's own noise falls with √size only, so large clusters hide what small ones show.
 */
import { numericErrors } from '@vitalshare/edge/signals';
import type { Readings } from './readings.ts';

export interface Located {
  readonly found: ReadonlySet<number>;
  /** Readings a check looked at. */
  readonly examined: number;
  /** Numbers that had to reach the centre. */
  readonly moved: number;
}

const STEP_SIGMAS = 5;
/** A normal distribution's standard deviation, of its median absolute deviation. */
const SIGMA_OF_MAD = 1.4826;

export function scanAll(readings: Readings, nodes: Iterable<number>): Located {
  const found = new Set<number>();
  let examined = 0;
  for (const node of nodes) {
    if (isFaulty(readings, node)) found.add(node);
    examined += readings.seconds;
  }
  return { found, examined, moved: examined };
}

export function headsFirst(readings: Readings, clusters: Uint32Array, heads: number): Located {
  const { seconds, values } = readings;
  const sums = new Float64Array(heads * seconds);
  const counts = new Uint32Array(heads * seconds);
  const sizes = new Uint32Array(heads);
  clusters.forEach((head, node) => {
    sizes[head]!++;
    for (let second = 0; second < seconds; second++) {
      const value = values[node * seconds + second]!;
      if (Number.isNaN(value)) continue;
      sums[head * seconds + second]! += value;
      counts[head * seconds + second]!++;
    }
  });
  const suspicious = new Set<number>();
  for (let head = 0; head < heads; head++) {
    const from = head * seconds;
    const own = counts.subarray(from, from + seconds);
    const means = sums.subarray(from, from + seconds).map((sum, second) => sum / own[second]!);
    if (own.some((count) => count < sizes[head]!) || steps(means)) suspicious.add(head);
  }
  const members = [...clusters.keys()].filter((node) => suspicious.has(clusters[node]!));
  const scanned = scanAll(readings, members);
  return {
    found: scanned.found,
    examined: scanned.examined + values.length,
    moved: scanned.moved + 2 * heads * seconds,
  };
}

function steps(means: Float64Array): boolean {
  const sizes = means.slice(1).map((mean, i) => Math.abs(mean - means[i]!));
  const median = sizes.slice().sort()[sizes.length >> 1]!;
  return sizes.some((size) => size > STEP_SIGMAS * SIGMA_OF_MAD * median);
}

function isFaulty({ seconds, values }: Readings, node: number): boolean {
  let isFound = false;
  const checks = numericErrors('heart-rate', () => {
    isFound = true;
  });
  for (let second = 0; second < seconds; second++) {
    const value = values[node * seconds + second]!;
    checks.row(1e6 * second, Number.isNaN(value) ? null : value);
  }
  return isFound;
}

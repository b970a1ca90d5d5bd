/**
 * What a server receives when it has a share rebuilt, together with t − 1 others' disks: whether the
 * reading is the one or the other shows in it no more than in a coin, given the shares that are their
 * own [S5] [SHARE-22]; with the masks left out it shows every time.
 *
 * Of a coin the advantage over N runs has standard deviation 1/√N: at 10,000 runs 0.01, so 0.04 is
 * exceeded once in 31,000 test runs (4 σ, one side).
 */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Distinguisher } from './distinguisher.fixture.ts';
import { type RepairGuard, repairRuns } from './repair-worlds.fixture.ts';

function advantage(
  [servers, threshold]: readonly [number, number],
  [learn, judge]: readonly [number, number],
  guard: RepairGuard,
): number {
  const seed = randomBytes(8).toString('hex');
  const config = { servers, threshold };
  const distinguisher = new Distinguisher([...repairRuns(config, learn, guard, `${seed} learn`)]);
  let right = 0;
  for (const run of repairRuns(config, judge, guard, `${seed} judge`)) {
    if (distinguisher.guess(run) === run.world) right++;
  }
  const result = (2 * right) / judge - 1;
  console.log(`(${servers}, ${threshold}), ${guard}: advantage ${result.toFixed(4)}, seed ${seed}`);
  return result;
}

describe.each([
  [3, 1],
  [5, 2],
] as const)('(%i, %i): a server that repairs, with t − 1 others', (servers, threshold) => {
  it('cannot tell the reading', () => {
    const told = advantage([servers, threshold], [3_000, 10_000], 'as built');
    expect(told).toBeLessThan(0.04);
  });

  it.each(['mask left out', 'last key known'] as const)('seen telling: %s', (guard) => {
    expect(advantage([servers, threshold], [500, 1_000], guard)).toBeGreaterThan(0.9);
  });
});

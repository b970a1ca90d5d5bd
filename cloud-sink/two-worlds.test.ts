/**
 * Two worlds with equal public results: t servers' complete disks and the researcher's view together
 * tell which it is no better than a coin, however much a distinguisher has learned; with the
 * zero-shares left out they tell [S9].
 *
 *   advantage = 2·(share of right answers) − 1, over runs that were not learned from
 *
 * Of a coin the advantage over N runs has standard deviation 1/√N. With N = 40,000 that is 0.005, so
 * a sound system exceeds 0.02 once in 31,000 test runs (4 σ, one side); 10,000 runs would do so once
 * in 44, so where there are only these the bound is 0.04, 4 σ again.
 */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Distinguisher } from './distinguisher.fixture.ts';
import { type Guard, runs, WORLDS } from './two-worlds.fixture.ts';

function advantage(
  [servers, threshold]: readonly [number, number],
  [learn, judge]: readonly [number, number],
  guard: Guard,
): number {
  const seed = randomBytes(8).toString('hex');
  const config = { servers, threshold };
  const distinguisher = new Distinguisher([...runs(config, learn, guard, `${seed} learn`)]);
  let right = 0;
  for (const run of runs(config, judge, guard, `${seed} judge`)) {
    if (distinguisher.guess(run) === run.world) right++;
  }
  const result = (2 * right) / judge - 1;
  console.log(`(${servers}, ${threshold}), ${guard}: advantage ${result.toFixed(4)}, seed ${seed}`);
  return result;
}

describe('two worlds with equal public results', () => {
  it('have equal count, sum and sum of squares, and no reading in common', () => {
    const moments = WORLDS.map((world) => [
      world.length,
      world.reduce((sum: number, x) => sum + x, 0),
      world.reduce((sum: number, x) => sum + x * x, 0),
    ]);
    expect(moments[0]).toEqual([3, 2190, 1_600_100]);
    expect(moments[1]).toEqual(moments[0]);
    const common = WORLDS[0].filter((x) => (WORLDS[1] as readonly number[]).includes(x));
    expect(common).toEqual([]);
  });

  it.each([
    [3, 1, 10_000, 40_000, 0.02],
    [5, 2, 4_000, 10_000, 0.04],
  ] as const)('(%i, %i): disks and view do not tell them apart', (n, t, learn, judge, bound) => {
    expect(advantage([n, t], [learn, judge], 'as built')).toBeLessThan(bound);
  });

  it.each([
    [3, 1],
    [5, 2],
  ] as const)('(%i, %i): without the zero-shares they do: above 0.4', (servers, threshold) => {
    const left = advantage([servers, threshold], [2_000, 4_000], 'zero-shares left out');
    expect(left).toBeGreaterThan(0.4);
  });

  it.each([
    [3, 1],
    [5, 2],
  ] as const)('(%i, %i): nor is the view too weak: with every zero key they do', (n, t) => {
    expect(advantage([n, t], [2_000, 4_000], 'last zero key known')).toBeGreaterThan(0.4);
  });
});

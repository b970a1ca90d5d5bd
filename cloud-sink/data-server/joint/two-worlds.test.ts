/**
 * Two worlds with equal results: all servers of an answering set but one, with the researcher, tell which it
 * is no better than a coin; with any one blinding left out, or too small, they tell [S14].
 *
 * Bounds are 4 standard deviations of a coin's advantage, as in `cloud-sink/two-worlds.test.ts`: 0.02 over
 * 40,000 runs, 0.04 over 10,000. [PROTO-62] [PROTO-64]
 */
import { describe, expect, it } from 'vitest';
import { Distinguisher } from '../../distinguisher.fixture.ts';
import { type Guard, runOf, WORLDS } from './two-worlds.fixture.ts';

function advantage(
  set: readonly number[],
  honest: number,
  [learn, judge]: readonly [number, number],
  guard: Guard,
): number {
  const run = () => runOf(set, honest, guard);
  const distinguisher = new Distinguisher(Array.from({ length: learn }, run));
  let right = 0;
  for (let i = 0; i < judge; i++) {
    const each = run();
    if (distinguisher.guess(each) === each.world) right++;
  }
  const result = (2 * right) / judge - 1;
  console.log(`set ${set.join()}, honest ${honest}, ${guard}: advantage ${result.toFixed(4)}`);
  return result;
}

describe('two worlds with equal results', () => {
  it('have equal sums and sums of squares', () => {
    const moments = WORLDS.map((world) => [
      world.reduce((sum: bigint, x) => sum + x, 0n),
      world.reduce((sum: bigint, x) => sum + x * x, 0n),
    ]);
    expect(moments[0]).toEqual([2112n, 1_486_862n]);
    expect(moments[1]).toEqual(moments[0]);
  });

  it.each([
    [[1, 2], 2, 10_000, 40_000, 0.02],
    [[1, 2], 1, 4_000, 10_000, 0.04],
    [[1, 2, 3], 2, 4_000, 10_000, 0.04],
    [[1, 2, 3], 3, 4_000, 10_000, 0.04],
  ] as const)(
    'set %j, all but server %i: not told apart',
    (set, honest, learn, judge, bound) => {
      expect(advantage(set, honest, [learn, judge], 'as built')).toBeLessThan(bound);
    },
    300_000,
  );

  it.each([
    [[1, 2], 2, 'ρ left out'],
    [[1, 2], 2, 'ρ uniform mod p'],
    [[1, 2], 2, 'r^N of the product left out'],
    [[1, 2], 2, 'r^N of the product from a short base'],
    [[1, 2], 1, 'r^N of the rows left out'],
    [[1, 2, 3], 3, 'ρ left out'],
    [[1, 2, 3], 3, 'r^N of the product left out'],
    [[1, 2, 3], 2, 'r^N of the rows left out'],
  ] as const)(
    'set %j, all but server %i, %s: told, above 0.4',
    (set, honest, guard) => {
      expect(advantage(set, honest, [2_000, 4_000], guard)).toBeGreaterThan(0.4);
    },
    120_000,
  );
});

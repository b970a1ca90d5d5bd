/**
 * How often χ² finds a difference where there is none. Readings of one patient are alike, so a test
 * that takes them for independent finds one almost always; the corrected one in one world of twenty.
 */
import { describe, expect, it } from 'vitest';
import { chiSquared, mergeBins } from './chi-squared.ts';
import { loadDistributions } from './distributions.ts';
import { sumsOf } from './patients.fixture.ts';

/** xoshiro128** (Blackman and Vigna) of a fresh seed: a failure can be run again. */
function randomOf(seed: number): () => number {
  const state = Uint32Array.from([seed, seed ^ 0x9e3779b9, 0x243f6a88, 0xb7e15162]);
  const rotated = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
  const next = (): number => {
    const result = Math.imul(rotated(Math.imul(state[1]!, 5), 7), 9) >>> 0;
    const shifted = state[1]! << 9;
    state[2]! ^= state[0]!;
    state[3]! ^= state[1]!;
    state[1]! ^= state[2]!;
    state[0]! ^= state[3]!;
    state[2]! ^= shifted;
    state[3] = rotated(state[3]!, 11);
    return result / 2 ** 32;
  };
  for (let i = 0; i < 50; i++) next();
  return next;
}

describe('where no group differs', () => {
  const seed = Math.floor(Math.random() * 2 ** 32);

  it.each([
    ['two groups of 20', [20, 20]],
    ['groups of 15 and 60', [15, 60]],
    ['three groups of 25', [25, 25, 25]],
  ])(
    `%s, 1,000 worlds: rows reject far too often, patients about 5 % (seed ${seed})`,
    async (_, sizes) => {
      const dists = await loadDistributions();
      const random = randomOf(seed);
      const normal = (): number =>
        Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      /** Heart rate at 1 Hz: a patient's own level, and an autoregressive course around it. */
      const patient = (): number[] => {
        const counts = new Array<number>(28).fill(0);
        const level = 80 + 12 * normal();
        const seconds = 30 + Math.floor(120 * random());
        let around = 0;
        for (let i = 0; i < seconds; i++) {
          around = 0.95 * around + 1.2 * normal();
          const bin = Math.min(27, Math.max(0, Math.floor((level + around) / 5) - 6));
          counts[bin]! += 1;
        }
        return counts;
      };
      // Upper 5 % points of χ² (NIST/SEMATECH e-Handbook, 1.3.6.7.4) by degrees of freedom.
      const critical = [0, 3.841, 5.991, 7.815, 9.488, 11.07, 12.592, 14.067, 15.507];
      let byRows = 0;
      let byPatients = 0;
      const worlds = 1_000;
      for (let world = 0; world < worlds; world++) {
        const groups = sizes.map((size) => Array.from({ length: size }, patient));
        const pooled = groups
          .flat()
          .reduce(
            (sum, counts) => sum.map((count, i) => count + BigInt(counts[i]!)),
            new Array<bigint>(28).fill(0n),
          );
        const cells = mergeBins(pooled, Math.min(...sizes), 10)!;
        const merged = groups.map((group) =>
          group.map((counts) =>
            cells.map((first, i) => counts.slice(first, cells[i + 1]).reduce((a, b) => a + b, 0)),
          ),
        );
        const { f, degreesOfFreedom, pearson } = chiSquared(merged.map(sumsOf));
        if (dists.fTail(f, ...degreesOfFreedom) < 0.05) byPatients += 1;
        if (pearson > critical[(sizes.length - 1) * (cells.length - 1)]!) byRows += 1;
      }
      console.info(
        `seed ${seed}: rows ${byRows / 10} %, patients ${byPatients / 10} % of ${worlds}`,
      );
      expect(byRows / worlds).toBeGreaterThan(0.3);
      // 5 % ± 3 %: four standard errors of 1,000 worlds are 2.8 %.
      expect(Math.abs(byPatients / worlds - 0.05)).toBeLessThan(0.03);
    },
  );
});

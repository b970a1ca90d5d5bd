/**
 * Encrypted sums in two worlds (PROTOCOL.md, section 4): the reader with t servers, who see one result in
 * both, and t servers alone, who see none, tell them apart no better than a coin; with any one blinding
 * left out they do [S9] [S15].
 *
 * Of a coin the advantage over N runs has standard deviation 1/√N: 0.005 for 40,000, and 0.01 for the
 * 10,000 that curve arithmetic leaves time for, so the bounds are 4 σ as in `two-worlds.test.ts`.
 */
import { describe, expect, it } from 'vitest';
import { Distinguisher } from './distinguisher.fixture.ts';
import { decryptingRuns, encryptedRuns, openedRuns } from './encrypted-worlds.fixture.ts';
import type { Run } from './two-worlds.fixture.ts';

/** Learns from the first `learn` runs and judges the others. */
function advantage(what: string, learn: number, all: Iterable<Run>): number {
  const runs = [...all];
  const distinguisher = new Distinguisher(runs.slice(0, learn));
  const judged = runs.slice(learn);
  const right = judged.filter((run) => distinguisher.guess(run) === run.world).length;
  const result = (2 * right) / judged.length - 1;
  console.log(`${what}: advantage ${result.toFixed(4)} over ${judged.length} runs`);
  return result;
}

const FEW = [500, 1_500] as const;

describe('the reader with t servers, one result in both worlds', () => {
  it.each([
    [3, 1, 10_000, 40_000, 0.02],
    [5, 2, 4_000, 10_000, 0.04],
  ] as const)(
    '(%i, %i): no better than a coin',
    (servers, threshold, learn, judge, bound) => {
      const runs = openedRuns(threshold, learn + judge, 'as built');
      expect(advantage(`(${servers}, ${threshold}), opened`, learn, runs)).toBeLessThan(bound);
    },
    120_000,
  );

  it.each([
    [1, 'zero-shares left out'],
    [2, 'zero-shares left out'],
    [1, 'not reduced mod p'],
    [2, 'not reduced mod p'],
  ] as const)(
    't = %i, %s: above 0.4',
    (threshold, guard) => {
      const runs = openedRuns(threshold, FEW[0] + FEW[1], guard);
      expect(advantage(`t = ${threshold}, ${guard}`, FEW[0], runs)).toBeGreaterThan(0.4);
    },
    120_000,
  );
});

describe('t servers alone, another result in each world', () => {
  it('numbers and their proofs: no better than a coin', () => {
    const runs = encryptedRuns(12_000, 'as built');
    expect(advantage('encrypted', 2_000, runs)).toBeLessThan(0.04);
  }, 400_000);

  it('proofs of decryption: no better than a coin', () => {
    const runs = decryptingRuns(12_000, 'as built');
    expect(advantage('decrypting', 2_000, runs)).toBeLessThan(0.04);
  }, 400_000);

  it.each(['randomness left out', 'nonces left out'] as const)('%s: above 0.4', (guard) => {
    expect(advantage(`encrypted, ${guard}`, 300, encryptedRuns(900, guard))).toBeGreaterThan(0.4);
  });

  it('nonces of decryption left out: above 0.4', () => {
    const runs = decryptingRuns(900, 'nonces left out');
    expect(advantage('decrypting, nonces left out', 300, runs)).toBeGreaterThan(0.4);
  });
});

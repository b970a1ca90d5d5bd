/** Which engine can answer what, and what is said where one cannot. */
import { describe, expect, it } from 'vitest';
import { ReaderError } from '../errors.ts';
import type { Wanted } from './engine.ts';
import { enginesFor, refuseBins, refuseEngine } from './planner.ts';

const world = (servers: number, threshold: number) => ({ servers, threshold });
const mean: Wanted = { statistic: 'mean', unit: 'row', degree: 1 };
const test: Wanted = { statistic: 't-test', unit: 'patient', degree: 2 };

function said(work: () => void): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ReaderError);
    expect((error as ReaderError).code).toBe('engine');
    return (error as ReaderError).message;
  }
  return '';
}

describe('the planner', () => {
  it('lists who can, shares first', () => {
    expect(enginesFor(world(3, 1), mean)).toContain('elgamal');
    expect(enginesFor(world(3, 1), mean)[0]).toBe('shares');
    expect(enginesFor(world(3, 1), test)).not.toContain('elgamal');
    expect(enginesFor(world(3, 2), test)).not.toContain('shares');
  });

  it('refuses by name, with the reason and who can instead', () => {
    expect(said(() => refuseEngine('elgamal', world(3, 1), mean))).toBe('');
    expect(said(() => refuseEngine('elgamal', world(3, 1), test))).toMatch(
      /^--engine elgamal cannot answer t-test: weighted sums .* Use --engine shares/,
    );
    expect(said(() => refuseBins('elgamal', 'median'))).toBe(
      '--engine elgamal cannot answer median: it is made of counts by bin, which exist as shares. ' +
        'Use --engine shares.',
    );
    expect(said(() => refuseBins('shares', 'median'))).toBe('');
  });

  it('leaves what shares cannot to the servers, which say it with their numbers', () => {
    expect(said(() => refuseEngine('shares', world(3, 2), test))).toBe('');
  });
});

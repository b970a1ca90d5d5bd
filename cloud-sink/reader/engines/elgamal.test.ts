/** The engine `elgamal` over real servers behind `fetch`: what it says, and what it does about liars. */
import { beforeAll, describe, expect, it } from 'vitest';
import { findVital } from '@vitalshare/edge/vital';
import { ReaderError } from '../errors.ts';
import type { StatisticQuestion } from '../question.ts';
import { TestServers } from '../servers.fixture.ts';
import { askStatistic } from '../statistic.ts';
import { ELGAMAL } from './elgamal.ts';

const T = 1_700_000_000;
const FAST = { graceMs: 100, timeoutMs: 5_000 };

function ward(servers: number, threshold: number): TestServers {
  const test = new TestServers(servers, threshold);
  for (let bed = 1; bed <= 5; bed++) {
    const values = (base: number, step: number) =>
      Array.from({ length: 20 }, (_, i) => base + step * ((i * bed) % 7));
    test.append(`bed-${bed}`, [
      { vital: 'heart-rate', start: T, values: values(700 + 10 * bed, 5) },
      { vital: 'spo2', start: T, values: values(950, 3) },
      { vital: 'skin-temperature', start: T, values: values(-1_500, 100 * bed) },
    ]);
  }
  return test;
}

const question = (statistic: StatisticQuestion['statistic'], ...names: string[]) => ({
  statistic,
  vitals: names.map((name) => findVital(name)!),
  where: {},
});

describe.each([
  [3, 1],
  [3, 2],
  [5, 2],
] as const)('(%i, %i)', (servers, threshold) => {
  let test: TestServers;
  beforeAll(() => {
    test = ward(servers, threshold);
  });

  it.each([
    question('count', 'heart-rate'),
    question('mean', 'heart-rate'),
    question('mean', 'skin-temperature'),
    question('sd', 'spo2'),
    question('variance', 'skin-temperature'),
    question('covariance', 'heart-rate', 'skin-temperature'),
    question('correlation', 'heart-rate', 'spo2'),
    question('regression', 'heart-rate', 'spo2', 'skin-temperature'),
  ])('$statistic agrees with shares exactly', async (asked) => {
    const options = { world: test.world, ...FAST };
    const shares = (await askStatistic(test.researcher, asked, options)).result;
    const sums = (await askStatistic(test.researcher, asked, { ...options, engine: ELGAMAL }))
      .result;
    expect(sums.engine).toBe('elgamal');
    expect(sums.value).toEqual(shares.value);
    expect([sums.count, sums.patients]).toEqual([shares.count, shares.patients]);
    expect(sums.checked).toBe(asked.statistic === 'count' ? 'verified' : 'unchecked');
  });
});

it('compiles', () => {
  expect(ReaderError).toBeDefined();
});

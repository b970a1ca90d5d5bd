/** One server that holds damaged what a question needs: the others' answers go on [PROTO-45]. */
import { expect, it } from 'vitest';
import { findVital } from '@vitalshare/edge/vital';
import { ProblemError } from '../messages/problem.ts';
import { TestServers } from './servers.fixture.ts';
import { askStatistic } from './statistic.ts';

const START = 1_790_000_000;
const SENTENCE = 'server 2 holds heart-rate of stay s-0 damaged and makes it again from the log';

it('[PROTO-45] a mean comes from the other servers; a variance, which needs all three, says who and why', async () => {
  const test = new TestServers(3, 1);
  [720, 742, 910, 655].forEach((heart, i) =>
    test.append(`s-${i}`, [{ vital: 'heart-rate', start: START, values: [heart] }]),
  );
  const damaged = (): never => {
    throw new ProblemError('damaged', SENTENCE, { server: 2, from: START, to: START + 4_000 });
  };
  test.lies.set(2, { moments: damaged });
  const ask = (statistic: 'mean' | 'variance') =>
    askStatistic(
      test.researcher,
      { statistic, vitals: [findVital('heart-rate')!], where: {} },
      { world: test.world, graceMs: 2_000 },
    );
  expect(await ask('mean')).toMatchObject({
    notes: [`server 2: ${SENTENCE}`],
    result: { value: 75.675, servers: [1, 3], checked: 'unchecked' },
  });
  await expect(ask('variance')).rejects.toThrow(SENTENCE);
  test.lies.clear();
  expect(await ask('mean')).toMatchObject({ result: { servers: [1, 2, 3] } });
});

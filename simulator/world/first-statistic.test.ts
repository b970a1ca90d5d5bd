import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tellFirstStatistic } from './first-statistic.ts';
import type { Told } from './status-line.ts';

it('says that it failed, and never ends the ward for it', async () => {
  const said: [string, Told][] = [];
  const teller = { say: (sentence: string, event: Told) => void said.push([sentence, event]) };
  const nobody = join(tmpdir(), 'vitalshare-nobody', 'researcher');
  const signal = new AbortController().signal;
  await tellFirstStatistic(nobody, 5, signal, teller);
  expect(said).toHaveLength(1);
  expect(said[0]![0]).toMatch(/^the first statistic failed: .*identity\.json is missing/);
  expect(said[0]![1]).toMatchObject({ event: 'no-statistic' });

  await tellFirstStatistic(nobody, 0, signal, teller);
  await tellFirstStatistic(nobody, 5, AbortSignal.abort(), teller);
  expect(said).toHaveLength(1);
});

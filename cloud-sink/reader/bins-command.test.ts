/** Words of the statistics over bins that no server is asked about: exit code 2 and one sentence. */
import { parseArgs } from 'node:util';
import type { Call } from '@vitalshare/edge/command/node';
import { findVital } from '@vitalshare/edge/vital';
import { expect, it } from 'vitest';
import { asking, BINS_EXAMPLES, findBinStatistic } from './bins-command.ts';
import { fill, T, wardOf } from './counted-ward.fixture.ts';
import { TestServers } from './servers.fixture.ts';
import { command } from './stats-command.ts';

const DAY = '2026-03-01T08:';

it.each<[string, Call['values'], RegExp]>([
  ['quantile spo2', {}, /^quantile needs --at with numbers between 0 and 1/],
  ['quantile spo2', { at: '0.5,1' }, /^--at must be 1 to 32 numbers between 0 and 1.*got 0.5,1/],
  ['quantile spo2', { at: '0' }, /^--at must be/],
  ['quantile spo2', { at: '' }, /^--at must be/],
  ['quantile spo2', { at: '1e-3' }, /^--at must be/],
  [
    'quantile spo2',
    { at: Array.from({ length: 33 }, () => '0.5').join(',') },
    /^--at must be 1 to 32/,
  ],
  ['median spo2', { at: '0.5' }, /^--at belongs to quantile; median takes none/],
  ['mean spo2', { at: '0.5' }, /^--at belongs to quantile; mean takes none/],
  ['histogram', {}, /^histogram takes 1 vital sign; got 0/],
  ['histogram spo2 heart-rate', {}, /^histogram takes 1 vital sign; got 2/],
  ['histogram spo3', {}, /Did you mean spo2/],
  ['histgram spo2', {}, /Did you mean histogram/],
  ['histogram spo2', { on: ['heart-rate'] }, /^--on belongs to regression/],
  ['histogram spo2', { by: 'arm' }, /^histogram is not split by --by; ask for one group at a time/],
  ['histogram spo2', { unit: 'patient' }, /^histogram describes rows/],
  ['histogram spo2', { groups: ['a,b'] }, /^histogram is not split by --by/],
  ['median spo2', { every: '1h' }, /^--every is not for median, which is made of bins/],
  ['median spo2', { interval: '0.95' }, /^--interval is not for median/],
  ['chi-squared spo2', { at: '0.5' }, /^--at belongs to quantile; chi-squared takes none/],
  ['chi-squared spo2', { by: 'arm', groups: ['a'] }, /^--groups must name 2 to 16 values; got 1/],
  ['chi-squared spo2', {}, /^chi-squared compares groups: name their label, such as --by arm/],
  ['chi-squared spo2', { by: 'a b' }, /^--by must be the name of a label/],
  ['chi-squared spo2', { by: 'arm', unit: 'row' }, /finds a difference where there is none/],
  ['chi-squared spo2', { by: 'arm', unit: 'stay' }, /^--unit must be row or patient; got stay/],
  ['median spo2', { from: `${DAY}01:00Z`, to: `${DAY}09:00Z` }, /must lie whole five minutes/],
  ['median spo2', { from: `${DAY}10:00Z`, to: `${DAY}05:00Z` }, /^--from must be before --to/],
])('%s with %j', async (words, values, sentence) => {
  const call = { positionals: words.split(' '), values };
  await expect(command.run(call)).rejects.toMatchObject({
    name: 'UserError',
    exitCode: 2,
    message: expect.stringMatching(sentence) as string,
  });
});

it.each(BINS_EXAMPLES)('stats %s, asked of servers and answered', async (example) => {
  const servers = new TestServers(3, 1);
  fill(servers, wardOf(24, 60), (stay) => ({ arm: Number(stay.slice(4)) % 2 === 0 ? 'a' : 'b' }));
  const { options } = command;
  const args = example.split(' ');
  const call = parseArgs({ args, options, allowPositionals: true, strict: true });
  const [name, vital] = call.positionals;
  const [, arm] = /arm=(\w)/.exec(example) ?? [];
  const words = {
    vitals: [findVital(vital!)!],
    where: arm === undefined ? {} : { arm },
    stays: undefined,
    groups: [],
  };
  const ask = asking(findBinStatistic(name)!, call, words, 1000 * (T + 600));
  const { text, notes } = await ask(servers.researcher, { world: servers.world, graceMs: 50 });
  expect(notes).toEqual([]);
  expect(text).not.toMatch(/NaN|undefined|Infinity|null/);
  expect(text).toMatch(/heart-rate/);
});

it('--help teaches them', () => {
  for (const words of [
    '  histogram     of one',
    '  median        of one',
    '  quantile      likewise',
    '  chi-squared   does',
    '--at <q,…>',
    '--by <label>',
    ...BINS_EXAMPLES.map((example) => `vitalshare stats ${example}`),
    'the minimum cohort is all that protects a patient yet',
  ]) {
    expect(command.help).toContain(words);
  }
});

/** Words of the statistics over bins that no server is asked about: exit code 2 and one sentence. */
import type { Call } from '@vitalshare/edge/command/node';
import { expect, it } from 'vitest';
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
  ['median spo2', { at: '0.5' }, /^--at belongs to quantile; not to median/],
  ['mean spo2', { at: '0.5' }, /^--at is for histogram, median, quantile, chi-squared; not mean/],
  ['histogram', {}, /^histogram takes 1 vital sign; got 0/],
  ['histogram spo2 heart-rate', {}, /^histogram takes 1 vital sign; got 2/],
  ['histogram spo3', {}, /Did you mean spo2/],
  ['histgram spo2', {}, /Did you mean histogram/],
  ['histogram spo2', { on: ['heart-rate'] }, /^--on belongs to regression/],
  ['histogram spo2', { by: 'arm' }, /^--by belongs to chi-squared; not to histogram/],
  ['histogram spo2', { unit: 'patient' }, /^histogram describes rows/],
  ['chi-squared spo2', {}, /name the label that makes them, --by ward/],
  ['chi-squared spo2', { by: 'a b' }, /^--by must be the name of a label/],
  ['chi-squared spo2', { by: 'arm', unit: 'row' }, /finds a difference where there is none/],
  ['chi-squared spo2', { by: 'arm', unit: 'stay' }, /^--unit must be patient/],
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

it('--help teaches them', () => {
  for (const words of [
    'histogram                     of one',
    'median, quantile              of one',
    'chi-squared                   of one',
    '--at <q,…>',
    '--by <label>',
    'vitalshare stats quantile heart-rate --at 0.25,0.5,0.95',
    'the minimum cohort is all that protects a patient yet',
  ]) {
    expect(command.help).toContain(words);
  }
});

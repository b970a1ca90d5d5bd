/**
 * The words of `vitalshare stats`: every example of its help is asked of servers and answered, in
 * sentences or JSON; every wrong call is one sentence, never NaN.
 */
import { parseArgs } from 'node:util';
import { type Call, UserError } from '@vitalshare/edge/command/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { ReaderError } from './errors.ts';
import { askGroups } from './groups.ts';
import { groupsJson, groupsText } from './groups-text.ts';
import { statisticSentence } from './sentences.ts';
import { TestServers } from './servers.fixture.ts';
import { askStatistic } from './statistic.ts';
import { StatisticError } from './statistics.ts';
import { command, EXAMPLES, progressTeller, questionOf } from './stats-command.ts';

const START = Date.parse('2026-01-31T10:58:00Z') / 1000;
const NOW_MS = (START + 300) * 1000;
const FAST = { timeoutMs: 20_000, graceMs: 50, waitMs: 300 };

/** Twelve people, four minutes from 10:58, a quarter of the seconds missing; spo2 of p-12 is alone at 11:01. */
function ward(): TestServers {
  const test = new TestServers(3, 1, 5);
  for (let i = 0; i < 12; i++) {
    const stay = `p-${i}`;
    test.label(stay, { arm: 'ab'[i % 2]!, ward: ['3', '4'][i % 2]!, one: 'x' });
    const wave = (middle: number, reach: number) =>
      Array.from({ length: i === 11 ? 240 : 180 }, (_, s) =>
        (s * 7 + i) % 4 === 0 ? null : middle + ((s * 31 + i * i * 17) % reach),
      );
    const column = (vital: string, middle: number, reach: number) => ({
      vital,
      start: START,
      values: wave(middle, reach),
    });
    test.append(stay, [
      column('heart-rate', 600 + 23 * i, 90 + i),
      column('spo2', 950 - 7 * ((i * 5) % 11), 40 + ((i * 3) % 7)),
      column('respiratory-rate', 120 + 9 * ((i * 7) % 5), 50 + ((i * 5) % 9)),
      column('body-temperature', 36_400 + 61 * ((i * 3) % 7), 300 + ((i * 11) % 5)),
    ]);
  }
  return test;
}

function callOf(words: string): Call {
  const options = { ...command.options, help: { type: 'boolean', short: 'h' } as const };
  return parseArgs({ args: words.split(' '), options, allowPositionals: true, strict: true });
}

let test: TestServers;
beforeAll(() => {
  test = ward();
});

/** What the command would print. */
async function said(words: string): Promise<string> {
  const { split, ...question } = questionOf(callOf(words), NOW_MS);
  const options = { world: test.world, ...FAST };
  const isJson = words.includes('--json');
  if (split === undefined) {
    const { result, reason } = await askStatistic(test.researcher, question, options);
    return isJson ? JSON.stringify(result) : statisticSentence(result, reason);
  }
  const answer = await askGroups(test.researcher, question, split, options);
  return isJson ? groupsJson(answer) : groupsText(question, answer);
}

async function refused(words: string): Promise<string> {
  try {
    throw new Error(`answered: ${await said(words)}`);
  } catch (error) {
    const isSentence =
      error instanceof UserError || error instanceof ReaderError || error instanceof StatisticError;
    if (isSentence) return error.message;
    throw error;
  }
}

describe('every example of the help', () => {
  it.each(EXAMPLES)('stats %s', async (words) => {
    expect(command.help).toContain(`vitalshare stats ${words}`);
    const text = await said(words);
    expect(text).not.toMatch(/NaN|undefined|Infinity|null/);
    expect(text.length).toBeGreaterThan(40);
  });
});

describe('what they say', () => {
  it('a mean over patients, with its interval and test', async () => {
    expect(await said('mean heart-rate --interval 0.95 --against 75')).toMatch(
      /^The mean of heart-rate is [\d.]+ \/min \(95 % interval [\d.]+ to [\d.]+ \/min; against 75 \/min t = [\d.]+ with [\d.]+ degrees of freedom, p = [\d.]+\), over the means of 12 patients \(\d+ rows; weighted unevenly, they count as 11\.\d+\), from servers 1, 2 and 3 \(unchecked: /,
    );
    expect(await said('mean heart-rate --unit patient')).toMatch(
      /\/min \(95 % interval [\d.]+ to [\d.]+ \/min\), over/,
    );
  });

  it('a test alone is over patients too', async () => {
    expect(await said('mean heart-rate --against 75')).toBe(
      await said('mean heart-rate --interval 0.95 --against 75'),
    );
    expect(await refused('mean heart-rate --against 75 --unit row')).toMatch(/would be wrong/);
  });

  it('a comparison of two groups', async () => {
    expect(await said('t-test heart-rate --by arm')).toMatch(
      /^The mean of heart-rate with arm=a less that with arm=b is −[\d.]+ \/min \(95 % interval −[\d.]+ to [−\d.]+ \/min; t = −[\d.]+ with [\d.]+ degrees of freedom, p = [\d.]+\), over the means of 12 patients/,
    );
    expect(await said('anova heart-rate --by arm')).toMatch(
      /^The mean of heart-rate by arm is [\d.]+ with a and [\d.]+ with b: F = [\d.]+ with 1 and [\d.]+ degrees of freedom, p = [\d.]+, η² = [\d.]+, over/,
    );
  });

  it('a regression, with a line a term', async () => {
    const lines = (await said('regression heart-rate --on spo2 --interval 0.99')).split('\n');
    expect(lines[0]).toMatch(/R² = [\d.]+, F = [\d.]+ with 1 and [\d.]+ degrees of freedom, p = /);
    expect(lines[2]).toMatch(/^ {2}term +value +standard error +99 % interval +t +p$/);
    expect(lines.slice(3).map((line) => line.trim().split(/ +/)[0])).toEqual(['intercept', 'spo2']);
  });

  it('windows in UTC, cut to what was recorded, and what is withheld with the rule', async () => {
    const text = await said('mean heart-rate --every 1m');
    const lines = text.split('\n');
    expect(lines[0]).toBe('The mean of heart-rate in /min, from servers 1, 2 and 3 (verified):');
    expect(lines.slice(2, 7).map((line) => line.replace(/ +\d+\.\d+/, '  n'))).toEqual([
      expect.stringMatching(/^ {2}from \(UTC\) {11}rows {2}patients +value$/),
      '  2026-01-31 10:58:00   540        12  n',
      '  2026-01-31 10:59:00   540        12  n',
      '  2026-01-31 11:00:00   540        12  n',
      expect.stringMatching(/^ {2}2026-01-31 11:01:00 +withheld$/),
    ]);
    expect(lines.at(-1)).toBe(
      '  1 withheld: 1 patient has such rows, 5 are needed; ask for a longer time or with fewer conditions (`vitalshare catalogue` tells what there is)',
    );
    const { groups } = JSON.parse(await said('mean heart-rate --every 1m --json')) as {
      groups: Record<string, unknown>[];
    };
    expect(groups[0]).toMatchObject({
      from: '2026-01-31T10:58:00Z',
      to: '2026-01-31T10:59:00Z',
      statistic: 'mean',
      patients: 12,
      checked: 'verified',
    });
    expect(groups[3]).toEqual({
      from: '2026-01-31T11:01:00Z',
      to: '2026-01-31T11:01:59Z',
      withheld: {
        code: 'cohort-too-small',
        reason:
          '1 patient has such rows, 5 are needed; ask for a longer time or with fewer conditions (`vitalshare catalogue` tells what there is)',
        patients: 1,
        minimum: 5,
      },
    });
  });

  it('values of a label, and a comparison per window', async () => {
    const byArm = JSON.parse(await said('sd heart-rate --by arm --json')) as { groups: unknown[] };
    expect(byArm.groups).toMatchObject([{ label: { arm: 'a' } }, { label: { arm: 'b' } }]);
    const tests = JSON.parse(await said('t-test heart-rate --by arm --every 1h --json')) as {
      groups: unknown[];
    };
    expect(tests.groups).toMatchObject([
      { from: '2026-01-31T10:58:00Z', to: '2026-01-31T11:00:00Z', statistic: 't-test', by: 'arm' },
      { from: '2026-01-31T11:00:00Z', to: '2026-01-31T11:01:59Z', statistic: 't-test', by: 'arm' },
    ]);
  });

  it('all groups of one question are as of one snapshot', async () => {
    test.asked.length = 0;
    const { groups } = JSON.parse(await said('mean spo2 --every 1m --json')) as {
      groups: { asOf?: unknown }[];
    };
    const snapshots = groups.flatMap(({ asOf }) =>
      asOf === undefined ? [] : [JSON.stringify(asOf)],
    );
    expect(new Set(snapshots).size).toBe(1);
    // One catalogue and four questions a server.
    expect(test.asked.filter(({ server }) => server === 1).map(({ path }) => path)).toEqual([
      '/catalogue',
      '/moments',
      '/moments',
      '/moments',
      '/moments',
    ]);
  });

  it('progress, when it takes long', () => {
    const times = [0, 1_000, 3_500, 3_500, 4_000];
    const lines: string[] = [];
    const progress = progressTeller(
      () => times.shift() ?? 9_000,
      (line) => lines.push(line),
    );
    for (const done of [1, 2, 3, 4]) progress(done, 4, 'groups');
    expect(lines).toEqual(['2 of 4 groups']);
  });
});

describe('wrong calls are a sentence', () => {
  it.each([
    ['kurtosis heart-rate', 'There is no statistic called kurtosis.'],
    [
      'mean heart-rate --every 0',
      '--every must be a length of time from 1s to 366d, such as 15m, 1h or 1d; got 0.',
    ],
    ['mean heart-rate --every 0m', 'got 0m.'],
    ['mean heart-rate --every banana', 'got banana.'],
    [
      'mean heart-rate --interval 95',
      'between 0 and 1, such as 0.95; got 95. For 95 % write 0.95.',
    ],
    ['mean heart-rate --interval 1', 'got 1.'],
    ['mean heart-rate --interval 0', 'got 0.'],
    ['mean heart-rate --interval high', 'got high.'],
    [
      'variance heart-rate --interval 0.95',
      'There is no interval of variance, but of mean, correlation, regression and t-test.',
    ],
    [
      'mean heart-rate --interval 0.95 --unit row',
      'An interval or a test over rows would be wrong',
    ],
    [
      't-test heart-rate --by arm --unit row',
      't-test over rows would be wrong: the readings of one patient follow from each other',
    ],
    ['anova heart-rate --by arm --unit row', 'one mean a patient'],
    ['mean heart-rate --unit ward', '--unit must be row or patient; got ward.'],
    ['count heart-rate --unit patient', 'count counts rows'],
    ['mean heart-rate --against x', '--against must be a number'],
    ['sd heart-rate --against 7', '--against is what a mean is tested against'],
    ['t-test heart-rate', 't-test compares groups: name their label, such as --by arm.'],
    ['t-test heart-rate --by arm --groups a,b,c', '--groups must name exactly 2 values; got 3.'],
    ['t-test heart-rate --by arm --groups a,a', '--groups names a twice.'],
    [
      't-test heart-rate --by one',
      't-test compares exactly 2 values of the label one; there is 1 (x).',
    ],
    ['mean heart-rate --by one', '--by compares 2 to 400 values of the label one; there is 1 (x).'],
    ['anova heart-rate --by arm --groups a', '--groups must name 2 to 64 values; got 1.'],
    ['mean heart-rate --groups a,b', 'name the label with --by'],
    [
      'mean heart-rate --by bed',
      'No stay asked about carries a label bed. Labels: arm, one and ward.',
    ],
    ['t-test heart-rate --by arm --groups a,c', 'No stay carries the label arm=c.'],
    ['mean heart-rate --by arm --every 1h', 'give one of them'],
    [
      'mean heart-rate --from 2026-02-01 --every 1h',
      'Nothing was recorded of these vital signs in that range.',
    ],
    ['mean oxygen --every 1h', 'Nothing was recorded'],
    ['mean heart-rate --from 2026-02-01', '0 patients have such rows, 5 are needed'],
    [
      'mean heart-rate --every 30s --from 2026-01-31T11:01:00',
      'None of the 2 groups can be answered.',
    ],
    ['regression heart-rate --on heart-rate', 'heart-rate is named twice.'],
  ])('%s', async (words, sentence) => {
    const message = await refused(words);
    expect(message).toContain(sentence);
    expect(message).not.toMatch(/NaN|\n|undefined/);
  });

  it('more windows than one question may have, before any is asked', async () => {
    const long = ward();
    for (const server of [1, 2, 3]) {
      long.lies.set(server, {
        catalogue: (catalogue) => ({
          ...catalogue,
          stays: catalogue.stays.map((stay) => ({
            ...stay,
            vitals: { 'heart-rate': { rows: 10, from: START, to: START + 401 * 3600 } },
          })),
        }),
      });
    }
    const { split, ...question } = questionOf(callOf('mean heart-rate --every 1h'), NOW_MS);
    const asked = askGroups(long.researcher, question, split!, { world: long.world, ...FAST });
    await expect(asked).rejects.toThrow(
      'mean --every would have 402 windows; at most 400 are asked at once. Take longer windows, or a ' +
        'shorter range with --from and --to.',
    );
    expect(long.asked.some(({ path }) => path === '/moments')).toBe(false);
  });
});

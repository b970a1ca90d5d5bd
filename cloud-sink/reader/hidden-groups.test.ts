/** Catalogues that are missing, broken or hide a group: what the answer says of it. */
import { findVital } from '@vitalshare/edge/vital';
import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../messages/messages.ts';
import { askGroups } from './groups.ts';
import { openHistory } from './history.ts';
import type { StatisticQuestion } from './question.ts';
import { TestServers } from './servers.fixture.ts';
import { askStatistic } from './statistic.ts';

const START = 1_790_000_000;
const FAST = { timeoutMs: 2000, graceMs: 50, waitMs: 200 };

/** Arms a, b and c of two stays each. */
function ward(servers: number, threshold: number): TestServers {
  const test = new TestServers(servers, threshold);
  ['a', 'b', 'c', 'a', 'b', 'c'].forEach((arm, i) => {
    test.label(`s-${i}`, { arm });
    test.append(`s-${i}`, [{ vital: 'heart-rate', start: START + i, values: [700 + 10 * i] }]);
  });
  return test;
}

const without = (arm: string) => (catalogue: Catalogue) => ({
  ...catalogue,
  stays: catalogue.stays.filter(({ labels }) => labels['arm'] !== arm),
});

const question = (rest: Partial<StatisticQuestion> = {}): StatisticQuestion => ({
  statistic: 'mean',
  vitals: [findVital('heart-rate')!],
  where: {},
  ...rest,
});

async function arms(test: TestServers, rest: Partial<StatisticQuestion> = {}) {
  const options = { world: test.world, ...FAST };
  const answer = await askGroups(test.researcher, question(rest), { by: 'arm' }, options);
  return { arms: answer.groups.map(({ label }) => label!['arm']), notes: answer.notes };
}

const TWO_OF_THREE =
  'only 2 of 3 catalogues answered: a group that one of them hides would be missing';

describe('a group that a catalogue hides', () => {
  it.each([
    [3, 1],
    [5, 2],
  ] as const)('is there where 2t + 1 answer, at (%i, %i)', async (servers, threshold) => {
    const test = ward(servers, threshold);
    for (let liar = 1; liar <= threshold; liar++) {
      test.lies.set(liar, { catalogue: without('c') });
    }
    expect(await arms(test)).toEqual({ arms: ['a', 'b', 'c'], notes: [] });
  });

  it('may be missing where fewer do, and the answer says so', async () => {
    const test = ward(3, 1);
    test.down.add(2);
    test.lies.set(1, { catalogue: without('c') });
    const answer = await arms(test);
    expect(answer.arms).toEqual(['a', 'b']);
    expect(answer.notes).toEqual([
      TWO_OF_THREE,
      'server 2: it cannot be reached (connection refused)',
    ]);
    // Who names the groups is not told which there are.
    expect((await arms(test, { groups: ['a', 'b', 'c'] })).notes).toHaveLength(1);
  });

  it('may be missing in a world too small to tell', async () => {
    expect((await arms(ward(3, 2))).notes).toEqual([
      'no more than 3 catalogues answered: a group that 2 of them hide would be missing',
    ]);
  });

  it('is said of windows and of comparisons too', async () => {
    const test = ward(3, 1);
    test.down.add(2);
    const options = { world: test.world, ...FAST };
    const windows = await askGroups(test.researcher, question(), { everySeconds: 60 }, options);
    expect(windows.notes[0]).toBe(TWO_OF_THREE);
    test.down.clear();
    test.lies.set(2, { catalogueStatus: 500 });
    const compared = question({ statistic: 'anova', by: 'arm' });
    const { notes } = await askStatistic(test.researcher, compared, options);
    expect(notes[0]).toBe(TWO_OF_THREE);
  });

  it('is made up by one server alone: not asked', async () => {
    const test = ward(3, 1);
    const made = (catalogue: Catalogue): Catalogue => ({
      ...catalogue,
      stays: catalogue.stays.map((stay, i) => (i > 0 ? stay : { ...stay, labels: { arm: 'd' } })),
    });
    test.lies.set(3, { catalogue: made });
    expect((await arms(test)).arms).toEqual(['a', 'b', 'c']);
  });
});

describe('a catalogue that could not be had', () => {
  it.each([500, 429])('is noted, status %i', async (catalogueStatus) => {
    const test = ward(3, 1);
    test.lies.set(2, { catalogueStatus });
    const answer = await arms(test);
    expect(answer.notes[0]).toBe(TWO_OF_THREE);
    expect(answer.notes[1]).toMatch(/^server 2: /);
    expect(answer.notes).toHaveLength(2);
    const { notes, result } = await askStatistic(test.researcher, question(), {
      world: test.world,
      ...FAST,
    });
    // Its numbers are there all the same.
    expect([notes, result.servers]).toEqual([[answer.notes[1]], [1, 2, 3]]);
  });

  it('is noted, malformed', async () => {
    const test = ward(3, 1);
    test.lies.set(2, { catalogue: (catalogue) => ({ ...catalogue, heads: { x: 1 } }) });
    const { notes } = await arms(test);
    expect(notes[0]).toBe(TWO_OF_THREE);
    expect(notes[1]).toMatch(/^server 2: its reply is malformed/);
  });

  it('is noted where history is opened', async () => {
    const test = ward(3, 1);
    test.lies.set(2, { catalogueStatus: 500 });
    const request = { stay: 's-0', channel: 'heart-rate' };
    const history = await openHistory(test.physician, request, { world: test.world, waitMs: 200 });
    expect(history.notes().join()).toMatch(/^server 2: /);
    expect(history.servers()).toEqual([1, 2, 3]);
  });
});

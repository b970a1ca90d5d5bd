/** What is refused before anything is asked [S19], and how far one server's word counts. */
import { findVital, type Vital } from '@vitalshare/edge/vital';
import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../messages/messages.ts';
import { reportOf } from './catalogue-report.ts';
import { extentOf, patientRowsBound, refusePatientsWrap, refuseWrap, rowsBound } from './plan.ts';
import { askStatistic } from './statistic.ts';
import { TestServers } from './servers.fixture.ts';

const named = (...names: string[]): Vital[] => names.map((name) => findVital(name)!);

const stay = (name: string, tag: string, rows: number, part: object = {}) => ({
  ...{ stay: name, tag, admitted: true, labels: { arm: 'a' } as Record<string, string> },
  ...{ vitals: { spo2: { rows, from: 1000, to: 1000 + 2 * rows } }, waveforms: [], ...part },
});
const catalogue = (...stays: Catalogue['stays']): Catalogue => ({ heads: {}, stays });

describe('what could wrap [S19]', () => {
  it('[PROTO-15] names the pair of vital signs that bounds it', () => {
    // p/2 / 3500² is 94,116,041,192; with 46,000 for temperature p/2 / 46000² is 544,858,934.
    const pair = named('heart-rate', 'body-temperature');
    expect(() => refuseWrap(named('heart-rate'), 2, 94_116_041_192)).not.toThrow();
    expect(() => refuseWrap(named('heart-rate'), 2, 94_116_041_193)).toThrow(
      /ranges of heart-rate at most 94116041192/,
    );
    expect(() => refuseWrap(pair, 2, 544_858_934)).not.toThrow();
    expect(() => refuseWrap(pair, 2, 544_858_935)).toThrow(
      /ranges of body-temperature at most 544858934/,
    );
    expect(() => refuseWrap(pair, 1, 25_063_510_969_714)).not.toThrow();
    expect(() => refuseWrap(pair, 0, Number.MAX_SAFE_INTEGER)).not.toThrow();
  });

  it('[PROTO-31] bounds the rows of each patient, over all stays of one tag', () => {
    const question = { vitals: named('spo2'), where: {} };
    const told = catalogue(
      stay('s-1', 'anna', 100),
      stay('s-2', 'anna', 50),
      stay('s-3', 'bea', 7),
    );
    expect(patientRowsBound(question, told)).toEqual([150, 7]);
    expect(patientRowsBound({ ...question, from: 1000, to: 1060 }, told)).toEqual([110, 7]);
    expect(patientRowsBound({ ...question, where: { arm: 'b' } }, told)).toEqual([]);
    expect(rowsBound(question, told)).toBe(157);
    expect(extentOf(question, told)).toEqual({ from: 1000, to: 1200 });
    expect(extentOf({ ...question, vitals: named('spo2', 'heart-rate') }, told)).toBeUndefined();
    // As the servers: 289,238 rows of heart rate for each of two.
    expect(() => refusePatientsWrap(named('heart-rate'), [289_238, 1])).not.toThrow();
    expect(() => refusePatientsWrap(named('heart-rate'), [289_239, 1])).toThrow(
      'The question covers up to 289239 rows of one of 2 patients; with the ranges of heart-rate a mean ' +
        'of each can be had from at most 289238 without exceeding the field. Ask per window with ' +
        '--every, or about a shorter time.',
    );
  });

  it('asks nobody for moments, and one lying catalogue refuses nothing', async () => {
    const test = new TestServers(3, 1);
    for (const [i, name] of ['a', 'b'].entries()) {
      test.append(name, [
        { vital: 'skin-temperature', start: 1_790_000_000, values: [30_000 + i, 31_000] },
      ]);
    }
    const long = (told: Catalogue): Catalogue => ({
      ...told,
      stays: told.stays.map((each) => ({
        ...each,
        vitals: { 'skin-temperature': { rows: 20_000, from: 1_789_990_000, to: 1_790_010_000 } },
      })),
    });
    const ask = () =>
      askStatistic(
        test.researcher,
        { statistic: 'mean', vitals: named('skin-temperature'), where: {}, unit: 'patient' },
        { world: test.world, graceMs: 50, waitMs: 300 },
      );
    test.lies.set(1, { catalogue: long });
    expect((await ask()).result.patients).toBe(2);
    test.asked.length = 0;
    for (const server of [1, 2, 3]) test.lies.set(server, { catalogue: long });
    // h = 40,000: ⌊√((2p − 1)/(9 · 40,000² · 2))⌋ = 12,654 rows, three and a half hours.
    await expect(ask()).rejects.toThrow(/20000 rows of one of 2 patients.* at most 12654 /);
    expect(test.asked.some(({ path }) => path === '/moments')).toBe(false);
  });
});

describe('the catalogue', () => {
  const honest = (more: number): Catalogue =>
    catalogue(stay('s-1', 'anna', 100 + more), stay('s-2', 'anna', 50), stay('s-3', 'bea', 10));

  it('adds up stays, patients, labels, rows and the share of seconds present', () => {
    const report = reportOf([honest(0), honest(0)], 1);
    expect(report).toEqual({
      patients: 2,
      stays: 3,
      vitals: [
        {
          ...{ name: 'spo2', unit: '%', patients: 2, stays: 3, rows: 160 },
          ...{ from: 1000, to: 1200, present: 0.5 },
        },
      ],
      labels: { arm: { a: { patients: 2, stays: 3 } } },
    });
  });

  it('counts a fact as t + 1 servers tell it', () => {
    const liar = catalogue(
      stay('s-1', 'eve', 10 ** 9, { labels: { arm: 'a', cured: 'yes' } }),
      stay('s-2', 'anna', 50),
      stay('s-9', 'ghost', 5),
    );
    // Servers moments apart: 100 and 103 rows; two have at least 103, one of them the liar.
    const report = reportOf([honest(0), honest(3), liar], 1);
    expect([report.patients, report.stays]).toEqual([2, 3]);
    expect(report.labels).toEqual({ arm: { a: { patients: 2, stays: 3 } } });
    expect(report.vitals[0]).toMatchObject({ rows: 163, to: 1206 });
  });

  it('of nothing recorded', () => {
    expect(reportOf([catalogue(), catalogue()], 1)).toEqual({
      patients: 0,
      stays: 0,
      vitals: [],
      labels: {},
    });
  });
});

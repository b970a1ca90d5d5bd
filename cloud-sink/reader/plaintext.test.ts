/**
 * Every statistic against plain arithmetic on the readings (`textbook.fixture.ts`), to 1e-9 relative,
 * through shares, servers, opening and exact arithmetic: on recordings of four people and on random
 * columns with gaps, for six configurations.
 *
 * `(3,2)` multiplies readings of one frame only: descriptions come from product columns, and products
 * of patients' means are refused by name.
 */
import { existsSync, readFileSync } from 'node:fs';
import { findVital } from '@vitalshare/edge/vital';
import { describe, expect, it } from 'vitest';
import type { Comparison } from './compare.ts';
import { ReaderError } from './errors.ts';
import { askGroups } from './groups.ts';
import type { Inference } from './inference.ts';
import { serversNeeded } from './open-moments.ts';
import { degreeOf, type StatisticQuestion } from './question.ts';
import { checkPlan, openSession } from './session.ts';
import { askAt, type StatisticResult } from './statistic.ts';
import type { Statistic } from './statistic-table.ts';
import type { Regression } from './statistics.ts';
import { TestServers } from './servers.fixture.ts';
import * as plain from './textbook.fixture.ts';

const FOLDER = new URL('../../../shared/data/vitals-bidmc/', import.meta.url);
const START = 1_790_000_000;
const FAST = { timeoutMs: 20_000, graceMs: 50, waitMs: 300 };
const CONFIGURATIONS = [
  [3, 1],
  [4, 1],
  [5, 1],
  [5, 2],
  [7, 3],
  [3, 2],
] as const;
const VITALS = ['heart-rate', 'spo2', 'respiratory-rate'] as const;
type Name = (typeof VITALS)[number];

/** One stay's seconds; NaN is absent. In units, of at most one digit after the point. */
interface Stay {
  readonly stay: string;
  readonly patient: string;
  readonly label: string;
  readonly columns: Readonly<Record<Name, readonly number[]>>;
}

function recordings(): Stay[] {
  return ['01', '03', '17', '53'].map((patient, i) => {
    const text = readFileSync(new URL(`bidmc_${patient}_Numerics.csv`, FOLDER), 'utf8');
    const [head, ...lines] = text.trim().split(/\r?\n/);
    const names = head!.split(',').map((name) => name.trim());
    const of = (name: string) => lines.map((line) => Number(line.split(',')[names.indexOf(name)]));
    const columns = { 'heart-rate': of('HR'), spo2: of('SpO2'), 'respiratory-rate': of('RESP') };
    return { stay: `bidmc-${patient}`, patient, label: i < 2 ? 'a' : 'b', columns };
  });
}

/** Ten stays of nine people in three wards, 40 to 240 rows with gaps; a fixed sequence (Lehmer's). */
function randomStays(): Stay[] {
  let state = 20_260_301;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const tenth = (value: number): number => Math.round(value * 10) / 10;
  return Array.from({ length: 10 }, (_, i) => {
    const length = 40 + Math.floor(200 * next());
    const [heart, spo2, resp] = [60 + 50 * next(), 88 + 10 * next(), 10 + 20 * next()];
    const series = (middle: number, reach: number, top: number) =>
      Array.from({ length }, () =>
        next() < 0.15 ? NaN : Math.min(top, tenth(middle + reach * (next() - 0.5))),
      );
    return {
      stay: `s-${i}`,
      patient: `p-${i % 9}`,
      label: ['x', 'y', 'z'][(i % 9) % 3]!,
      columns: {
        'heart-rate': series(heart, 30, 350),
        spo2: series(spo2, 6, 100),
        'respiratory-rate': series(resp, 12, 150),
      },
    };
  });
}

function servers(n: number, t: number, stays: readonly Stay[]): TestServers {
  const test = new TestServers(n, t, 2);
  for (const { stay, patient, label, columns } of stays) {
    test.label(stay, { arm: label }, patient);
    const parts = VITALS.map((vital) => ({
      vital,
      start: START,
      values: columns[vital].map((v) => (Number.isNaN(v) ? null : Math.round(v * 10))),
    }));
    test.append(stay, parts);
  }
  return test;
}

/** Rows of a stay where every vital sign is present, in [from, to) seconds after the start. */
const rowsOf = ({ columns }: Stay, names: readonly Name[], from = 0, to = Infinity): number[][] =>
  columns[names[0]!].flatMap((_, s) => {
    const row = names.map((name) => columns[name][s]!);
    return s >= from && s < to && !row.some(Number.isNaN) ? [row] : [];
  });

/** Means of people with the public weights of PROTOCOL.md: a = round(4·max n/n), w = (a·n)². */
function peopleOf(stays: readonly Stay[], names: readonly Name[]): plain.Weighted {
  const people = [...new Set(stays.map(({ patient }) => patient))]
    .map((who) => stays.filter(({ patient }) => patient === who).flatMap((s) => rowsOf(s, names)))
    .filter((rows) => rows.length > 0);
  const most = Math.max(...people.map((rows) => rows.length));
  return {
    rows: people.map((rows) => names.map((_, i) => plain.mean(plain.evenly(rows), i))),
    weights: people.map((rows) => (Math.round((4 * most) / rows.length) * rows.length) ** 2),
  };
}

const near = (got: number | undefined, expected: number): void => {
  expect(got, `expected ${expected}`).toBeTypeOf('number');
  expect(Math.abs(got! - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected));
};

/** Many questions at one snapshot: half the requests of asking each by itself. */
async function asker(test: TestServers) {
  const first = { statistic: 'mean', vitals: [findVital('spo2')!], where: {} } as const;
  const { configuration } = test.researcher;
  const needed = serversNeeded(configuration, degreeOf(test.researcher, first));
  const options = { world: test.world, ...FAST };
  const session = await openSession(test.researcher, 'mean', needed, options);
  return async (
    statistic: Statistic,
    names: readonly Name[],
    rest: Partial<StatisticQuestion> = {},
  ): Promise<StatisticResult> => {
    const vitals = names.map((name) => findVital(name)!);
    const question = { statistic, vitals, where: {}, ...rest };
    checkPlan(session, question);
    return (await askAt(session, question)).result;
  };
}
type Ask = Awaited<ReturnType<typeof asker>>;

const PAIR = ['heart-rate', 'spo2'] as const;
const Z95 = 1.959963984540054;

function checkTerm(
  got: StatisticResult,
  name: string,
  [value, error, df]: readonly [number, number, number],
): void {
  const term = got.terms![name]!;
  near(term.value, value);
  near(term.standardError, error);
  near(term.t, value / error);
  near(term.p, plain.tTails(value / error, df));
  const reach = plain.tWithin(0.95, df) * error;
  near(term.interval[0], value - reach);
  near(term.interval[1], value + reach);
}

async function checkRows(ask: Ask, stays: readonly Stay[]): Promise<void> {
  for (const name of VITALS) {
    const data = plain.evenly(stays.flatMap((stay) => rowsOf(stay, [name])));
    expect((await ask('count', [name])).value).toBe(data.rows.length);
    near((await ask('mean', [name])).value as number, plain.mean(data));
    near((await ask('variance', [name])).value as number, plain.covariance(data));
    near((await ask('sd', [name])).value as number, Math.sqrt(plain.covariance(data)));
  }
  const pair = plain.evenly(stays.flatMap((stay) => rowsOf(stay, PAIR)));
  near((await ask('covariance', PAIR)).value as number, plain.covariance(pair, 0, 1));
  near((await ask('correlation', PAIR)).value as number, plain.correlation(pair));
  for (const names of [PAIR, VITALS]) {
    const { b, rSquared } = plain.leastSquares(
      plain.evenly(stays.flatMap((stay) => rowsOf(stay, names))),
    );
    const {
      intercept,
      coefficients,
      rSquared: r2,
    } = (await ask('regression', names)).value as Regression;
    near(intercept, b[0]!);
    names.slice(1).forEach((name, i) => near(coefficients[name], b[i + 1]!));
    near(r2, rSquared);
  }
}

function checkEstimate(
  got: Inference & { value: unknown },
  value: number,
  error: number,
  df: number,
): void {
  near(got.value as number, value);
  near(got.standardError, error);
  near(got.df as number, df);
  const reach = plain.tWithin(got.confidence!, df) * error;
  near(got.interval![0], value - reach);
  near(got.interval![1], value + reach);
}

async function checkPatients(ask: Ask, stays: readonly Stay[]): Promise<void> {
  const unit = 'patient';
  for (const name of VITALS) {
    const data = peopleOf(stays, [name]);
    const n = plain.effective(data);
    const [middle, error] = [plain.mean(data), plain.standardError(data)];
    const got = await ask('mean', [name], { confidence: 0.9, against: 80 });
    expect([got.unitOfAnalysis, got.patients]).toEqual(['patient', data.rows.length]);
    checkEstimate(got, middle, error, n - 1);
    near(got.t, (middle - 80) / error);
    near(got.p, plain.tTails((middle - 80) / error, n - 1));
    near((await ask('variance', [name], { unit })).value as number, plain.covariance(data));
    near((await ask('sd', [name], { unit })).value as number, Math.sqrt(plain.covariance(data)));
  }
  const pair = peopleOf(stays, PAIR);
  const [n, r] = [plain.effective(pair), plain.correlation(pair)];
  near((await ask('covariance', PAIR, { unit })).value as number, plain.covariance(pair, 0, 1));
  const correlation = await ask('correlation', PAIR, { unit });
  const error = Math.sqrt((1 - r * r) / (n - 2));
  near(correlation.value as number, r);
  near(correlation.standardError, error);
  near(correlation.df as number, n - 2);
  near(correlation.t, r / error);
  near(correlation.p, plain.tTails(r / error, n - 2));
  near(correlation.interval![0], Math.tanh(Math.atanh(r) - Z95 / Math.sqrt(n - 3)));
  near(correlation.interval![1], Math.tanh(Math.atanh(r) + Z95 / Math.sqrt(n - 3)));
  for (const names of [PAIR, VITALS]) {
    const data = peopleOf(stays, names);
    const { b, unexplained, inverse, rSquared } = plain.leastSquares(data);
    const k = names.length - 1;
    const df = plain.effective(data) - k - 1;
    const got = await ask('regression', names, { unit });
    near((got.value as Regression).rSquared, rSquared);
    const f = rSquared / k / ((1 - rSquared) / df);
    near(got.f, f);
    near((got.df as readonly number[])[1], df);
    near(got.p, plain.fTail(f, k, df));
    ['intercept', ...names.slice(1)].forEach((name, i) =>
      checkTerm(got, name, [b[i]!, Math.sqrt((unexplained * inverse[i]![i]!) / df), df]),
    );
  }
}

async function checkComparisons(ask: Ask, stays: readonly Stay[]): Promise<void> {
  const labels = [...new Set(stays.map(({ label }) => label))].sort();
  const data = labels.map((label) =>
    peopleOf(
      stays.filter((stay) => stay.label === label),
      ['heart-rate'],
    ),
  );
  const sizes = data.map(plain.effective);
  const means = data.map((each) => plain.mean(each));
  const errors = data.map((each) => plain.standardError(each) ** 2);
  const by = 'arm';
  const two = await ask('t-test', ['heart-rate'], { by, groups: labels.slice(0, 2) });
  const squared = errors[0]! + errors[1]!;
  const df = squared ** 2 / (errors[0]! ** 2 / (sizes[0]! - 1) + errors[1]! ** 2 / (sizes[1]! - 1));
  checkEstimate(two, means[0]! - means[1]!, Math.sqrt(squared), df);
  near(two.t, (means[0]! - means[1]!) / Math.sqrt(squared));
  near(two.p, plain.tTails(two.t!, df));
  near(two.compared![1]!.sd, Math.sqrt(plain.covariance(data[1]!)));
  const several = (await ask('anova', ['heart-rate'], { by })) as StatisticResult & Comparison;
  const all = sizes.reduce((a, b) => a + b, 0);
  const grand = means.reduce((sum, m, g) => sum + sizes[g]! * m, 0) / all;
  const between = means.reduce((sum, m, g) => sum + sizes[g]! * (m - grand) ** 2, 0);
  const within = data.reduce((sum, each, g) => sum + (sizes[g]! - 1) * plain.covariance(each), 0);
  const [above, below] = [labels.length - 1, all - labels.length];
  const f = between / above / (within / below);
  near(several.value, f);
  near(several.p, plain.fTail(f, above, below));
  near(several.etaSquared, between / (between + within));
}

async function checkWindows(test: TestServers, stays: readonly Stay[]): Promise<void> {
  const question = { statistic: 'mean', vitals: [findVital('spo2')!], where: {} } as const;
  const { groups } = await askGroups(
    test.researcher,
    question,
    { everySeconds: 120 },
    { world: test.world, ...FAST },
  );
  // 1,790,000,000 is 80 s after a full two minutes.
  expect(groups[0]).toMatchObject({ from: START, to: START + 40 });
  for (const { from, to, answer, withheld } of groups) {
    const kept = stays.map((stay) => rowsOf(stay, ['spo2'], from! - START, to! - START));
    const people = new Set(stays.filter((_, i) => kept[i]!.length > 0).map((s) => s.patient)).size;
    if (people < 2) expect(withheld).toMatchObject({ code: 'cohort-too-small', patients: people });
    else near(answer!.result.value as number, plain.mean(plain.evenly(kept.flat())));
  }
}

describe.each(CONFIGURATIONS)('%i servers, threshold %i', (n, t) => {
  const productColumns = 2 * t > n - 1;
  const sets: [string, boolean, () => Stay[]][] = [
    ['random columns with gaps', true, randomStays],
    ['recordings of four people (BIDMC)', existsSync(FOLDER), recordings],
  ];
  describe.each(sets)('%s', (name, exists, make) => {
    const title = exists ? '' : ' (skipped: no recordings at ../shared/data)';
    it.skipIf(!exists)(`equal plain arithmetic to 1e-9${title}`, { timeout: 60_000 }, async () => {
      const stays = make();
      const test = servers(n, t, stays);
      const ask = await asker(test);
      await checkRows(ask, stays);
      await checkWindows(test, stays);
      if (!productColumns) {
        await checkPatients(ask, stays);
        await checkComparisons(ask, stays);
        return;
      }
      const means = peopleOf(stays, ['spo2']);
      const got = await ask('mean', ['spo2'], { unit: 'patient' });
      near(got.value as number, plain.mean(means));
      expect(got).not.toHaveProperty('interval');
      const refused = ask('mean', ['spo2'], { confidence: 0.95 });
      await expect(refused).rejects.toThrow(ReaderError);
      await expect(refused).rejects.toThrow(/products exist within a frame only/);
    });
  });
});

describe.skipIf(!existsSync(FOLDER))(
  'how far weights move a mean (BIDMC, skips without data)',
  () => {
    it('less than a hundredth of the spread between patients', () => {
      for (const name of VITALS) {
        const weighted = peopleOf(recordings(), [name]);
        const even = plain.evenly(weighted.rows);
        const moved = Math.abs(plain.mean(weighted) - plain.mean(even));
        expect(moved / Math.sqrt(plain.covariance(even))).toBeLessThan(0.01);
      }
    });
  },
);

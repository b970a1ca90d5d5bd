import { P } from '@vitalshare/edge/field';
import { findVital } from '@vitalshare/edge/vital';
import { describe, expect, it } from 'vitest';
import { ReaderError } from './errors.ts';
import { verifyEvidence } from './evidence.ts';
import type { StatisticQuestion } from './question.ts';
import { askStatistic, type StatisticAnswer } from './statistic.ts';
import type { Statistic } from './statistic-table.ts';
import type { Regression } from './statistics.ts';
import type { MomentsAnswer } from '../messages/messages.ts';
import { type Lies, TestServers } from './servers.fixture.ts';

const START = 1_790_000_000;
const FAST = { timeoutMs: 2000, graceMs: 50, waitMs: 300 };

/** Three stays, two vital signs a frame; expected values are worked out below from the same rows. */
const ROWS: readonly (readonly [stay: string, heart: number, spo2: number])[] = [
  ['s-1', 720, 970],
  ['s-1', 740, 965],
  ['s-2', 910, 930],
  ['s-2', 905, 941],
  ['s-3', 655, 988],
];

function ward(servers: number, threshold: number, minimumCohort = 1): TestServers {
  const test = new TestServers(servers, threshold, minimumCohort);
  // Records 0 to 9: genesis, run, three stays, five frames.
  test.label('s-1', { arm: 'a' });
  test.label('s-2', { arm: 'b' });
  test.label('s-3', { arm: 'b' });
  ROWS.forEach(([stay, heart, spo2], i) => {
    test.append(stay, [
      { vital: 'heart-rate', start: START + i, values: [heart] },
      { vital: 'spo2', start: START + i, values: [spo2] },
    ]);
  });
  return test;
}

const question = (
  statistic: Statistic,
  names: readonly string[],
  rest: Partial<StatisticQuestion> = {},
): StatisticQuestion => ({
  statistic,
  vitals: names.map((name) => findVital(name)!),
  where: {},
  ...rest,
});

const ask = (
  test: TestServers,
  statistic: Statistic,
  names: readonly string[],
  rest: Partial<StatisticQuestion> = {},
): Promise<StatisticAnswer> =>
  askStatistic(test.researcher, question(statistic, names, rest), { world: test.world, ...FAST });

async function failure(promise: Promise<unknown>): Promise<ReaderError> {
  const error: unknown = await promise.then(
    () => new Error('expected a ReaderError, got an answer'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ReaderError)) throw error;
  return error;
}

const HEART = ROWS.map(([, heart]) => heart / 10);
const mean = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0) / x.length;
const variance = (x: readonly number[]): number =>
  x.reduce((sum, v) => sum + (v - mean(x)) ** 2, 0) / (x.length - 1);

/** Adds one to a partial: the smallest lie. */
const shifted = (values: readonly bigint[]): bigint[] => values.map((value) => (value + 1n) % P);

describe('askStatistic', () => {
  it('mean from three servers, verified, with everything the JSON promises', async () => {
    const test = ward(3, 1);
    const { result, notes, reason } = await ask(test, 'mean', ['heart-rate']);
    expect(result).toEqual({
      statistic: 'mean',
      vitals: ['heart-rate'],
      unit: '/min',
      count: 5,
      patients: 3,
      value: 78.6,
      servers: [1, 2, 3],
      checked: 'verified',
      asOf: { [test.logId]: 10 },
    });
    expect(notes).toEqual([]);
    expect(reason).toBeUndefined();
  });

  it('count, variance, sd, covariance, correlation, regression', async () => {
    const test = ward(3, 1);
    expect((await ask(test, 'count', ['heart-rate'])).result.value).toBe(5);
    const got = await ask(test, 'variance', ['heart-rate']);
    expect(got.result.value).toBeCloseTo(variance(HEART), 9);
    expect(got.result.unit).toBe('/min2');
    expect(got.result.checked).toBe('unchecked');
    expect(got.reason).toMatch(/3 servers answered and variance needs all 3/);
    expect((await ask(test, 'sd', ['heart-rate'])).result.value).toBeCloseTo(
      Math.sqrt(variance(HEART)),
      9,
    );
    const pair = ['heart-rate', 'spo2'];
    expect((await ask(test, 'covariance', pair)).result.value).toBeLessThan(0);
    const r = (await ask(test, 'correlation', pair)).result.value as number;
    const regression = (await ask(test, 'regression', pair)).result.value as Regression;
    expect(regression.rSquared).toBeCloseTo(r * r, 9);
    expect(Object.keys(regression.coefficients)).toEqual(['spo2']);
  });

  it('cohorts: stays, labels and half-open time ranges', async () => {
    const test = ward(3, 1);
    const count = async (rest: Partial<StatisticQuestion>): Promise<number> =>
      (await ask(test, 'count', ['heart-rate'], rest)).result.count;
    expect(await count({ stays: ['s-1', 's-3'] })).toBe(3);
    expect(await count({ where: { arm: 'b' } })).toBe(3);
    expect(await count({ from: START + 1, to: START + 3 })).toBe(2);
    const stay = await failure(ask(test, 'count', ['heart-rate'], { stays: ['s-9'] }));
    expect(stay.message).toBe('There is no stay s-9. Stays: s-1, s-2 and s-3.');
    const label = await failure(ask(test, 'count', ['heart-rate'], { where: { arm: 'c' } }));
    expect(label.message).toBe('No stay carries the label arm=c. Labels: arm=a and arm=b.');
  });

  it('products of product columns where 2t > n − 1', async () => {
    const test = ward(2, 1);
    const { result } = await ask(test, 'variance', ['heart-rate']);
    expect(result.value).toBeCloseTo(variance(HEART), 9);
    expect(result.servers).toEqual([1, 2]);
  });

  it('passes on a refusal with its numbers', async () => {
    const error = await failure(ask(ward(3, 1, 5), 'mean', ['heart-rate']));
    expect(error.code).toBe('refused');
    expect(error.message).toMatch(/3 patients have such rows, 5 are needed; ask for a longer time/);
  });

  it('refuses what could wrap before it asks for it [PROTO-15]', async () => {
    const test = ward(3, 1);
    for (const server of [1, 2, 3]) {
      test.lies.set(server, {
        catalogue: (catalogue) => ({
          ...catalogue,
          stays: catalogue.stays.map((stay) => ({
            ...stay,
            vitals: { 'heart-rate': { rows: 10 ** 12, from: 0, to: 10 ** 13 } },
          })),
        }),
      });
    }
    const error = await failure(ask(test, 'variance', ['heart-rate']));
    expect(error.code).toBe('could-wrap');
    expect(test.asked.filter(({ path }) => path === '/moments')).toEqual([]);
    // A mean has room: 10^12 rows of at most 3,500 stay below p/2.
    test.asked.length = 0;
    await ask(test, 'mean', ['heart-rate']);
    expect(test.asked.filter(({ path }) => path === '/moments')).toHaveLength(3);
  });

  it('stops when the caller does', async () => {
    const test = ward(3, 1);
    const stopped = AbortSignal.abort(new Error('the page was closed'));
    const asked = askStatistic(test.researcher, question('mean', ['heart-rate']), {
      world: test.world,
      signal: stopped,
    });
    await expect(asked).rejects.toThrow('the page was closed');
  });
});

describe('servers that are missing', () => {
  it('mean answers from two of three, unchecked, and says from whom', async () => {
    const test = ward(3, 1);
    test.down.add(2);
    const { result, notes, reason } = await ask(test, 'mean', ['heart-rate']);
    expect(result.servers).toEqual([1, 3]);
    expect(result.value).toBe(78.6);
    expect(result.checked).toBe('unchecked');
    expect(notes).toEqual(['server 2: it cannot be reached (connection refused)']);
    expect(reason).toMatch(/2 servers answered and mean needs all 2/);
  });

  it('a server that hangs is waited for once, not at every step', async () => {
    const test = ward(3, 1);
    test.hanging.add(2);
    const begun = performance.now();
    const { result, notes } = await ask(test, 'mean', ['heart-rate']);
    expect(result.servers).toEqual([1, 3]);
    expect(notes).toEqual(['server 2: it did not answer in time']);
    // Head time-outs are 3 s: once, not once for heads, catalogue and moments.
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(test.asked.filter(({ server }) => server === 2)).toEqual([]);
  });

  it('variance at (3,1) needs all three and names the missing one', async () => {
    const test = ward(3, 1);
    test.down.add(2);
    const error = await failure(ask(test, 'variance', ['heart-rate']));
    expect(error.code).toBe('too-few');
    expect(error.servers).toEqual([2]);
    expect(error.message).toBe(
      'variance needs answers of 3 data servers; only 2 did. Missing: ' +
        'server 2: it cannot be reached (connection refused).',
    );
  });

  it('a server behind the log is waited for, then done without', async () => {
    const test = ward(3, 1);
    test.behind.set(3, 2);
    const { result, notes } = await ask(test, 'mean', ['heart-rate']);
    expect(result.servers).toEqual([1, 2]);
    expect(result.asOf).toEqual({ [test.logId]: 10 });
    expect(notes.join()).toMatch(/server 3/);
    const late = await ask(test, 'variance', ['heart-rate']);
    expect(late.result.asOf).toEqual({ [test.logId]: 8 });
    expect(late.result.count).toBe(3);
    expect(late.notes[0]).toMatch(/server 3 did not reach the newest position/);
  });

  it('an invented head costs nothing, gateway there or not', async () => {
    const test = ward(3, 1);
    test.lies.set(1, { head: () => 10 ** 9 });
    for (const gatewayDown of [false, true]) {
      test.gatewayDown = gatewayDown;
      const { result, notes } = await ask(test, 'mean', ['heart-rate']);
      expect([result.asOf, notes]).toEqual([{ [test.logId]: 10 }, []]);
    }
  });

  it('counts beyond what the plan allowed are not added up, whoever agrees on them', async () => {
    const test = ward(3, 1);
    // 2^60 over 300.0 /min as stored is some 3.8e14 rows; the catalogues tell of 5.
    for (const server of [1, 2, 3]) {
      test.lies.set(server, { moments: (a) => ({ ...a, count: 9 * 10 ** 15 }) });
    }
    const error = await failure(ask(test, 'mean', ['heart-rate']));
    expect(error.code).toBe('could-wrap');
    expect(error.message).toMatch(/covers up to 9000000000000000 rows/);
  });
});

describe('a lie is what the architecture says it is [S6]', () => {
  const table = [
    [3, 1, 'sum', 'detected'],
    [3, 1, 'product', 'unchecked'],
    [4, 1, 'sum', 'named'],
    [4, 1, 'product', 'detected'],
    [5, 1, 'sum', 'named'],
    [5, 1, 'product', 'named'],
    [5, 2, 'sum', 'detected'],
    [5, 2, 'product', 'unchecked'],
    [9, 2, 'sum', 'named'],
    [9, 2, 'product', 'named'],
  ] as const;

  it.each(table)('(%i, %i): a lie in a %s is %s', async (servers, threshold, what, claim) => {
    const test = ward(servers, threshold);
    const liar = 2;
    test.lies.set(liar, {
      moments: (answer) =>
        what === 'sum'
          ? { ...answer, sums: shifted(answer.sums) }
          : { ...answer, products: shifted(answer.products) },
    });
    const asked = ask(test, what === 'sum' ? 'mean' : 'variance', ['heart-rate']);
    if (claim === 'detected') {
      const error = await failure(asked);
      expect(error.code).toBe('disagree');
      expect(error.message).toMatch(/No number is given/);
      return;
    }
    if (claim === 'named') {
      const { result, named, notes } = await asked;
      expect(result.checked).toBe('verified');
      expect(named).toEqual([liar]);
      expect(notes).toEqual(['server 2: it answered wrongly and was left out']);
      expect(result.value).toBeCloseTo(what === 'sum' ? 78.6 : variance(HEART), 9);
      return;
    }
    // Unchecked: a lie gives another number, marked as one nobody could check, or an impossible one.
    const outcome = await asked.catch((error: unknown) => error);
    if (outcome instanceof Error) expect(outcome).toHaveProperty('code', 'impossible');
    else expect((outcome as StatisticAnswer).result.checked).toBe('unchecked');
  });

  it.each([
    [3, 1, 'verified', 'unchecked'],
    [4, 1, 'verified', 'verified'],
    [5, 1, 'verified', 'verified'],
    [5, 2, 'verified', 'unchecked'],
    [9, 2, 'verified', 'verified'],
  ] as const)('(%i, %i) without a lie: sums %s, products %s', async (n, t, sums, products) => {
    const test = ward(n, t);
    expect((await ask(test, 'mean', ['heart-rate'])).result.checked).toBe(sums);
    expect((await ask(test, 'variance', ['heart-rate'])).result.checked).toBe(products);
  });

  it('two liars at (9, 2) are both named; one to spare at (5, 2) is partly', async () => {
    const nine = ward(9, 2);
    const lie = (answer: { sums: readonly bigint[] }) => ({ sums: shifted(answer.sums) });
    for (const liar of [4, 7]) nine.lies.set(liar, { moments: (a) => ({ ...a, ...lie(a) }) });
    const { result, named } = await ask(nine, 'mean', ['heart-rate']);
    expect([result.checked, named]).toEqual(['verified', [4, 7]]);
    const five = ward(5, 2);
    five.down.add(5);
    expect((await ask(five, 'mean', ['heart-rate'])).result.checked).toBe('partly');
  });

  it('answers over other data are not combined, and the odd one is said [PROTO-16]', async () => {
    const test = ward(4, 1);
    const more = { moments: (answer: MomentsAnswer) => ({ ...answer, count: answer.count + 1 }) };
    test.lies.set(3, more);
    // The digest commits to rows and patients, so another count over the same data is a lie.
    const { result, notes, named } = await ask(test, 'mean', ['heart-rate']);
    expect([result.servers, named]).toEqual([[1, 2, 4], [3]]);
    expect(notes).toEqual(['server 3: it answered wrongly and was left out']);
    test.lies.set(4, more);
    expect((await failure(ask(test, 'mean', ['heart-rate']))).code).toBe('disagree');
  });

  it('an equal count of equal patients over other data is other data [PROTO-16] [S9]', async () => {
    const test = ward(4, 1);
    const forked = { moments: (answer: MomentsAnswer) => ({ ...answer, data: answer.query }) };
    test.lies.set(3, forked);
    const { result, notes } = await ask(test, 'mean', ['heart-rate']);
    expect([result.servers, result.checked, result.value]).toEqual([[1, 2, 4], 'verified', 78.6]);
    expect(notes).toEqual(['server 3: it answered over other data than the others']);
    // Two against two: each pair could open a mean, and neither is to be believed.
    test.lies.set(4, forked);
    const error = await failure(ask(test, 'mean', ['heart-rate']));
    expect([error.code, error.servers]).toEqual(['disagree', [1, 2, 3, 4]]);
  });

  it('an answer as of another position is its server’s fault, like it or not [PROTO-13]', async () => {
    const test = ward(4, 1);
    const { logId } = test;
    const other = (asOf: Record<string, number>): Lies => ({
      moments: (answer) => ({ ...answer, asOf }),
    });
    test.lies.set(2, other({ [logId]: 9 }));
    test.lies.set(4, other({ [logId]: 10, ['00'.repeat(16)]: 1 }));
    const { result, notes } = await ask(test, 'mean', ['heart-rate']);
    expect([result.servers, result.value]).toEqual([[1, 3], 78.6]);
    expect(notes).toEqual([
      'server 2: it answered another question',
      'server 4: it answered another question',
    ]);
  });

  it('other weights over the same data are a lie, and its server is named [PROTO-34]', async () => {
    const test = ward(4, 1);
    const heavier = (answer: MomentsAnswer): MomentsAnswer => ({ ...answer, weights: [7n, 49n] });
    test.lies.set(3, { moments: heavier });
    const answer = await ask(test, 'variance', ['heart-rate'], { unit: 'patient' });
    const { result, notes, named, evidence } = answer;
    expect([result.servers, result.unitOfAnalysis]).toEqual([[1, 2, 4], 'patient']);
    expect([notes, named]).toEqual([['server 3: it answered wrongly and was left out'], [3]]);
    expect(verifyEvidence(test.researcher.configuration, evidence[0]).named).toEqual([3]);
    const rows = await ask(test, 'mean', ['heart-rate']);
    expect(rows.notes).toEqual(['server 3: it answered another question']);
  });

  it('an answer to another question, or another server’s, is malformed', async () => {
    const test = ward(3, 1);
    test.lies.set(1, { moments: (answer) => ({ ...answer, server: 2 }) });
    test.lies.set(2, { moments: (answer) => ({ ...answer, query: answer.data }) });
    const error = await failure(ask(test, 'mean', ['heart-rate']));
    expect(error.servers).toEqual([1, 2]);
    expect(error.message).toMatch(/it answered another question/);
  });
});

/**
 * Lying servers against the real reader, with real servers' answers: the claim is the one of the
 * architecture's table, restated here, for one and two liars, once and in everything they say [S6].
 */
import { describe, expect, it } from 'vitest';
import { P } from '@vitalshare/edge/field';
import { findVital } from '@vitalshare/edge/vital';
import type { MomentsAnswer } from '../messages/messages.ts';
import { ReaderError } from './errors.ts';
import { verifyEvidence } from './evidence.ts';
import { type Lies, TestServers } from './servers.fixture.ts';
import { askStatistic } from './statistic.ts';

const START = 1_790_000_000;
const HEART = [720, 742, 910, 655];
const SPO2 = [970, 961, 930, 988];

/** One world a configuration; the lies change from question to question. */
const worlds = new Map<string, TestServers>();
function ward(servers: number, threshold: number): TestServers {
  const known = worlds.get(`${servers},${threshold}`);
  if (known) {
    known.lies.clear();
    return known;
  }
  const test = new TestServers(servers, threshold);
  HEART.forEach((heart, i) =>
    test.append(`s-${i}`, [
      { vital: 'heart-rate', start: START + i, values: [heart] },
      { vital: 'spo2', start: START + i, values: [SPO2[i]!] },
    ]),
  );
  worlds.set(`${servers},${threshold}`, test);
  return test;
}

/** Answers of more than `servers − threshold` come fast; nobody is slow here, so no grace is needed. */
const ask = (test: TestServers, statistic: 'mean' | 'covariance') =>
  askStatistic(
    test.researcher,
    {
      statistic,
      vitals: (statistic === 'mean' ? ['heart-rate'] : ['heart-rate', 'spo2']).map((name) =>
        findVital(name)!,
      ),
      where: {},
    },
    { world: test.world, graceMs: 2_000 },
  );

type Words = readonly bigint[];
const shift = (words: Words, by: bigint): bigint[] => words.map((word) => (word + by) % P);
const first = (words: Words, by: bigint): bigint[] => [shift(words, by)[0]!, ...words.slice(1)];

/** `once`: the first sum, or the last product; `same`: one shift in every number it sends. */
const LIES = {
  once: {
    mean: (answer: MomentsAnswer, by: bigint) => ({ ...answer, sums: first(answer.sums, by) }),
    covariance: (answer: MomentsAnswer, by: bigint) => ({
      ...answer,
      products: first(answer.products.toReversed(), by).reverse(),
    }),
  },
  same: {
    mean: (answer: MomentsAnswer, by: bigint) => ({ ...answer, sums: shift(answer.sums, by) }),
    covariance: (answer: MomentsAnswer, by: bigint) => ({
      ...answer,
      sums: shift(answer.sums, by),
      products: shift(answer.products, by),
    }),
  },
};

/** Verified, partly, unchecked, named (with what is claimed of the rest) or detected. */
async function claim(
  test: TestServers,
  statistic: 'mean' | 'covariance',
  liars: readonly number[],
): Promise<string> {
  try {
    const { result, named, evidence } = await ask(test, statistic);
    if (named.length === 0) return result.checked;
    expect(named).toEqual(liars);
    expect(result.servers).toEqual(
      test.researcher.configuration.dataServers
        .map((_, i) => i + 1)
        .filter((server) => !liars.includes(server)),
    );
    expect(verifyEvidence(test.researcher.configuration, evidence[0]).named).toEqual(liars);
    expect(result.value).toBeCloseTo(statistic === 'mean' ? 75.675 : -26.0958333333, 9);
    return result.checked === 'verified' ? 'named' : `named, rest ${result.checked}`;
  } catch (error) {
    if (error instanceof ReaderError && error.code === 'disagree') {
      expect(error.named).toEqual([]);
      return 'detected';
    }
    // Nobody could check the number, but no readings can have it.
    if (error instanceof Error && 'code' in error && error.code === 'impossible')
      return 'unchecked';
    throw error;
  }
}

describe('the claims of the table, on real answers', () => {
  it('the two statistics without a lie', async () => {
    const { result } = await ask(ward(5, 1), 'covariance');
    const mean = (x: readonly number[]) => x.reduce((a, b) => a + b, 0) / x.length;
    const [h, s] = [mean(HEART), mean(SPO2)];
    const covariance = HEART.reduce((sum, x, i) => sum + (x - h) * (SPO2[i]! - s), 0) / 3 / 100;
    expect(result.value).toBeCloseTo(covariance, 9);
    expect(covariance).toBeCloseTo(-26.0958333333, 9);
    expect(h / 10).toBe(75.675);
  });

  // servers, threshold, liars: a sum wrong once, a product wrong once, everything wrong.
  const table = [
    [3, 1, [2], 'detected', 'unchecked', 'detected'],
    [4, 1, [2], 'named', 'detected', 'named, rest unchecked'],
    [5, 1, [4], 'named', 'named', 'named'],
    [5, 2, [5], 'detected', 'unchecked', 'detected'],
    [5, 2, [1, 4], 'detected', 'unchecked', 'detected'],
    [7, 3, [6], 'detected', 'unchecked', 'detected'],
    [7, 3, [2, 3], 'detected', 'unchecked', 'detected'],
    [9, 2, [7], 'named', 'named', 'named'],
    [9, 2, [1, 9], 'named', 'named', 'named'],
    [3, 2, [1], 'unchecked', 'unchecked', 'unchecked'],
    [3, 2, [1, 3], 'unchecked', 'unchecked', 'unchecked'],
  ] as const;

  it.each(table)('(%i, %i), %j lying', async (servers, threshold, liars, sum, product, all) => {
    const test = ward(servers, threshold);
    const lie = (how: keyof typeof LIES, statistic: 'mean' | 'covariance'): void => {
      liars.forEach((liar, i) => {
        const by = BigInt(7 + i) * 123_456_789_123n;
        test.lies.set(liar, { moments: (answer) => LIES[how][statistic](answer, by) });
      });
    };
    lie('once', 'mean');
    expect(await claim(test, 'mean', liars)).toBe(sum);
    lie('once', 'covariance');
    expect(await claim(test, 'covariance', liars)).toBe(product);
    lie('same', 'covariance');
    expect(await claim(test, 'covariance', liars)).toBe(all);
  });
});

describe('other ways to be wrong, by index', () => {
  const cases: readonly (readonly [string, Lies['moments'], string, readonly number[]])[] = [
    [
      'other rows',
      (a) => ({ ...a, count: a.count - 1 }),
      'it answered wrongly and was left out',
      [3],
    ],
    ['patients', (a) => ({ ...a, patients: 9 }), 'it answered wrongly and was left out', [3]],
    ['data', (a) => ({ ...a, data: a.query }), 'it answered over other data than the others', []],
    [
      'snapshot',
      (a) => ({ ...a, asOf: { ['0'.repeat(32)]: 1 } }),
      'it answered another question',
      [],
    ],
    [
      'a word that is no element',
      (a) => ({ ...a, sums: [P] }),
      'its reply is malformed (answer: sums must be field elements as decimal strings)',
      [],
    ],
  ];

  it.each(cases)('%s', async (_, moments, note, named) => {
    const test = ward(4, 1);
    test.lies.set(3, { moments: moments! });
    const answer = await ask(test, 'mean');
    expect(answer.notes).toEqual([`server 3: ${note}`]);
    expect(answer.named).toEqual(named);
    expect(answer.evidence.flatMap((each) => each.named)).toEqual(named);
    expect([answer.result.servers, answer.result.checked]).toEqual([[1, 2, 4], 'verified']);
    expect(answer.result.value).toBeCloseTo(75.675, 9);
  });

  it('a slow server is waited for a little, then done without', async () => {
    const test = ward(4, 1);
    const { fetch } = test.world;
    const slow: typeof globalThis.fetch = (url, init) =>
      (url as URL).pathname === '/moments' && (url as URL).hostname === 'server-3.test'
        ? new Promise((_, reject) =>
            init!.signal!.addEventListener('abort', () => reject(new Error('aborted'))),
          )
        : fetch(url, init);
    const question = { statistic: 'mean', vitals: [findVital('heart-rate')!], where: {} } as const;
    const options = { world: { ...test.world, fetch: slow }, graceMs: 300 };
    const { result, notes } = await askStatistic(test.researcher, question, options);
    expect(result.servers).toEqual([1, 2, 4]);
    expect(notes).toEqual(['server 3: it did not answer in time']);
  });

  it('what is needed is said where there is no answer', async () => {
    const test = ward(3, 1);
    test.lies.set(2, { moments: (a) => ({ ...a, sums: shift(a.sums, 1n) }) });
    await expect(ask(test, 'mean')).rejects.toThrow(
      'The answers of servers 1, 2 and 3 do not fit together: at least one of them is wrong, and so ' +
        'few answers cannot show which; a world of at least 4 data servers shows it. No number is given.',
    );
  });
});

/** The engine `elgamal` over real servers behind `fetch`: what it says, and what it does about liars. */
import { beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url, utf8 } from '@vitalshare/edge/seal';
import { findVital } from '@vitalshare/edge/vital';
import { parseStored, storedJson } from '../../data-server/elgamal/key-file.ts';
import { G } from '../../elgamal/group.ts';
import { ReaderError } from '../errors.ts';
import type { StatisticQuestion } from '../question.ts';
import { TestServers } from '../servers.fixture.ts';
import { askStatistic } from '../statistic.ts';
import { ELGAMAL } from './elgamal.ts';

type Told = Record<string, unknown>;

const T = 1_700_000_000;
const FAST = { graceMs: 100, timeoutMs: 5_000 };

function ward(servers: number, threshold: number): TestServers {
  const test = new TestServers(servers, threshold);
  for (let bed = 1; bed <= 5; bed++) {
    const values = (base: number, step: number) =>
      Array.from({ length: 20 }, (_, i) => base + step * ((i * bed) % 7));
    test.append(`bed-${bed}`, [
      { vital: 'heart-rate', start: T, values: values(700 + 10 * bed, 5) },
      { vital: 'spo2', start: T, values: values(950, 3) },
      { vital: 'skin-temperature', start: T, values: values(-1_500, 100 * bed) },
    ]);
  }
  return test;
}

const question = (statistic: StatisticQuestion['statistic'], ...names: string[]) => ({
  statistic,
  vitals: names.map((name) => findVital(name)!),
  where: {},
});

describe.each([
  [3, 1],
  [3, 2],
  [5, 2],
] as const)('(%i, %i)', (servers, threshold) => {
  let test: TestServers;
  beforeAll(() => {
    test = ward(servers, threshold);
  });

  it.each([
    question('count', 'heart-rate'),
    question('mean', 'heart-rate'),
    question('mean', 'skin-temperature'),
    question('sd', 'spo2'),
    question('variance', 'skin-temperature'),
    question('covariance', 'heart-rate', 'skin-temperature'),
    question('correlation', 'heart-rate', 'spo2'),
    question('regression', 'heart-rate', 'spo2', 'skin-temperature'),
  ])('$statistic agrees with shares exactly', async (asked) => {
    const options = { world: test.world, ...FAST };
    const shares = (await askStatistic(test.researcher, asked, options)).result;
    const sums = (await askStatistic(test.researcher, asked, { ...options, engine: ELGAMAL }))
      .result;
    expect(sums.engine).toBe('elgamal');
    expect(sums.value).toEqual(shares.value);
    expect([sums.count, sums.patients]).toEqual([shares.count, shares.patients]);
    expect(sums.checked).toBe(asked.statistic === 'count' ? 'verified' : 'unchecked');
  });
});

const mean = question('mean', 'heart-rate');
const ask = (test: TestServers, asked: StatisticQuestion = mean) =>
  askStatistic(test.researcher, asked, { world: test.world, ...FAST, engine: ELGAMAL });
const failed = async (work: Promise<unknown>): Promise<ReaderError> => {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ReaderError);
  return error as ReaderError;
};
/** The JSON of an answer, changed. */
const changed =
  (path: string, change: (answer: Record<string, unknown>) => object) =>
  (at: string, bytes: Uint8Array): Uint8Array =>
    at === path
      ? utf8(JSON.stringify(change(JSON.parse(new TextDecoder().decode(bytes)) as never)))
      : bytes;
const flipped = (text: string): string => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);

describe('the key [PROTO-82] [PROTO-83]', () => {
  it('is made at the first question, is one at all servers, and then kept', async () => {
    const test = ward(3, 1);
    await ask(test);
    expect(test.keys.size).toBe(3);
    for (const stored of test.keys.values()) {
      expect(stored.confirmed).toBe(true);
      expect(stored.own).toBeUndefined();
      expect(parseStored(storedJson(stored))).toEqual(stored);
    }
    const dealings = [...test.keys.values()].map((stored) => stored.dealings);
    expect(dealings[1]).toEqual(dealings[0]);
    const before = test.asked.length;
    await ask(test);
    expect(test.asked.slice(before).filter(({ path }) => path === '/elgamal/key').length).toBe(3);
  });

  it('with a server away it is refused at once, with its name; later it is made', async () => {
    const test = ward(3, 1);
    test.down.add(3);
    const error = await failed(ask(test));
    expect(error.message).toContain('server 3: it cannot be reached (connection refused)');
    expect(error.problem?.code).toBe('no-key');
    test.down.clear();
    expect((await ask(test)).result.engine).toBe('elgamal');
    // Once it is there, any t + 1 do.
    test.down.add(3);
    expect((await ask(test)).result.servers).toEqual([1, 2]);
  });

  it.each([
    [
      'another dealing than it committed to',
      'shows another dealing',
      (answer: Told) => {
        const dealing = answer['dealing'] as { proof: string };
        return { ...answer, dealing: { ...dealing, proof: flipped(dealing.proof) } };
      },
    ],
    [
      'a share that does not fit',
      'does not fit its commitments',
      (answer: Told) => ({
        ...answer,
        share: 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      }),
    ],
  ] as const)('a dealer who shows %s is named, and there is no key', async (_what, said, lie) => {
    const test = ward(3, 1);
    test.lies.set(2, {
      encrypted: changed('/elgamal/key', (told) => ('dealing' in told ? lie(told) : told)),
    });
    const error = await failed(ask(test));
    expect(error.message).toContain(said);
    expect(error.message).toContain('server 2');
    expect([...test.keys.values()].some(({ confirmed }) => confirmed)).toBe(false);
  });

  it('a server that was shown another dealing than the others is found before the key is used', async () => {
    const test = ward(3, 1);
    test.lies.set(2, {
      encrypted: changed('/elgamal/key', (told) =>
        'dealings' in told
          ? { ...told, dealings: [...(told['dealings'] as unknown[])].reverse() }
          : told,
      ),
    });
    const error = await failed(ask(test));
    expect(error.message).toContain('server 2 was shown another dealing of server 1');
  });
});

describe('liars and the absent [PROTO-86] [PROTO-88]', () => {
  let test: TestServers;
  beforeAll(async () => {
    test = ward(3, 1);
    await ask(test);
  });
  const lying = async (server: number, path: string, change: (told: Told) => object) => {
    test.lies.set(server, { encrypted: changed(path, change) });
    try {
      return await ask(test);
    } finally {
      test.lies.clear();
    }
  };
  const numbersWith = (change: (numbers: string[]) => string[]) => (told: Told) => ({
    ...told,
    numbers: change(told['numbers'] as string[]),
  });

  it.each([
    ['a number it did not sign', numbersWith(([first]) => [flipped(first!)]), 'not signed'],
    ['a number too many', numbersWith((all) => [...all, ...all]), 'another question'],
    [
      'a signature that does not hold',
      (told: Told) => ({
        ...told,
        signature: flipped(told['signature'] as string),
      }),
      'not signed',
    ],
  ] as const)('%s: another server takes its place', async (_what, change, said) => {
    const { result, notes } = await lying(1, '/elgamal/sums', change);
    expect(result.servers).toEqual([2, 3]);
    expect(notes.join()).toMatch(new RegExp(`server 1: .*${said}`));
  });

  it('a wrong partial decryption names its server, and the others decrypt', async () => {
    const other = test.keys.get(2)!;
    const { result, notes, named } = await lying(1, '/elgamal/decrypt', (told) => ({
      ...told,
      partials: (told['partials'] as string[]).map(
        (partial) => toBase64Url(G.toBytes()).slice(0, 42) + partial.slice(42),
      ),
    }));
    expect(named).toEqual([1]);
    expect(notes.join()).toContain('server 1: left out');
    expect(result.value).toBe((await ask(test)).result.value);
    expect(other.confirmed).toBe(true);
  });

  it('one missing is done without, two are said at once', async () => {
    test.down.add(2);
    const { result } = await ask(test);
    expect(result.servers).toEqual([1, 3]);
    test.down.add(3);
    const started = performance.now();
    const error = await failed(ask(test));
    expect(error.code).toBe('too-few');
    expect(error.message).toContain('server 2');
    expect(performance.now() - started).toBeLessThan(5_000);
    test.down.clear();
  });
});

describe('refusals', () => {
  it('a range wider than 2^40 is refused before anything is asked [PROTO-89]', async () => {
    const test = new TestServers(3, 1);
    // 60,000² of skin temperature: 305 rows of its square fill 2^40.
    for (let bed = 1; bed <= 2; bed++) {
      const values = new Array<number>(200).fill(36_000);
      test.append(`bed-${bed}`, [{ vital: 'skin-temperature', start: T, values }]);
    }
    const error = await failed(ask(test, question('variance', 'skin-temperature')));
    expect(error.code).toBe('engine');
    expect(error.message).toMatch(/up to 400 rows.*Use --engine shares/);
    expect(test.asked.some(({ path }) => path.startsWith('/elgamal'))).toBe(false);
  });

  it('what is no share of anything opens to no number [PROTO-89]', async () => {
    const test = ward(3, 1);
    await ask(test, question('count', 'spo2'));
    // A server whose shares are others than the log's: all it says holds, but for these.
    const { columns } = test.applierOf(1);
    columns.change({ log: 1, stay: 1, vitals: [1] }, Math.floor(T / 4_000)).lows.fill(12_345);
    const error = await failed(ask(test));
    expect(error.message).toContain('adds up to no number within the bound');
  });

  it('the cohort’s rule holds as for shares [PROTO-84]', async () => {
    const test = new TestServers(3, 1, 5);
    test.append('bed-1', [{ vital: 'heart-rate', start: T, values: [700, 710] }]);
    const error = await failed(ask(test));
    expect(error.problem?.code).toBe('cohort-too-small');
  });

  it('over patients it is refused by name, with what can', async () => {
    const error = await failed(ask(ward(3, 1), { ...mean, unit: 'patient' }));
    expect(error.message).toContain('Use --engine shares');
  });
});

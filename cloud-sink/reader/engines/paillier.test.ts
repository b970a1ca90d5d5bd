/**
 * The engine `paillier` through real servers: the same moments as plain arithmetic at any (n, t), readings of
 * different frames too [PROTO-60] [PROTO-65], by keys, rows and answers as they must be [PROTO-61] [PROTO-62] [PROTO-64],
 * and everything another party can get wrong [PROTO-63].
 */
import { existsSync, readFileSync } from 'node:fs';
import { findVital } from '@vitalshare/edge/vital';
import { describe, expect, it } from 'vitest';
import { parseJointPiece, encodeJointPiece, type JointPiece } from '../../messages/joint.ts';
import type { ProblemError } from '../../messages/messages.ts';
import type { StatisticQuestion } from '../question.ts';
import { TestServers } from '../servers.fixture.ts';
import { askStatistic } from '../statistic.ts';
import type { Statistic } from '../statistic-table.ts';
import { platform } from '../surroundings.ts';
import { ELGAMAL } from './elgamal.ts';
import { PAILLIER } from './paillier.ts';
import { SHARES } from './shares.ts';

const START = 1_790_000_000;
const FAST = { timeoutMs: 20_000, graceMs: 50, waitMs: 300 };

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

function ask(
  test: TestServers,
  statistic: Statistic,
  names: readonly string[],
  rest: Partial<StatisticQuestion> = {},
  engine = PAILLIER,
) {
  const options = { world: test.world, ...FAST, engine };
  return askStatistic(test.researcher, question(statistic, names, rest), options);
}

/** Heart rate and SpO2 in frames of their own, so that no frame has a product of them. */
function apart(servers: number, threshold: number): TestServers {
  const test = new TestServers(servers, threshold);
  const rows = [
    ['s-1', 720, 970],
    ['s-1', 740, 965],
    ['s-2', 910, 930],
    ['s-2', 905, 941],
    ['s-3', 655, 988],
  ] as const;
  for (const [i, [stay, heart, spo2]] of rows.entries()) {
    test.append(stay, [{ vital: 'heart-rate', start: START + i, values: [heart] }]);
    test.append(stay, [{ vital: 'spo2', start: START + i, values: [spo2] }]);
  }
  return test;
}

/** Pearson's r of the five rows, worked out from their deviations. */
function expectedR(): number {
  const x = [72, 74, 91, 90.5, 65.5];
  const y = [97, 96.5, 93, 94.1, 98.8];
  const mean = (v: readonly number[]): number => v.reduce((a, b) => a + b) / v.length;
  const [mx, my] = [mean(x), mean(y)];
  const dot = (a: readonly number[], ma: number, b: readonly number[], mb: number): number =>
    a.reduce((sum, each, i) => sum + (each - ma) * (b[i]! - mb), 0);
  return dot(x, mx, y, my) / Math.sqrt(dot(x, mx, x, mx) * dot(y, my, y, my));
}

describe('products of readings of different frames', () => {
  it.each([
    [3, 1],
    [3, 2],
    [4, 3],
    [5, 2],
  ])('(%i, %i): a correlation, by t + 1 servers', async (servers, threshold) => {
    const test = apart(servers, threshold);
    const { result, reason } = await ask(test, 'correlation', ['heart-rate', 'spo2']);
    expect(result.value).toBeCloseTo(expectedR(), 12);
    expect(result.servers).toEqual(Array.from({ length: threshold + 1 }, (_, i) => i + 1));
    expect(result.checked).toBe('unchecked');
    expect(reason).toMatch(/each of them could change the number/);
  });

  it('(3, 2): shares refuse them by name', async () => {
    const asked = ask(apart(3, 2), 'correlation', ['heart-rate', 'spo2'], {}, SHARES);
    await expect(asked).rejects.toThrow(/different frames/);
  });

  it('(3, 2): products of patients’ means, which shares refuse too', async () => {
    const rest = { unit: 'patient', confidence: 0.95 } as const;
    const { result } = await ask(apart(3, 2), 'mean', ['heart-rate'], rest);
    const shares = await ask(apart(5, 2), 'mean', ['heart-rate'], rest, SHARES);
    expect(result.value).toBe(shares.result.value);
    expect(result.interval).toEqual(shares.result.interval);
  });
});

const FOLDER = new URL('../../../../shared/data/vitals-bidmc/', import.meta.url);
const STATISTICS = [
  ['count', ['heart-rate']],
  ['mean', ['heart-rate']],
  ['variance', ['respiratory-rate']],
  ['covariance', ['heart-rate', 'spo2']],
  ['correlation', ['heart-rate', 'respiratory-rate']],
  ['regression', ['heart-rate', 'spo2', 'respiratory-rate']],
] as const;

/** The first seconds of four recordings: enough for every moment to differ, few enough for a unit test. */
const SECONDS = 20;

function bidmc(servers: number, threshold: number, seconds: number): TestServers {
  const test = new TestServers(servers, threshold);
  for (const patient of ['01', '03', '17', '53']) {
    const text = readFileSync(new URL(`bidmc_${patient}_Numerics.csv`, FOLDER), 'utf8');
    const [head, ...lines] = text.trim().split(/\r?\n/);
    const names = head!.split(',').map((name) => name.trim());
    const of = (name: string) =>
      lines.slice(0, seconds).map((line) => {
        const value = Number(line.split(',')[names.indexOf(name)]);
        return Number.isFinite(value) ? Math.round(10 * value) : null;
      });
    test.append(`bidmc-${patient}`, [
      { vital: 'heart-rate', start: START, values: of('HR') },
      { vital: 'spo2', start: START, values: of('SpO2') },
      { vital: 'respiratory-rate', start: START, values: of('RESP') },
    ]);
  }
  return test;
}

describe.skipIf(!existsSync(FOLDER))('recordings of four people (BIDMC)', () => {
  it.each([
    [3, 1],
    [3, 2],
    [5, 2],
  ])(
    '(%i, %i): paillier, elgamal and shares agree exactly',
    async (servers, threshold) => {
      const test = bidmc(servers, threshold, SECONDS);
      for (const [statistic, names] of STATISTICS) {
        const byPaillier = await ask(test, statistic, names);
        const byElgamal = await ask(test, statistic, names, {}, ELGAMAL);
        const byShares = await ask(test, statistic, names, {}, SHARES);
        expect(byPaillier.result.value).toEqual(byShares.result.value);
        expect(byElgamal.result.value).toEqual(byShares.result.value);
        expect(byElgamal.result.value).toEqual(byShares.result.value);
        expect(byPaillier.result.count).toBe(byShares.result.count);
      }
    },
    120_000,
  );
});

const correlation = (test: TestServers) => ask(test, 'correlation', ['heart-rate', 'spo2']);

describe('a server that is missing', () => {
  it('is said at once where the others are too few', async () => {
    const test = apart(3, 2);
    test.down.add(2);
    await expect(correlation(test)).rejects.toThrow(
      /needs answers of 3 data servers.*server 2: it cannot be reached/s,
    );
  });

  it('is replaced where they are not', async () => {
    const test = apart(3, 1);
    test.down.add(2);
    const { result, notes } = await correlation(test);
    expect(result.servers).toEqual([1, 3]);
    expect(result.value).toBeCloseTo(expectedR(), 12);
    expect(notes.join()).toMatch(/server 2: it cannot be reached/);
  });

  it('is replaced where only a peer cannot reach it', async () => {
    const test = apart(3, 1);
    const { fetch } = test.world;
    const cut: typeof fetch = (input, init) => {
      const { hostname, pathname } = input as URL;
      const isCut = hostname === 'server-2.test' && pathname === '/joint/rows';
      return isCut ? Promise.reject(new TypeError('fetch failed')) : fetch(input, init);
    };
    test.peerFetch = cut;
    const { result, notes } = await correlation(test);
    expect(result.servers).toEqual([1, 3]);
    expect(notes.join()).toMatch(/server 2: server 1 says: server 2 does not take its part/);
  });

  it('is named when it falls silent after the question', async () => {
    const test = apart(3, 2);
    test.lies.set(1, { rows: () => new Promise(() => undefined) });
    test.jointSleep = (ms, signal) => platform.sleep(ms === 30_000 ? 500 : ms, signal);
    await expect(correlation(test)).rejects.toThrow(
      /Missing: server 1: server [23] says: server 1 does not take its part/,
    );
  });
});

describe('a server whose administrator has not allowed it [PROTO-66]', () => {
  it('is replaced where enough others have', async () => {
    const test = apart(3, 1);
    test.jointOff.add(1);
    const { result, notes } = await correlation(test);
    expect(result.servers).toEqual([2, 3]);
    expect(result.value).toBeCloseTo(expectedR(), 12);
    expect(notes.join()).toMatch(/server 1.*: its administrator has not allowed joint answers/);
  });

  it.each([
    [3, 1, [1, 2, 3], /needs 2 data servers .* and server 1 and server 2 do not: /],
    [3, 1, [2, 3], /and server 2 and server 3 do not: /],
    [3, 2, [2], /needs 3 data servers .* and server 2 does not: .*`data-server --joint`\.$/],
  ] as const)('(%i, %i) without %j: what to do', async (servers, threshold, off, message) => {
    const test = apart(servers, threshold);
    for (const server of off) test.jointOff.add(server);
    const error = await correlation(test).then(
      () => undefined,
      (reason: unknown) => reason as { problem?: ProblemError; message: string },
    );
    expect(error?.message).toMatch(message);
    expect(error?.message).toMatch(
      /could open another server's shares\. Use --engine shares, or ask/,
    );
    expect(error?.problem?.code).toBe('joint-off');
  });

  it('with another that is away: both are said', async () => {
    const test = apart(3, 1);
    test.jointOff.add(2);
    test.down.add(3);
    await expect(correlation(test)).rejects.toThrow(
      /and server 2 does not: .*Besides: server 3: it cannot be reached/s,
    );
  });
});

/** Changes the head or the ciphertexts of the pieces server 1 sends. */
const sends = (change: (piece: JointPiece) => JointPiece): TestServers => {
  const test = apart(3, 2);
  test.lies.set(1, { rows: (bytes) => encodeJointPiece(change(parseJointPiece(bytes))) });
  return test;
};

function withoutKey({ question, data, rows, first, ciphertexts }: JointPiece): JointPiece {
  return { question, data, rows, first, ciphertexts };
}

describe('what a server sends wrongly is refused with its name', () => {
  const other = 'A'.repeat(43);
  const zeros = (count: number) => new Uint8Array(count);
  it.each([
    ['no key', (piece: JointPiece) => withoutKey(piece), 'bad-request', /brings the key/],
    [
      'a key of somebody else',
      (piece: JointPiece) => ({ ...piece, key: { ...piece.key!, owner: 'A'.repeat(22) } }),
      'bad-cipher',
      /server 1: the key is not of who sent it/,
    ],
    [
      'a small key',
      (piece: JointPiece) => ({ ...piece, key: { ...piece.key!, n: 'AQAB' } }),
      'bad-cipher',
      /at least 2048 bits, got 17/,
    ],
    [
      'a wrong proof',
      (piece: JointPiece) => ({ ...piece, key: { ...piece.key!, proof: piece.key!.n } }),
      'bad-cipher',
      /the proof of the modulus does not hold/,
    ],
    [
      'other data',
      (piece: JointPiece) => ({ ...piece, data: other }),
      'joint-differs',
      /other data/,
    ],
    [
      'another number of rows',
      (piece: JointPiece) => ({ ...piece, rows: 6 }),
      'joint-differs',
      /other data/,
    ],
    [
      'a row left out',
      (piece: JointPiece) => ({ ...piece, first: 1 }),
      'bad-request',
      /expected row 0 next/,
    ],
    [
      'too many rows',
      (piece: JointPiece) => ({
        ...piece,
        ciphertexts: Uint8Array.from([...piece.ciphertexts, ...piece.ciphertexts]),
      }),
      'bad-request',
      /5 rows are expected/,
    ],
    [
      'half a ciphertext',
      (piece: JointPiece) => ({ ...piece, ciphertexts: piece.ciphertexts.subarray(0, 700) }),
      'bad-cipher',
      /2 ciphertexts have 1024 bytes, got 700/,
    ],
    [
      'a ciphertext of 0',
      (piece: JointPiece) => ({ ...piece, ciphertexts: zeros(512) }),
      'bad-cipher',
      /ciphertext 0 is not in/,
    ],
    [
      'a ciphertext beyond N²',
      (piece: JointPiece) => ({ ...piece, ciphertexts: zeros(512).fill(255) }),
      'bad-cipher',
      /ciphertext 0 is not in/,
    ],
  ] as const)('%s', async (_, change, code, message) => {
    const error = await correlation(sends(change)).then(
      () => undefined,
      (reason: unknown) => reason as { problem?: ProblemError; message: string },
    );
    expect(error?.message).toMatch(message);
    expect(error?.problem?.code).toBe(code);
  });

  it('an answer to the rows that is no ciphertext', async () => {
    const test = apart(3, 2);
    test.lies.set(2, { multiplied: (bytes) => bytes.map(() => 0) });
    await expect(correlation(test)).rejects.toThrow(/server 2: ciphertext 0 is not in/);
  });

  it('answers over other rows are not added', async () => {
    const test = apart(3, 2);
    test.lies.set(3, { joint: (answer) => ({ ...answer, count: answer.count + 1 }) });
    await expect(correlation(test)).rejects.toThrow(/do not match/);
  });
});

describe('a question is refused as /moments refuses it', () => {
  it('where the cohort is too small', async () => {
    const test = new TestServers(3, 2, 5);
    test.append('s-1', [{ vital: 'heart-rate', start: START, values: [700] }]);
    const asked = ask(test, 'variance', ['heart-rate']);
    await expect(asked).rejects.toThrow(/refused: 1 patient has such rows, 5 are needed/);
  });
});

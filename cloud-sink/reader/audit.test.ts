import { describe, expect, it } from 'vitest';
import { P, toSigned } from '@vitalshare/edge/field';
import { keyId } from '@vitalshare/edge/identity';
import { fromBase64Url } from '@vitalshare/edge/seal';
import { auditCoefficients, randomShares } from '@vitalshare/edge/sharing/random';
import { openAnswer } from '@vitalshare/edge/sharing/open';
import { findVital } from '@vitalshare/edge/vital';
import { answerAudit, combineShares } from '../data-server/audit.ts';
import {
  type AuditAnswer,
  type AuditQuery,
  challengeOf,
  parseAuditQuery,
  ProblemError,
} from '../messages/messages.ts';
import { askAudit } from './audit.ts';
import { bytesOf } from './catalogue.ts';
import { ReaderError } from './errors.ts';
import { TestServers } from './servers.fixture.ts';

/** A chunk ends at 1,788,000,000 + 4,000: rows lie on both sides of it. */
const START = 1_788_003_998;
const breathe = (): Promise<void> => Promise.resolve();

function ward(servers: number, threshold: number): TestServers {
  const test = new TestServers(servers, threshold);
  for (const [stay, values] of [
    ['s-1', [720, 730, null, 741, 742]],
    ['s-2', [910, null, 905, 906, 900]],
  ] as const) {
    test.append(stay, [
      { vital: 'heart-rate', start: START, values },
      { vital: 'spo2', start: START, values: [960, 970, 955, 950, 981] },
    ]);
  }
  return test;
}

const ask = (test: TestServers, names = ['heart-rate', 'spo2'], rest = {}) =>
  askAudit(
    test.researcher,
    { vitals: names.map((name) => findVital(name)!), where: {}, ...rest },
    { world: test.world, graceMs: 50 },
  );

/** One bit of one share at one server, as a failing disk or its administrator would. */
function flip(test: TestServers, server: number, stay: number, codes: readonly number[]): void {
  const { books, columns } = test.applierOf(server);
  const chunk = columns.change({ log: books.logs[0]!.index, stay, vitals: codes }, 447_001);
  expect(chunk.presence.some((byte) => byte !== 0)).toBe(true);
  chunk.lows[0] = chunk.lows[0]! ^ 1;
  chunk.lows[1] = chunk.lows[1]! ^ 1;
}

describe('an audit of stored shares [S9] [S20]', () => {
  it.each([
    [3, 1, 'verified'],
    [5, 2, 'verified'],
    [7, 3, 'verified'],
  ] as const)('(%i, %i): shares that fit are %s', async (servers, threshold, verdict) => {
    const test = ward(servers, threshold);
    const { result, notes } = await ask(test);
    expect(notes).toEqual([]);
    expect([result.verdict, result.named, result.count]).toEqual([verdict, [], 18]);
    expect(result.servers).toHaveLength(servers);
  });

  it.each([
    [3, 1, 'detected', []],
    [4, 1, 'verified', [2]],
    [5, 1, 'verified', [2]],
    [5, 2, 'detected', []],
    [9, 2, 'verified', [2]],
  ] as const)('(%i, %i): one flipped share is %s, named %j', async (n, t, verdict, named) => {
    const test = ward(n, t);
    await ask(test);
    flip(test, 2, 1, [1]);
    const { result } = await ask(test);
    expect([result.verdict, result.named]).toEqual([verdict, named]);
    // It is there all the same where it is not asked about.
    expect((await ask(test, ['spo2'])).result.verdict).toBe('verified');
    expect((await ask(test, ['heart-rate'], { stays: ['s-2'] })).result.named).toEqual([]);
  });

  it('two servers with wrong shares at (9, 2) are both named', async () => {
    const test = ward(9, 2);
    await ask(test);
    flip(test, 2, 1, [1]);
    flip(test, 7, 2, [3]);
    expect((await ask(test)).result.named).toEqual([2, 7]);
  });

  it('+1 at an element of one chunk and −1 at the same place of the next do not cancel [SHARE-16]', async () => {
    const test = ward(4, 1);
    await ask(test);
    const { books, columns } = test.applierOf(2);
    const key = { log: books.logs[0]!.index, stay: 1, vitals: [1] };
    // The first cells of stay s-1: slot 3998 of one chunk, slot 1 of the next.
    columns.change(key, 447_000).lows[3_998]! += 1;
    columns.change(key, 447_001).lows[1]! -= 1;
    expect((await ask(test, ['heart-rate'])).result.named).toEqual([2]);
  });

  it('covers columns of products where there are such', async () => {
    const test = ward(4, 2);
    const { result } = await ask(test);
    // 8 + 10 cells; of products 8 + 10 squares and 8 pairs.
    expect([result.verdict, result.count]).toEqual(['partly', 44]);
    flip(test, 3, 1, [1, 3]);
    expect((await ask(test)).result.verdict).toBe('detected');
    expect((await ask(test, ['spo2'])).result.verdict).toBe('partly');
  });

  it('says what it needs where any shares would fit', async () => {
    const two = await ask(ward(3, 2)).catch((error: unknown) => error);
    expect(two).toBeInstanceOf(ReaderError);
    expect((two as ReaderError).message).toMatch(
      /compares the shares of 4 servers; this world has 3/,
    );
    const test = ward(3, 1);
    test.down.add(2);
    await expect(ask(test)).rejects.toThrow('an audit needs answers of 3 data servers');
  });

  it('a server that answers for other cells or changes its commitment is left out and said', async () => {
    const test = ward(4, 1);
    test.lies.set(3, { audit: (answer) => ({ ...answer, data: answer.query }) });
    const { result, notes } = await ask(test);
    expect(result.servers).toEqual([1, 2, 4]);
    expect(notes).toEqual(['server 3: it answered over other data than the others']);
    const other = Buffer.alloc(32).toString('base64url');
    test.lies.set(3, { audit: (answer) => ({ ...answer, commitment: other }) });
    // Its honest second step refuses a commitment that is not its own.
    expect((await ask(test)).notes.join()).toMatch(/server 3: commitments must hold what/);
  });

  it('a lie about a combination is named like a wrong share', async () => {
    const test = ward(4, 1);
    test.lies.set(1, {
      audit: (answer) => ({
        ...answer,
        combinations: answer.combinations.map((word, e) => (word + BigInt(e)) % P),
      }),
    });
    expect((await ask(test)).result.named).toEqual([1]);
  });
});

describe('a lie about how many shares were compared', () => {
  const million = (answer: AuditAnswer): AuditAnswer => ({ ...answer, count: 1_000_000 });

  it.each([
    [5, 1, [1], 'verified'],
    [4, 1, [3], 'verified'],
    [9, 2, [1, 9], 'verified'],
    // Two servers are left, and any two shares fit.
    [3, 1, [1], 'unchecked'],
  ] as const)('(%i, %i): %j are named and the rest is counted', async (n, t, liars, verdict) => {
    const test = ward(n, t);
    for (const liar of liars) test.lies.set(liar, { audit: million });
    const { result } = await ask(test);
    expect([result.count, result.verdict, result.named]).toEqual([18, verdict, [...liars]]);
  });

  it('no count is given where two are told by more than t each', async () => {
    const test = ward(4, 1);
    for (const liar of [1, 2]) test.lies.set(liar, { audit: million });
    await expect(ask(test)).rejects.toThrow('no count is told by 2 of them alone');
  });
});

describe('what an audit gives away', () => {
  const cell = async (test: TestServers) => {
    await ask(test); // Every server has the log.
    const question = {
      version: 1,
      asOf: { [test.logId]: test.position },
      vitals: ['heart-rate'],
      from: START,
      to: START + 1,
      where: {},
      stays: ['s-1'],
    } as const;
    const asker = keyId(test.researcher.identity);
    const servers = test.researcher.configuration.dataServers.map((_, i) => test.applierOf(i + 1));
    const first = await Promise.all(servers.map((s) => answerAudit(s, question, asker, breathe)));
    const commitments = Object.fromEntries(
      first.map(({ server, commitment }) => [String(server), commitment]),
    );
    const query: AuditQuery = { ...question, commitments };
    return { servers, query, asker, question };
  };
  /** What the opened combination says the reading is: Σ c·x of one cell, over c. */
  const readingIn = (opened: bigint, challenge: Uint8Array): bigint => {
    const vector = new Uint32Array(2);
    auditCoefficients(challenge, 0, 0, vector);
    const c = (BigInt(vector[1]!) << 31n) | BigInt(vector[0]!);
    let inverse = 1n;
    for (let e = P - 2n, base = c; e > 0n; e >>= 1n, base = (base * base) % P) {
      if (e & 1n) inverse = (inverse * base) % P;
    }
    return toSigned((opened * inverse) % P);
  };

  it('nothing of a reading with the mask; the reading itself where the mask is left out', async () => {
    const test = ward(3, 1);
    const { servers, query, asker } = await cell(test);
    const challenge = challengeOf(query);
    const open = (values: readonly bigint[]) =>
      openAnswer(
        { servers: 3, threshold: 1 },
        1,
        values.map((value, i) => ({ server: i + 1, value })),
      );

    const bare = await Promise.all(servers.map((s) => combineShares(s, query, challenge, breathe)));
    const leaked = open(bare.map(({ combined }) => combined[0]!));
    expect(readingIn(leaked.value, challenge)).toBe(720n);

    const sent = await Promise.all(servers.map((s) => answerAudit(s, query, asker, breathe)));
    const masked = open(sent.map(({ combinations }) => combinations[0]!));
    expect(masked.checked).toBe('verified');
    expect(readingIn(masked.value, challenge)).not.toBe(720n);
    // Uniform below 2^61: 2^40 is ten readings' worth of room and a chance of one in 2^20.
    const size = readingIn(masked.value, challenge);
    expect(size < 0n ? -size : size).toBeGreaterThan(2n ** 40n);
  });

  it('masks are bound to asker, question, data and commitments, and to the combination', async () => {
    const test = ward(3, 1);
    const { servers, query, asker } = await cell(test);
    const [server] = servers;
    const bare = async (q: AuditQuery) => combineShares(server!, q, challengeOf(q), breathe);
    const maskIn = async (q: AuditQuery, by: string) => {
      const { combined } = await bare(q);
      const { combinations } = await answerAudit(server!, q, by, breathe);
      return combinations.map((word, e) => (word + P - combined[e]!) % P);
    };
    const [one, two] = await maskIn(query, asker);
    expect(one).not.toBe(two);
    expect(await maskIn(query, asker)).toEqual([one, two]);
    const others = { ...query, commitments: { ...query.commitments, 2: query.commitments!['1']! } };
    const physician = keyId(test.physician.identity);
    const masks = [await maskIn(others, asker), await maskIn(query, physician)].flat();
    expect(new Set([one, two, ...masks]).size).toBe(6);
  });

  it('commitments come first: no combination without one’s own, and it hides the share [PROTO-26]', async () => {
    const test = ward(3, 1);
    const { servers, query, question, asker } = await cell(test);
    const answer = (q: AuditQuery) => answerAudit(servers[0]!, q, asker, breathe);
    const { 2: second, 3: third } = query.commitments!;
    await expect(answer({ ...query, commitments: { 2: second!, 3: third! } })).rejects.toThrow(
      ProblemError,
    );
    const zeros = Buffer.alloc(32).toString('base64url');
    const wrong = { ...query, commitments: { ...query.commitments, 1: zeros } };
    await expect(answer(wrong)).rejects.toThrow('what this server committed to');
    const committed = await answer(question);
    expect(committed.combinations).toEqual([]);
    // Keyed by keys that one other server does not have all of: equal shares, other commitments.
    expect(new Set(Object.values(query.commitments!)).size).toBe(3);
    expect(fromBase64Url(committed.commitment)).toHaveLength(32);
  });

  it('a commitment is to the shares and under the server’s keys [PROTO-26]', async () => {
    const test = ward(3, 1);
    const { servers, question, asker } = await cell(test);
    const whole = { ...question, to: START + 4 };
    const [server] = servers;
    const commitment = async () => (await answerAudit(server!, whole, asker, breathe)).commitment;
    const first = await commitment();
    expect(await commitment()).toBe(first);
    const zero = server!.party.keys.zero as Map<number, Uint8Array>;
    const [mask, key] = [...zero][0]!;
    zero.set(mask, new Uint8Array(32).fill(1));
    expect(await commitment()).not.toBe(first);
    zero.set(mask, key);
    expect(await commitment()).toBe(first);
    const { books, columns } = server!;
    columns.change({ log: books.logs[0]!.index, stay: 1, vitals: [1] }, 447_001).lows[1]! ^= 1;
    expect(await commitment()).not.toBe(first);
  });

  it('the combinations are two, not one twice [SHARE-16]', async () => {
    const { servers, query } = await cell(ward(3, 1));
    const { combined } = await combineShares(servers[0]!, query, challengeOf(query), breathe);
    expect(combined).toHaveLength(2);
    expect(combined[0]).not.toBe(combined[1]);
  });

  it('random shares are of degree t and differ by binding and index [SHARE-15] [PROTO-27]', () => {
    const config = { servers: 4, threshold: 2 };
    const keyOf = (mask: number) => new Uint8Array(32).fill(mask);
    const masks = Array.from({ length: 16 }, (_, mask) => mask);
    const keys = new Map(masks.map((mask) => [mask, keyOf(mask)]));
    const shares = (binding: number) =>
      [1, 2, 3, 4].map((j) => randomShares(config, j, keys, new Uint8Array(32).fill(binding), 2));
    const open = (words: bigint[][], m: number) =>
      openAnswer(
        config,
        2,
        words.map((word, i) => ({ server: i + 1, value: word[m]! })),
      );
    const values = [1, 2].flatMap((binding) => [
      open(shares(binding), 0),
      open(shares(binding), 1),
    ]);
    expect(values.map(({ checked }) => checked)).toEqual(['partly', 'partly', 'partly', 'partly']);
    expect(new Set(values.map(({ value }) => value)).size).toBe(4);
    expect(() => randomShares(config, 1, keys, new Uint8Array(31), 1)).toThrow(RangeError);
    expect(() => randomShares(config, 1, new Map(), new Uint8Array(32), 1)).toThrow(
      'no zero-share key',
    );
  });

  it('coefficients go on where a keystream ends [SHARE-16]', () => {
    const challenge = new Uint8Array(32).fill(7);
    const across = new Uint32Array(8);
    auditCoefficients(challenge, 1, 2 ** 20 - 2, across);
    const [before, after] = [new Uint32Array(4), new Uint32Array(4)];
    auditCoefficients(challenge, 1, 2 ** 20 - 2, before);
    auditCoefficients(challenge, 1, 2 ** 20, after);
    expect([...across]).toEqual([...before, ...after]);
    const other = new Uint32Array(8);
    auditCoefficients(challenge, 0, 2 ** 20 - 2, other);
    expect([...other]).not.toEqual([...across]);
  });

  it('a question of another form is refused', () => {
    const question = { version: 1, asOf: { ['0'.repeat(32)]: 1 }, vitals: ['spo2'], where: {} };
    expect(parseAuditQuery(bytesOf(question)).vitals).toEqual(['spo2']);
    const commitment = Buffer.alloc(32).toString('base64url');
    for (const bad of [
      { degree: 1 },
      { commitments: { 0: commitment } },
      { commitments: { 17: commitment } },
      { commitments: { 1: commitment.slice(1) } },
      { commitments: { 1: 5 } },
    ]) {
      expect(() => parseAuditQuery(bytesOf({ ...question, ...bad }))).toThrow(ProblemError);
    }
  });
});

/** [S9] No mask of a product ever meets two sets of data, however alike two worlds look. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { P } from '@vitalshare/edge/field';
import { keyId } from '@vitalshare/edge/identity';
import { fromBase64Url, fromHex, toBase64Url, toHex } from '@vitalshare/edge/seal';
import { type MomentsQuery, queryDigest } from '../messages/query.ts';
import { answerMoments } from './answer-moments.ts';
import { Applier } from './apply.ts';
import { chooseCohort } from './cohort.ts';
import { auditBinding, zeroBinding } from './masked-products.ts';
import { computeMoments } from './moments.ts';
import { MemoryStore } from './store-memory.fixture.ts';
import { applyLog, column, makeWorld, random, TestLog } from './world.fixture.ts';

const T = 1_700_000_000;
const HEART_RATE = 1;
const breathe = () => Promise.resolve();
const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

const ask = (asOf: Record<string, number>): MomentsQuery => ({
  version: 1,
  asOf,
  vitals: ['heart-rate'],
  degree: 2,
  where: {},
});

function serverOf(log: TestLog, store = new MemoryStore()): Applier {
  const server = new Applier(log.world.dataServers[0]!, store);
  applyLog(server, log);
  return server;
}

const answerOf = (server: Applier, query: MomentsQuery) =>
  answerMoments(server, query, keyId(server.party.identity), breathe);

/** What was added to this server's share of Σ x² before it left. */
async function maskOf(server: Applier, query: MomentsQuery): Promise<bigint> {
  const { products } = await answerOf(server, query);
  const { columns, books } = server;
  const members = chooseCohort(books, query.asOf, {}, undefined);
  const plan = {
    logs: [],
    members,
    vitals: [HEART_RATE],
    degree: 2 as const,
    from: 0,
    to: 2 ** 32,
  };
  const bare = await computeMoments(columns, { ...plan, productColumns: false }, breathe);
  return (products[0]! - bare.products[0]! + P) % P;
}

/** [PROTO-16] without the logs: one stay's rows, spelled out: one second a frame, in one chunk. */
function rowsOf(log: TestLog, stay: string, positions: readonly number[]): Buffer {
  const runs = positions.map((position, i) => {
    const run = Buffer.alloc(32);
    run.writeUInt32LE(T + i, 0);
    run.writeUInt32LE(1, 4);
    run.set(log.id, 8);
    run.writeBigUInt64LE(BigInt(position), 24);
    return run;
  });
  const rows = Buffer.from(Uint32Array.of(positions.length).buffer);
  const leaves = sha256(sha256(...runs));
  return Buffer.concat([Buffer.from(`${stay}\0`), Uint8Array.of(1), rows, leaves]);
}

/** Records 0 to 3 are common: genesis, run, stay, a frame; 4 a run, 5 a frame of each one's own. */
function twoContinuations(): [TestLog, TestLog] {
  const log = new TestLog(makeWorld());
  log.stay(1, 'bed-1').frame(1, { 'heart-rate': column(T, [600]) });
  log.commit();
  return [log.restored(), log.restored()].map((each, i) => {
    each.frame(1, { 'heart-rate': column(T + 1, [700 + i]) }).commit();
    return each;
  }) as [TestLog, TestLog];
}

describe('a world restored twice from one copy and fed different readings [S9]', () => {
  it('[PROTO-16] has other data and other masks, at the same positions', async () => {
    const logs = twoContinuations();
    const [one, two] = logs;
    expect([one.name, one.position]).toEqual([two.name, two.position]);
    const query = ask({ [one.name]: one.position });
    const servers = logs.map((log) => serverOf(log));
    const answers = await Promise.all(servers.map((server) => answerOf(server, query)));
    const rows = rowsOf(one, 'bed-1', [3, 5]);
    expect(answers.map(({ data }) => data)).toEqual(
      logs.map((log) => toBase64Url(sha256(log.id, log.hash, rows))),
    );
    expect(answers[0]!.data).not.toBe(answers[1]!.data);
    // Without the hash nothing would tell them apart: question, count, patients, rows.
    const told = answers.map(({ query, count, patients }) => ({ query, count, patients }));
    expect(told[0]).toEqual(told[1]);
    expect(rowsOf(two, 'bed-1', [3, 5])).toEqual(rows);

    const masks = await Promise.all(servers.map((server) => maskOf(server, query)));
    expect(masks[0]).not.toBe(masks[1]);
    // Restored once more and read alike, a server answers with the mask it had.
    expect(await maskOf(serverOf(one), query)).toBe(masks[0]);
  });

  it('has one data for what they share, and other data from the run on', async () => {
    const [one, two] = twoContinuations();
    const dataAt = async (log: TestLog, position: number) =>
      (await answerOf(serverOf(log), ask({ [log.name]: position }))).data;
    expect(await dataAt(one, 4)).toBe(await dataAt(two, 4));
    expect(await dataAt(one, 5)).not.toBe(await dataAt(two, 5));
  });
});

describe('the hash behind `data` [PROTO-16]', () => {
  it('is the same before a commit, after it and after a restart, inside a batch too', async () => {
    const log = new TestLog(makeWorld());
    log.stay(1, 'bed-1').frame(1, { 'heart-rate': column(T, [600]) });
    log.frame(1, { 'heart-rate': column(T + 1, [610]) }).commit();
    log.frame(1, { 'heart-rate': column(T + 2, [620]) }).commit();
    const hashAt = (index: number) => log.batches[index]!.hash;
    const expected = [
      // Before record 4 and before record 5: both end in the third batch.
      [4, sha256(log.id, hashAt(2), rowsOf(log, 'bed-1', [3]))],
      [5, sha256(log.id, hashAt(2), rowsOf(log, 'bed-1', [3, 4]))],
      [6, sha256(log.id, hashAt(3), rowsOf(log, 'bed-1', [3, 4, 5]))],
    ] as const;
    const check = async (server: Applier) => {
      for (const [position, data] of expected) {
        const answer = await answerOf(server, ask({ [log.name]: position }));
        expect(answer.data).toBe(toBase64Url(data));
      }
    };
    const store = new MemoryStore();
    const server = serverOf(log, store);
    await check(server);
    const landing = server.flush();
    await check(server);
    await landing;
    await check(server);
    await check(new Applier(server.party, store));
    // Noted again after a commit, beside what the store holds.
    log.stay(2, 'bed-2').commit();
    applyLog(server, log);
    await check(server);
  });

  it('names every log of the question by rising id, and none at position 0', async () => {
    const world = makeWorld();
    const ids = ['ff', '00', '77'].map((byte) => fromHex(byte.repeat(16), 16));
    const [high, low, unread] = ids.map((id) => new TestLog(world, 1_000, id));
    high!.stay(1, 'bed-1').frame(1, { 'heart-rate': column(T, [600]) });
    high!.commit();
    const server = serverOf(high!);
    for (const log of [low!, unread!]) applyLog(server, log);
    const query = ask({ [high!.name]: 4, [unread!.name]: 0, [low!.name]: 2 });
    const heads = [low!.id, low!.hash, high!.id, high!.hash];
    const data = sha256(...heads, rowsOf(high!, 'bed-1', [3]));
    expect((await answerOf(server, query)).data).toBe(toBase64Url(data));
  });
});

describe('the binding of a mask [PROTO-17]', () => {
  it('is the digest the specification spells, other for every part', () => {
    const { configuration, configDigest } = makeWorld();
    const query = queryDigest(ask({}));
    const [data, asker] = [random(32), toBase64Url(random(16))];
    const binding = (
      part: Partial<{ configDigest: string; generation: number }> = {},
      [q, d, a]: readonly [Uint8Array, Uint8Array, string] = [query, data, asker],
    ): string => {
      const { generation = configuration.generation, configDigest: digest = configDigest } = part;
      const party = { configDigest: digest, configuration: { ...configuration, generation } };
      return toHex(zeroBinding(party, q, d, a));
    };
    const spelled = sha256(
      Buffer.from('vitalshare zero 1'),
      fromBase64Url(configDigest, 32),
      Uint8Array.of(1, 0, 0, 0),
      query,
      data,
      fromBase64Url(asker, 16),
    );
    expect(binding()).toBe(toHex(spelled));
    const all = [
      binding(),
      binding({ configDigest: toBase64Url(random(32)) }),
      binding({ generation: 2 }),
      binding({ generation: 1 + 2 ** 24 }),
      binding({}, [random(32), data, asker]),
      binding({}, [query, random(32), asker]),
      binding({}, [query, data, toBase64Url(random(16))]),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('the binding of an audit’s mask [PROTO-27]', () => {
  it('is other for every part, data at an equal question too', () => {
    const { configuration, configDigest } = makeWorld();
    const party = { configuration, configDigest };
    const [query, data, asker] = [random(32), random(32), toBase64Url(random(16))];
    const spelled = sha256(
      Buffer.from('vitalshare audit 1'),
      fromBase64Url(configDigest, 32),
      Uint8Array.of(1, 0, 0, 0),
      query,
      data,
      fromBase64Url(asker, 16),
    );
    const later = { ...party, configuration: { ...configuration, generation: 2 } };
    const all = [
      auditBinding(party, query, data, asker),
      auditBinding(party, query, random(32), asker),
      auditBinding(party, random(32), data, asker),
      auditBinding(party, query, data, toBase64Url(random(16))),
      auditBinding({ ...party, configDigest: toBase64Url(random(32)) }, query, data, asker),
      auditBinding(later, query, data, asker),
    ].map(toHex);
    expect(all[0]).toBe(toHex(spelled));
    expect(new Set(all).size).toBe(6);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type Identity, keyId } from '@vitalshare/edge/identity';
import { makeIdentity } from '@vitalshare/edge/identity/node';
import { utf8 } from '@vitalshare/edge/seal';
import { AnswerError, openSealedAnswer } from '../messages/answer.ts';
import { parseCatalogue, parseMomentsAnswer, parseTagsAnswer } from '../messages/answer-bodies.ts';
import { parseHead } from '../messages/heads.ts';
import { decodeHistory } from '../messages/history-answer.ts';
import { parseProblem } from '../messages/problem.ts';
import { signRequest } from '../messages/signature.ts';
import { type DataServer, startDataServer } from './server.ts';
import { LmdbStore } from './store-lmdb.ts';
import { column, logHost, makeWorld, random, TestLog, type TestWorld } from './world.fixture.ts';

const T = 1_700_000_000;
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

interface Running {
  readonly world: TestWorld;
  readonly log: TestLog;
  readonly server: DataServer;
  readonly url: string;
  readonly said: string[];
  /** Moves this server's clock. */
  readonly clock: { ms: number };
}

async function start(minimumCohort = 1): Promise<Running> {
  const world = makeWorld(3, 1, minimumCohort);
  const log = new TestLog(world);
  log.stay(1, 'bed-1', { ward: 'north' });
  const segment = {
    channel: 64,
    lead: 2,
    unit: 1,
    startMicros: T * 1e6,
    rateMilliHz: 250_000,
    gain: 200,
    baseline: 0,
    count: 500,
    plaintext: random(1002),
  };
  log.frame(1, { 'heart-rate': column(T, [600, 610]), spo2: column(T, [970]) }, [segment]);
  log.commit();
  const folder = mkdtempSync(join(tmpdir(), 'vitalshare-http-'));
  const said: string[] = [];
  const clock = { ms: 1_800_000_000_000 };
  const server = await startDataServer({
    party: world.dataServers[1]!,
    store: new LmdbStore(folder),
    gateway: 'http://gateway.test',
    host: '127.0.0.1',
    port: 0,
    clock: () => clock.ms,
    random,
    fetch: logHost([log], () => clock.ms),
    // Waits of the server are cut short, so that `behind` is refused at once.
    sleep: (_ms, signal) =>
      new Promise((resolve) => {
        const end = (): void => {
          signal.removeEventListener('abort', end);
          resolve();
        };
        setTimeout(end, 30);
        signal.addEventListener('abort', end);
      }),
    breathe: () => setImmediate(),
    report: (sentence) => said.push(sentence),
  });
  undo.push(
    () => rmSync(folder, { recursive: true }),
    () => server.close(),
  );
  await server.applier.reached({ [log.name]: log.position }, new Promise(() => undefined));
  return { world, log, server, url: `http://127.0.0.1:${server.port}`, said, clock };
}

function signed(running: Running, asker: Identity, path: string, body: Uint8Array) {
  const { world, clock } = running;
  return signRequest({
    method: 'POST',
    path,
    body,
    server: keyId(world.dataServers[1]!.identity),
    identity: asker,
    nowMs: clock.ms,
    random,
  });
}

const post = (running: Running, path: string, body: Uint8Array, headers: Record<string, string>) =>
  fetch(running.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(body),
  });

const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value));

/** The opened body of a 200, or the refusal. */
async function ask(running: Running, asker: Identity, path: string, query: unknown) {
  const body = query instanceof Uint8Array ? query : json(query);
  const headers = signed(running, asker, path, body);
  const response = await post(running, path, body, headers);
  if (!response.ok) throw refusalOf(response, await response.json());
  const sealed = new Uint8Array(await response.arrayBuffer());
  const { identity } = running.world.dataServers[1]!;
  const sent = { signature: headers['signature']!, body };
  return openSealedAnswer(asker, identity.sign, sent, sealed);
}

function refusalOf(response: Response, body: unknown): Error {
  // RFC 9457; a charset, which JSON does not have, changes nothing.
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json(;|$)/);
  const problem = parseProblem(body)!;
  expect(problem.status).toBe(response.status);
  return problem;
}

const refused = (code: string, status: number) => ({ code, status });

describe('a data server over HTTP', () => {
  it('tells anyone how far it is', async () => {
    const running = await start();
    const { log, world, url } = running;
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const head = parseHead(new Uint8Array(await (await fetch(`${url}/head`)).arrayBuffer()));
    expect(head).toEqual({
      server: 2,
      config: world.configDigest,
      heads: { [log.name]: { position: 4, hash: Buffer.from(log.hash).toString('base64url') } },
      epoch: 1,
    });
  });

  it('[PROTO-8] answers catalogue, moments, history and tags to those who may ask', async () => {
    const running = await start();
    const { world, log } = running;
    const asOf = { [log.name]: log.position };
    const catalogue = parseCatalogue(
      await ask(running, world.researcher, '/catalogue', { version: 1 }),
    );
    expect(catalogue).toEqual({
      heads: asOf,
      stays: [
        {
          stay: 'bed-1',
          tag: 'tag-bed-1',
          admitted: true,
          labels: { ward: 'north' },
          vitals: {
            'heart-rate': { rows: 2, from: T, to: T + 2 },
            spo2: { rows: 1, from: T, to: T + 1 },
          },
          waveforms: [{ channel: 'ecg', lead: 'II', from: T * 1e6, to: (T + 2) * 1e6 }],
        },
      ],
    });
    const query = { version: 1, asOf, vitals: ['heart-rate'], degree: 2, where: {} };
    const moments = parseMomentsAnswer(await ask(running, world.researcher, '/moments', query));
    expect(moments).toMatchObject({ server: 2, generation: 1, count: 2, patients: 1, asOf });
    expect([moments.sums.length, moments.products.length]).toEqual([1, 1]);
    const wanted = { version: 1, asOf, stay: 'bed-1', channel: 'ecg' };
    const history = decodeHistory(await ask(running, world.physician, '/history', wanted));
    expect(history.parts.map(({ masked, sets }) => [masked.length, sets.length])).toEqual([
      [1002, 2],
    ]);
    const tags = { version: 1, log: log.name, from: 3 };
    const held = parseTagsAnswer(await ask(running, world.gateway, '/tags', tags));
    expect([held.next, held.tags.length]).toEqual([4, 1]);
  });

  it('[PROTO-11] seals an answer to one asker and one request', async () => {
    const running = await start();
    const { world } = running;
    const body = json({ version: 1 });
    const headers = signed(running, world.researcher, '/catalogue', body);
    const response = await post(running, '/catalogue', body, headers);
    const sealed = new Uint8Array(await response.arrayBuffer());
    const { sign } = world.dataServers[1]!.identity;
    const sent = { signature: headers['signature']!, body };
    const open = (asker: Identity, server: string, request: typeof sent) => () =>
      openSealedAnswer(asker, server, request, sealed);
    expect(open(world.researcher, sign, sent)).not.toThrow();
    expect(open(world.physician, sign, sent)).toThrow(AnswerError);
    expect(open(world.researcher, world.gateway.sign, sent)).toThrow(/not signed by the server/);
    const again = signed(running, world.researcher, '/catalogue', body)['signature']!;
    expect(open(world.researcher, sign, { signature: again, body })).toThrow(/does not open/);
    expect(Buffer.from(sealed).includes('bed-1')).toBe(false);
  });

  it('[PROTO-10] refuses roles, strangers and signatures that do not hold', async () => {
    const running = await start();
    const { world, clock } = running;
    const body = json({ version: 1 });
    const send = async (path: string, headers: Record<string, string>, sent = body) => {
      const response = await post(running, path, sent, headers);
      return response.ok ? response.status : refusalOf(response, await response.json());
    };
    const by = (asker: Identity, path = '/catalogue') => signed(running, asker, path, body);
    expect(await send('/catalogue', {})).toMatchObject(refused('unsigned', 401));
    expect(
      await send('/catalogue', { ...by(world.researcher), signature: 'sig1=:AA==:' }),
    ).toMatchObject(refused('unsigned', 401));
    const stranger = makeIdentity('stranger', 'researcher', random);
    expect(await send('/catalogue', by(stranger))).toMatchObject(refused('not-admitted', 403));
    expect(await send('/catalogue', by(world.gateway))).toMatchObject(refused('not-admitted', 403));
    expect(await send('/moments', by(world.physician, '/moments'))).toMatchObject(
      refused('not-admitted', 403),
    );
    expect(await send('/history', by(world.researcher, '/history'))).toMatchObject(
      refused('not-admitted', 403),
    );
    expect(await send('/tags', by(world.researcher, '/tags'))).toMatchObject(
      refused('not-admitted', 403),
    );
    const altered = utf8('{"version":2}');
    expect(await send('/catalogue', by(world.researcher), altered)).toMatchObject(
      refused('bad-signature', 401),
    );
    expect(await send('/moments', by(world.researcher))).toMatchObject(
      refused('bad-signature', 401),
    );
    const elsewhere = signRequest({
      method: 'POST',
      path: '/catalogue',
      body,
      server: keyId(world.dataServers[0]!.identity),
      identity: world.researcher,
      nowMs: clock.ms,
      random,
    });
    expect(await send('/catalogue', elsewhere)).toMatchObject(refused('wrong-server', 401));
    const once = by(world.researcher);
    expect(await send('/catalogue', once)).toBe(200);
    expect(await send('/catalogue', once)).toMatchObject(refused('replayed', 401));
    const old = by(world.researcher);
    clock.ms += 61_000;
    expect(await send('/catalogue', old)).toMatchObject(refused('stale', 401));
    expect(running.said).toEqual([]);
  });

  it('refuses what is not of the form, not there, too far, too small or too much', async () => {
    const running = await start(2);
    const { world, log } = running;
    const asOf = { [log.name]: log.position };
    const moments = (part: object) =>
      ask(running, world.researcher, '/moments', {
        version: 1,
        asOf,
        vitals: ['spo2'],
        degree: 1,
        where: {},
        ...part,
      });
    const history = (part: object) =>
      ask(running, world.physician, '/history', {
        version: 1,
        asOf,
        stay: 'bed-1',
        channel: 'ecg',
        ...part,
      });
    for (const part of [
      { version: 2 },
      { vitals: [] },
      { vitals: ['blood'] },
      { degree: 3 },
      { from: 5, to: 5 },
      { from: 0.5 },
      { more: 1 },
      { asOf: {} },
      { where: { 'a b': 'c' } },
      { stays: ['Bed'] },
    ]) {
      await expect(moments(part)).rejects.toMatchObject(refused('bad-request', 400));
    }
    await expect(ask(running, world.researcher, '/moments', utf8('{'))).rejects.toMatchObject(
      refused('bad-request', 400),
    );
    await expect(moments({})).rejects.toMatchObject({
      ...refused('cohort-too-small', 422),
      numbers: { patients: 1, minimum: 2 },
    });
    await expect(moments({ stays: ['bed-2'] })).rejects.toMatchObject(refused('unknown-stay', 404));
    await expect(moments({ where: { ward: 'south' } })).rejects.toMatchObject(
      refused('unknown-label', 404),
    );
    await expect(moments({ asOf: { [log.name]: 99 } })).rejects.toMatchObject(
      refused('behind', 503),
    );
    await expect(history({ asOf: { ['f'.repeat(32)]: 1 } })).rejects.toMatchObject(
      refused('behind', 503),
    );
    await expect(history({ stay: 'bed-2' })).rejects.toMatchObject(refused('unknown-stay', 404));
    await expect(history({ channel: 'blood' })).rejects.toMatchObject(refused('bad-request', 400));
    const tags = { version: 1, log: 'f'.repeat(32), from: 0 };
    await expect(ask(running, world.gateway, '/tags', tags)).rejects.toMatchObject(
      refused('unknown-log', 404),
    );
    const huge = new Uint8Array(600_000);
    await expect(ask(running, world.researcher, '/moments', huge)).rejects.toMatchObject(
      refused('too-large', 413),
    );
    const nowhere = await fetch(`${running.url}/shares`);
    expect(refusalOf(nowhere, await nowhere.json())).toMatchObject(refused('not-found', 404));
    expect(running.said).toEqual([]);
  });

  it('waits for a snapshot that is about to come', async () => {
    const running = await start();
    const { world, log } = running;
    log.frame(1, { 'heart-rate': column(T + 2, [620]) }).commit();
    const asOf = { [log.name]: log.position };
    const query = { version: 1, asOf, vitals: ['heart-rate'], degree: 0, where: {} };
    const answer = parseMomentsAnswer(await ask(running, world.researcher, '/moments', query));
    expect(answer.count).toBe(3);
  });

  it('tells nobody what failed inside, only its operator', async () => {
    const running = await start();
    const { world, log, server } = running;
    server.applier.columns.readShares = () => {
      throw new Error('share 1234 of bed-1');
    };
    const asOf = { [log.name]: log.position };
    const query = { version: 1, asOf, vitals: ['spo2'], degree: 0, where: {} };
    await expect(ask(running, world.researcher, '/moments', query)).rejects.toMatchObject({
      ...refused('internal', 500),
      message: 'this server failed; its operator can see why',
    });
    expect(running.said).toHaveLength(1);
  });

  it('bears a request that is no HTTP', async () => {
    const { server, url } = await start();
    await new Promise<void>((resolve) => {
      const broken = request({ port: server.port, method: 'POST', path: '/moments' });
      broken.on('error', () => resolve());
      broken.setHeader('content-length', '10');
      broken.write('x');
      setTimeout(() => broken.destroy(), 20);
    });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

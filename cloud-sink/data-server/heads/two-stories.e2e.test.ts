/**
 * Three data servers and a gateway with the true keys that tells server 1 another story than 2 and 3,
 * all over real HTTP [S8].
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { keyId } from '@vitalshare/edge/identity';
import { utf8 } from '@vitalshare/edge/seal';
import { type Alarm, parseAlarms } from '../../messages/alarms.ts';
import { parseHeads } from '../../messages/heads.ts';
import { signRequest } from '../../messages/signature.ts';
import { MemoryStore } from '../store-memory.fixture.ts';
import { type DataServer, startDataServer } from '../server.ts';
import { column, logHost, makeWorld, random, TestLog, type TestWorld } from '../world.fixture.ts';

const T = 1_700_000_000;
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function until<T>(what: string, probe: () => Promise<T | undefined> | T | undefined) {
  for (let i = 0; i < 400; i++) {
    const value = await probe();
    if (value !== undefined) return value;
    await setTimeout(25);
  }
  throw new Error(`waited for ${what}`);
}

/** Serves whatever `logs` holds now; returns its address. */
async function gatewayOf(logs: readonly TestLog[]): Promise<string> {
  const server = createServer((request, response) => {
    void logHost(logs)(`http://gateway.test${request.url!}`).then(async (reply) => {
      response.writeHead(reply.status, Object.fromEntries(reply.headers));
      response.end(Buffer.from(await reply.arrayBuffer()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Ward {
  readonly world: TestWorld;
  readonly urls: string[];
  readonly servers: DataServer[];
  /** What the gateway shows to each server. */
  readonly shown: TestLog[][];
  readonly said: string[];
}

/** Three servers that waste no time; `asking` is whether they ask each other. */
async function ward(log: TestLog, asking = true): Promise<Ward> {
  const urls: string[] = [];
  const shown = [[log], [log], [log]];
  const said: string[] = [];
  const servers = await Promise.all(
    log.world.dataServers.map(async (party, i) =>
      startDataServer({
        ...{ party, store: new MemoryStore(), host: '127.0.0.1', port: 0, random },
        gateway: await gatewayOf(shown[i]!),
        dataServers: asking ? urls : [],
        clock: Date.now,
        fetch: globalThis.fetch,
        sleep: (ms, signal) =>
          setTimeout(Math.min(ms, 50), undefined, { signal }).catch(() => undefined),
        breathe: () => setImmediate(),
        report: (sentence) => said.push(`${i + 1}: ${sentence}`),
      }),
    ),
  );
  servers.forEach((server, i) => {
    urls[i] = `http://127.0.0.1:${server.port}`;
    undo.push(() => server.close());
  });
  return { world: log.world, urls, servers, shown, said };
}

const fetchBytes = async (url: string): Promise<Uint8Array> =>
  new Uint8Array(await (await fetch(url)).arrayBuffer());

const held = async (url: string, position: number) => {
  const { heads } = parseHeads(await fetchBytes(`${url}/heads`));
  return heads[0] !== undefined && heads[0].position >= position ? heads[0] : undefined;
};

async function ask({ world }: Ward, server: number, url: string, asOf: Record<string, number>) {
  const body = utf8(JSON.stringify({ version: 1, asOf, degree: 1, vitals: ['spo2'], where: {} }));
  const headers = signRequest({
    ...{ method: 'POST', path: '/moments', body, nowMs: Date.now(), random },
    server: keyId(world.dataServers[server - 1]!.identity),
    identity: world.researcher,
  });
  const type = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers: { ...type, ...headers }, body: Buffer.from(body) };
  const reply = await fetch(`${url}/moments`, init);
  const code = reply.ok ? 'answered' : ((await reply.json()) as { code: string }).code;
  return code;
}

const more = (log: TestLog, row: number) => {
  log.frame(1, { spo2: column(T + row, [900 + (row % 100)]) }).commit();
};

/** Common up to 4; then server 1 gets one continuation, 2 and 3 another. */
async function twoStories(asking: boolean) {
  const log = new TestLog(makeWorld());
  log.stay(1, 'bed-1').commit();
  more(log, 0);
  const all = await ward(log, asking);
  for (const { applier } of all.servers) {
    await applier.reached({ [log.name]: 4 }, new Promise(() => undefined));
  }
  if (asking) {
    for (const url of all.urls) await until('countersigned heads', () => held(url, 4));
  }
  const other = log.restored();
  let row = 1;
  const goOn = (): void => {
    more(log, row);
    more(other, 1_000 + row++);
  };
  all.shown[1]!.splice(0, 1, other);
  all.shown[2]!.splice(0, 1, other);
  for (let i = 0; i < 4; i++) goOn();
  for (const [i, { applier }] of all.servers.entries()) {
    const position = all.shown[i]![0]!.position;
    await applier.reached({ [log.name]: position }, new Promise(() => undefined));
  }
  return { ...all, log, goOn };
}

describe('[S8] a gateway that signs two different continuations', () => {
  it('is caught by all three servers, and the alarm says which positions differ', async () => {
    const ward = await twoStories(true);
    for (const [i, url] of ward.urls.entries()) {
      const [ours, theirs] = i === 0 ? [[1], [2, 3]] : [[2, 3], [1]];
      const alarms = await until('the alarm', async () => {
        ward.goOn(); // A ward does not stand still.
        const bytes = await fetchBytes(`${url}/alarms`);
        const told = JSON.parse(new TextDecoder().decode(bytes)) as Alarm[];
        // Of two continuations the longer one seen first is a rollback as well.
        const alarm = told.find(({ kind }) => kind === 'two-stories');
        // Raised at once, "from N or later"; the place follows when both sides were asked.
        return alarm?.positions?.from === 4 ? bytes : undefined;
      });
      const told = JSON.parse(new TextDecoder().decode(alarms)) as Alarm[];
      const { servers } = told.find(({ kind }) => kind === 'two-stories')!;
      // Who has not stated a head beyond the fork yet is on neither side.
      expect(servers?.theirs).not.toEqual([]);
      expect(theirs).toEqual(expect.arrayContaining([...servers!.theirs]));
      expect(ours).toEqual(expect.arrayContaining([...servers!.ours]));
      const alarm = parseAlarms(alarms).find(({ kind }) => kind === 'two-stories');
      expect(alarm).toMatchObject({ positions: { from: 4 } });
      expect(await ask(ward, i + 1, url, { [ward.log.name]: 4 })).toBe('answered');
      expect(await ask(ward, i + 1, url, { [ward.log.name]: 5 })).toBe('log-forked');
    }
    expect(ward.said.filter((sentence) => sentence.includes('positions from 4 to'))).not.toEqual(
      [],
    );
  });

  it('is caught when it rolls its log back and goes on otherwise, by each server alone', async () => {
    const log = new TestLog(makeWorld());
    log.stay(1, 'bed-1').commit();
    more(log, 0);
    const rolled = await ward(log, false);
    const copy = log.restored();
    more(log, 1);
    more(log, 2);
    for (const { applier } of rolled.servers) {
      await applier.reached({ [log.name]: 6 }, new Promise(() => undefined));
    }
    for (const shown of rolled.shown) shown.splice(0, 1, copy); // At 5, with a run record at 4.
    for (const url of rolled.urls) {
      const alarms = await until('the alarm', async () => {
        const told = parseAlarms(await fetchBytes(`${url}/alarms`));
        return told.some(({ kind }) => kind === 'two-stories') ? told : undefined;
      });
      expect(alarms).toMatchObject([
        { kind: 'rolled-back', positions: { from: 5, to: 6 } },
        { kind: 'two-stories', positions: { from: 4, to: 6 } },
      ]);
    }
  });

  it('is not caught by servers that do not ask each other: each answers its own story', async () => {
    const ward = await twoStories(false);
    await setTimeout(500);
    for (const [i, url] of ward.urls.entries()) {
      expect(parseAlarms(await fetchBytes(`${url}/alarms`))).toEqual([]);
      expect(await ask(ward, i + 1, url, { [ward.log.name]: 5 })).toBe('answered');
    }
    expect(ward.said).toEqual([]);
  });
});

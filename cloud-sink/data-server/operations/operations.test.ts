/** Limits of askers and strangers, each also with the limit off; readiness and metrics of one server. */
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { signRequest } from '../../messages/signature.ts';
import { keyId } from '@vitalshare/edge/identity';
import { utf8 } from '@vitalshare/edge/seal';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { StoreDamage } from '../checked-store.ts';
import { chunkKey } from '../keys.ts';
import { startDataServer } from '../server.ts';
import { MemoryStore } from '../store-memory.fixture.ts';
import { column, logHost, makeWorld, random, TestLog } from '../world.fixture.ts';

const knobs = vi.hoisted(() => ({
  ...{ ASKED_PER_KEY_AT_ONCE_MAX: 2, ASKED_AT_ONCE_MAX: 4 },
  ...{ QUESTIONS_PER_MINUTE_MAX: 60, QUESTIONS_BURST: 5 },
  ...{ STRANGER_REQUESTS_PER_SECOND_MAX: 1, STRANGER_BURST: 10, HTTP_CONNECTIONS_MAX: 8 },
  // Of no other wait, so that the ones of questions can be told apart.
  BEHIND_WAIT_MS: 7_777,
  ...{ HTTP_CONNECTIONS_PER_ADDRESS_MAX: 6, LARGE_BODIES_AT_ONCE_MAX: 4 },
  ...{ LARGE_BODIES_PER_ADDRESS_MAX: 3 },
}));
vi.mock('../../limits.ts', async (importOriginal) => {
  const mocked = { ...(await importOriginal<Record<string, unknown>>()) };
  for (const name of Object.keys(knobs) as (keyof typeof knobs)[]) {
    Object.defineProperty(mocked, name, { get: () => knobs[name], enumerable: true });
  }
  return mocked;
});
const usual = { ...knobs };
const OFF = 1e9;
const T = 1_700_000_000;

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
  Object.assign(knobs, usual);
});

async function start() {
  const world = makeWorld();
  const log = new TestLog(world).stay(1, 'bed-1');
  log.frame(1, { 'heart-rate': column(T, [600, 610]) }).commit();
  const clock = { ms: 1_800_000_000_000, monotonicMs: 0 };
  const store = new MemoryStore();
  const host = { fetch: logHost([log], () => clock.ms) };
  /** While set, questions wait for a log that does not come. */
  const waits: (() => void)[] = [];
  const said: [string, unknown][] = [];
  const server = await startDataServer({
    ...{ party: world.dataServers[0]!, store, gateway: 'http://gateway.test' },
    ...{ host: '127.0.0.1', port: 0, clock: () => clock.ms, random },
    fetch: (...request) => host.fetch(...request),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve());
        if (ms === usual.BEHIND_WAIT_MS) waits.push(resolve);
        else setTimeout(resolve, 5);
      }),
    breathe: () => setImmediate(),
    report: (sentence, about) => said.push([sentence, about?.event]),
    monotonicMs: () => clock.monotonicMs,
    storeBytes: () => 4_096,
  });
  undo.push(() => server.close());
  await server.applier.reached({ [log.name]: log.position }, new Promise(() => undefined));
  const url = `http://127.0.0.1:${server.port}`;
  const ask = async (
    asker = world.researcher,
    path = '/catalogue',
    query: unknown = { version: 1 },
  ) => {
    const body = utf8(JSON.stringify(query));
    const headers = signRequest({
      ...{ method: 'POST', path, body, identity: asker, nowMs: clock.ms, random },
      server: keyId(world.dataServers[0]!.identity),
    });
    const response = await fetch(url + path, { method: 'POST', headers, body: Buffer.from(body) });
    await response.arrayBuffer();
    return response.status;
  };
  const metrics = async (): Promise<string> => (await fetch(`${url}/metrics`)).text();
  return { world, log, clock, store, host, waits, said, server, url, ask, metrics };
}

const times = (count: number) => Array.from({ length: count });
const statuses = async (count: number, ask: () => Promise<number>): Promise<number[]> => {
  const got: number[] = [];
  for (let i = 0; i < count; i++) got.push(await ask());
  return got;
};

describe('an admitted key that asks too much', () => {
  it('is refused beyond its minute, the others are not, and it may ask again later', async () => {
    const { ask, clock, world, metrics } = await start();
    expect(await statuses(6, ask)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(await ask(world.physician)).toBe(200);
    clock.monotonicMs += 1_000;
    expect(await statuses(2, ask)).toEqual([200, 429]);
    expect(await metrics()).toContain('vitalshare_data_server_limited_total{limit="key-rate"} 2');
  });
  it('would be answered without the limit', async () => {
    knobs.QUESTIONS_BURST = OFF;
    const { ask } = await start();
    expect(await statuses(20, ask)).toEqual(times(20).fill(200));
  });

  const crowd = async () => {
    const { ask, waits, log, world, metrics } = await start();
    // Questions about a position that does not come hold their places.
    const asOf = { [log.name]: log.position + 1 };
    const query = { version: 1, asOf, vitals: ['heart-rate'], degree: 1, where: {} };
    const held = times(4).map(() => ask(world.researcher, '/moments', query));
    await vi.waitFor(() => expect(waits.length).toBeGreaterThanOrEqual(2));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const other = await ask(world.physician);
    for (const end of waits) end();
    const got = (await Promise.all(held)).toSorted();
    return { got, other, metrics: await metrics() };
  };
  it('at once leaves the other keys their places', async () => {
    const { got, other, metrics } = await crowd();
    expect([got, other]).toEqual([[429, 429, 503, 503], 200]);
    expect(metrics).toContain('limited_total{limit="key-at-once"} 2');
  });
  it('at once would leave them none without the limit', async () => {
    knobs.ASKED_PER_KEY_AT_ONCE_MAX = OFF;
    const { got, other, metrics } = await crowd();
    expect([got, other]).toEqual([[503, 503, 503, 503], 429]);
    expect(metrics).toContain('limited_total{limit="all-at-once"} 1');
  });
});

describe('a stranger who floods', () => {
  const flood = async ({ url }: { url: string }) =>
    statuses(14, async () => {
      const response = await fetch(`${url}/moments`, { method: 'POST', body: 'x' });
      await response.arrayBuffer();
      return response.status;
    });
  it('is refused before anything is read, and let in again later', async () => {
    const running = await start();
    const got = await flood(running);
    expect(got).toEqual([...times(11).fill(401), 429, 429, 429]);
    expect((await fetch(`${running.url}/head`)).status).toBe(429);
    running.clock.monotonicMs += 2_000;
    expect((await fetch(`${running.url}/head`)).status).toBe(200);
    running.clock.monotonicMs += 10_000;
    expect(await running.metrics()).toContain('limited_total{limit="stranger-rate"} 4');
  });
  it('would go on without the limit', async () => {
    knobs.STRANGER_BURST = OFF;
    expect(await flood(await start())).toEqual(times(14).fill(401));
  });
  it('does not use up what admitted keys may ask', async () => {
    const { ask, clock, url } = await start();
    for (let i = 0; i < 9; i++) await (await fetch(`${url}/head`)).arrayBuffer();
    expect(await statuses(3, ask)).toEqual([200, 200, 200]);
    expect(clock.monotonicMs).toBe(0);
  });
});

/** From an address of the loopback's own net, as another host would be. */
async function dial(port: number, localAddress: string, text = ''): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  socket.on('error', () => undefined);
  undo.push(() => socket.destroy());
  await new Promise((done) => socket.once('connect', done));
  socket.write(text);
  return socket;
}
const heard = async (socket: Socket): Promise<string> => {
  let text = '';
  socket.on('data', (chunk) => (text += String(chunk)));
  await vi.waitFor(() => expect(text !== '' || socket.closed || socket.readableEnded).toBe(true));
  return text.split('\r\n')[0]!;
};
const LOOK = 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n';
/** A body of 500 kB that does not come. */
const LARGE = 'POST /moments HTTP/1.1\r\nhost: x\r\ncontent-length: 500000\r\n\r\n{';

describe('a host that holds connections', () => {
  const hold = async (port: number) => {
    for (let i = 0; i < 7; i++) await dial(port, '127.0.0.2');
    await new Promise((later) => setTimeout(later, 20));
    return await heard(await dial(port, '127.0.0.3', LOOK));
  };
  it('leaves the others theirs', async () => {
    const { server, metrics } = await start();
    expect(await hold(server.port)).toBe('HTTP/1.1 200 OK');
    expect(await metrics()).toContain('limited_total{limit="connections"} 1');
  });
  it('would shut them out without the limit', async () => {
    knobs.HTTP_CONNECTIONS_PER_ADDRESS_MAX = OFF;
    const { server } = await start();
    await dial(server.port, '127.0.0.2');
    expect(await hold(server.port)).toBe('');
  });
});

describe('strangers whose large bodies do not end', () => {
  const send = async (port: number) => {
    const from = async (address: string) => await dial(port, address, LARGE);
    const own = [await from('127.0.0.2'), await from('127.0.0.2'), await from('127.0.0.2')];
    await new Promise((later) => setTimeout(later, 20));
    return { own, from };
  };
  it('are few at once of one address, and in all; small ones are taken as ever', async () => {
    knobs.HTTP_CONNECTIONS_MAX = OFF;
    const { server, ask, metrics } = await start();
    const { own, from } = await send(server.port);
    expect(await heard(await from('127.0.0.2'))).toMatch(/^HTTP\/1.1 429/);
    await from('127.0.0.3');
    await new Promise((later) => setTimeout(later, 20));
    expect(await heard(await from('127.0.0.4'))).toMatch(/^HTTP\/1.1 429/);
    expect(await ask()).toBe(200);
    expect(await metrics()).toContain('limited_total{limit="large-bodies"} 2');
    for (const each of own) each.destroy();
    await new Promise((later) => setTimeout(later, 20));
    const again = await from('127.0.0.2');
    await new Promise((later) => setTimeout(later, 50));
    expect(again.readable && !again.closed).toBe(true);
    expect(await metrics()).toContain('limited_total{limit="large-bodies"} 2');
  });
  it('would all be held without the limit', async () => {
    Object.assign(knobs, { LARGE_BODIES_PER_ADDRESS_MAX: OFF, LARGE_BODIES_AT_ONCE_MAX: OFF });
    const { server, metrics } = await start();
    const { from } = await send(server.port);
    await from('127.0.0.2');
    await new Promise((later) => setTimeout(later, 50));
    expect(await metrics()).toContain('limited_total{limit="large-bodies"} 0');
  });
});

describe('operations', () => {
  it('readiness names what is missing, and is well again', async () => {
    const { url, host, said } = await start();
    knobs.STRANGER_BURST = OFF;
    const ready = async () => {
      const response = await fetch(`${url}/readyz`);
      const body = (await response.json()) as { missing?: { what: string }[] };
      const type = response.headers.get('content-type');
      return [response.status, type?.split(';')[0], (body.missing ?? []).map(({ what }) => what)];
    };
    const readyIs = (expected: unknown) =>
      vi.waitFor(async () => expect(await ready()).toEqual(expected), 3_000);
    await readyIs([200, 'application/json', []]);
    const good = host.fetch;
    host.fetch = () => Promise.reject(new TypeError('fetch failed'));
    await readyIs([503, 'application/problem+json', ['follower']]);
    // Behind by two minutes of the log's own time: the list is served, the batches are not.
    host.fetch = async (...request) => {
      const response = await good(...request);
      if (!(request[0] as string).endsWith('/logs')) return new Response('', { status: 500 });
      const heads = (await response.json()) as { position: number; time: number }[];
      const ahead = heads.map((head) => ({
        ...head,
        position: head.position + 9,
        time: head.time + 120_000,
      }));
      return new Response(JSON.stringify(ahead));
    };
    await vi.waitFor(async () => expect((await ready())[2]).toContain('lag'), 3_000);
    host.fetch = good;
    await readyIs([200, 'application/json', []]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    // The watch of heads has a word on a host that shows a position it did not sign; it has no event.
    const events = said.flatMap(([, event]) => (event === undefined ? [] : [event]));
    expect(['follow-trouble', 'follow-well']).toEqual(expect.arrayContaining(events));
  });

  it('a commit that fails is missing as well', async () => {
    const { operations, applier } = (await start()).server;
    applier.commitFault = new Error('ENOSPC');
    expect(operations.missing().map(({ what }) => what)).toContain('store');
  });

  it('alarms and damages are numbers of /metrics, and hinder no other answer', async () => {
    const { log, host, clock, metrics, server, said } = await start();
    const good = host.fetch;
    knobs.STRANGER_BURST = OFF;
    const { damages } = server.applier;
    damages.found(
      new StoreDamage('shares', chunkKey({ log: 1, stay: 1, vitals: [1] }, 9), 'checksum'),
    );
    clock.ms += 61_000;
    host.fetch = logHost([log], () => clock.ms - 61_000);
    const alarm = 'vitalshare_data_server_alarms{kind="stale-head"} ';
    await vi.waitFor(async () => expect(await metrics()).toContain(`${alarm}1`), 3_000);
    expect(said).toContainEqual([expect.stringContaining('ALARM stale-head'), 'alarm']);
    const text = await metrics();
    expect(text).toMatch(/damages_found_total 1\n/);
    expect(text).toMatch(/damages [01]\n/);
    expect(server.operations.missing()).toEqual([]);
    host.fetch = good;
    await vi.waitFor(async () => expect(await metrics()).toContain(`${alarm}0`), 3_000);
  });

  it('metrics are for names of this machine, and say what came of records and questions', async () => {
    const { ask, metrics, server, url } = await start();
    await ask();
    await server.applier.flush();
    const text = await metrics();
    for (const line of [
      'vitalshare_data_server_applied_total{outcome="cells"} 2',
      'vitalshare_data_server_questions_total{kind="/catalogue",outcome="answered"} 1',
      'vitalshare_data_server_question_seconds_count{kind="/catalogue"} 1',
      'vitalshare_data_server_log_lag_records 0',
      'vitalshare_data_server_follower_connected 1',
      'vitalshare_data_server_store_bytes 4096',
      'vitalshare_data_server_alarms{kind="two-stories"} 0',
      'vitalshare_data_server_damages 0',
      'vitalshare_data_server_mended_total{from="peers"} 0',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).toMatch(/commit_seconds_count [1-9]/);
    expect(text).toMatch(/scrub_passes_total \d/);
    const { request } = await import('node:http');
    const status = await new Promise((resolve) => {
      const headers = { host: 'ward.example' };
      request(`${url}/metrics`, { headers }, ({ statusCode }) => resolve(statusCode)).end();
    });
    expect(status).toBe(404);
  });
});

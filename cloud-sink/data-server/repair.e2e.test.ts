/**
 * Three data servers on sockets: the log host forgets the log, a chunk rots at one of them, and the
 * other two make it whole again while questions are asked.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { findVital } from '@vitalshare/edge/vital';
import { askAudit } from '../reader/audit.ts';
import { askStatistic } from '../reader/statistic.ts';
import { CheckedStore, StoreDamage } from './checked-store.ts';
import { rowsOf } from './repair.fixture.ts';
import { type DataServer, startDataServer } from './server.ts';
import { MemoryStore } from './store-memory.fixture.ts';
import { column, logHost, makeWorld, random, TestLog } from './world.fixture.ts';

const T = 1_700_000_000;
const servers: DataServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function ward() {
  const world = makeWorld(3, 1);
  const log = new TestLog(world);
  log.stay(1, 'bed-1').stay(2, 'bed-2');
  const rates = (first: number) => Array.from({ length: 400 }, (_, i) => first + (i % 50));
  log.frame(1, { 'heart-rate': column(T, rates(700)) });
  log.frame(2, { 'heart-rate': column(T, rates(800)) }).commit();
  const host = logHost([log]);
  const state = { isGone: false, mayHelp: Promise.resolve() };
  // Filled while they start: each is asked for nothing before all are there.
  const urls: string[] = [];
  const said: string[] = [];
  const stores = world.dataServers.map(() => new CheckedStore(new MemoryStore()));
  for (const [i, party] of world.dataServers.entries()) {
    const server = await startDataServer({
      ...{ party, store: stores[i]!, gateway: 'http://gateway.test', dataServers: urls },
      ...{ host: '127.0.0.1', port: 0, clock: () => Date.now(), random },
      fetch: (url, init) => {
        const { hostname, pathname } = new URL(url instanceof Request ? url.url : url);
        if (pathname === '/repair') return state.mayHelp.then(() => fetch(url, init));
        if (hostname !== 'gateway.test') return fetch(url, init);
        return state.isGone ? Promise.resolve(new Response(null, { status: 404 })) : host(url);
      },
      sleep: (ms, signal) =>
        setTimeout(ms, undefined, { signal, ref: false }).catch(() => undefined),
      breathe: () => setImmediate(),
      report: (sentence) => i === 1 && sentence.includes('heart-rate') && said.push(sentence),
    });
    servers.push(server);
    urls.push(`http://127.0.0.1:${server.port}`);
    await server.applier.reached({ [log.name]: log.position }, new Promise(() => undefined));
    await server.applier.flush();
  }
  const { configuration, configDigest, researcher: identity } = world;
  const addresses = { gateway: 'http://gateway.test', dataServers: urls };
  const party = { identity, configuration, configDigest, addresses };
  return { party, stores, said, state, log };
}

const HEART_RATE = findVital('heart-rate')!;
/** Cuts a chunk, so that no kept summary answers. */
const some = { vitals: [HEART_RATE], where: {}, to: T + 350 };

describe('a chunk that rots when the log is gone', () => {
  it('[PROTO-49] [S5] is refused, then whole: the same mean, verified by all three', async () => {
    const { party, stores, said, state } = await ward();
    const mean = () => askStatistic(party, { statistic: 'mean', ...some });
    const before = await mean();
    const store = stores[1]!;
    const { key, value } = rowsOf(store, 'shares')[0]!;
    state.isGone = true;
    let help = (): void => undefined;
    state.mayHelp = new Promise((resolve) => (help = resolve));
    const bytes = store.inner.get('shares', key)!;
    bytes[600]! ^= 1;
    await store.inner.commit([{ table: 'shares', key, value: bytes }]);
    expect(() => store.get('shares', key)).toThrow(StoreDamage);
    expect(JSON.stringify(await mean())).toMatch(/server 2.* holds heart-rate of stay bed-1/);
    help();
    await expect.poll(() => said.at(-1), { timeout: 20_000 }).toMatch(/is whole again/);
    expect(store.get('shares', key)).toEqual(value);
    expect(await mean()).toEqual(before);
  });

  it('[PROTO-49] a wrong share of two helpers goes unseen, is recorded, and an audit shows it', async () => {
    const { party, stores, said, state } = await ward();
    const liar = stores[2]!;
    const [row] = rowsOf(liar, 'shares');
    const wrong = row!.value.slice();
    // The low word of every cell that is there.
    for (let at = 500; at < 500 + 4 * 4000; at += 4) {
      if (wrong.subarray(at, at + 4).some((byte) => byte !== 0)) wrong[at]! ^= 1;
    }
    state.isGone = true;
    await liar.commit([{ ...row!, value: wrong }]);
    servers[1]!.applier.damages.found(new StoreDamage('shares', row!.key, 'checksum'));
    await expect.poll(() => said.length, { timeout: 20_000 }).toBe(3);
    expect(said[1]).toMatch(/unchecked: .*`vitalshare audit` shows it/);
    expect(servers[1]!.applier.damages.byPeers).toMatchObject([
      { peers: { checked: 'unchecked' } },
    ]);
    await liar.commit([row!]);
    const { result } = await askAudit(party, some);
    expect(result.verdict).toBe('detected');
  });
});

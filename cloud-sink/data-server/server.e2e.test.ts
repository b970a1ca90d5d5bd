import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { parseHead } from '../messages/heads.ts';
import { Applier } from './apply.ts';
import { startDataServer } from './server.ts';
import { type Put, StoreError } from './store.ts';
import { MemoryStore } from './store-memory.fixture.ts';
import { applyLog, column, logHost, makeWorld, random, TestLog } from './world.fixture.ts';

const T = 1_700_000_000;

class FullStore extends MemoryStore {
  isFull = true;
  isClosed = false;
  tries = 0;
  override commit(puts: readonly Put[]): Promise<void> {
    this.tries++;
    if (this.isFull) return Promise.reject(new StoreError('MDB_MAP_FULL'));
    return super.commit(puts);
  }
  override close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

async function started(log: TestLog, store: FullStore) {
  const said: string[] = [];
  const server = await startDataServer({
    party: log.world.dataServers[0]!,
    store,
    gateway: 'http://gateway.test',
    host: '127.0.0.1',
    port: 0,
    clock: () => 1_700_000_000_000,
    random,
    fetch: logHost([log], () => 1_700_000_000_000),
    sleep: () => new Promise((resolve) => setTimeout(resolve, 5)),
    breathe: () => setImmediate(),
    report: (sentence) => said.push(sentence),
  });
  const position = async (): Promise<number> => {
    const reply = await fetch(`http://127.0.0.1:${server.port}/head`);
    return parseHead(new Uint8Array(await reply.arrayBuffer())).heads[log.name]?.position ?? 0;
  };
  return { server, said, position };
}

const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
};

it('[PROTO-46] a full disk stops the following, not the answering, and all is there once it has room', async () => {
  const log = new TestLog(makeWorld());
  log
    .stay(1, 'bed-1')
    .frame(1, { spo2: column(T, [970, 971]) })
    .commit();
  const store = new FullStore();
  const { server, said, position } = await started(log, store);
  await until(async () => store.tries > 2 && (await position()) === log.position);
  const held = log.position;
  log.frame(1, { spo2: column(T + 1, [980, 981]) }).commit();
  log.frame(1, { spo2: column(T + 5_000, [980, 981]) }).commit();
  const { tries } = store;
  await until(() => store.tries > tries + 5);
  expect(await position()).toBe(held);
  expect(said).toEqual([
    'the store takes nothing (MDB_MAP_FULL); free that disk: it goes on answering what it holds, follows the log no further and tries again.',
  ]);

  store.isFull = false;
  await until(async () => (await position()) === log.position);
  await server.close();
  expect(said.slice(1)).toEqual(['the store takes what came again; nothing was lost.']);
  const fresh = new Applier(log.world.dataServers[0]!, new MemoryStore());
  applyLog(fresh, log);
  const again = new Applier(log.world.dataServers[0]!, store);
  expect(again.books.logs).toEqual(fresh.books.logs);
  expect(again.books.staysOf(again.books.logs[0]!)).toEqual(
    fresh.books.staysOf(fresh.books.logs[0]!),
  );
  for (const number of [425_000, 425_001]) {
    const key = { log: 1, stay: 1, vitals: [3] };
    expect(again.columns.read(key, number)).toEqual(fresh.columns.read(key, number));
  }
});

it('a data server whose disk is full can still be closed', async () => {
  const store = new FullStore();
  const { server } = await started(new TestLog(makeWorld()), store);
  await until(() => store.tries > 0);
  await expect(server.close()).rejects.toThrow('MDB_MAP_FULL');
  expect(store.isClosed).toBe(true);
  await expect(fetch(`http://127.0.0.1:${server.port}/healthz`)).rejects.toThrow('fetch failed');
});

import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startDataServer } from './server.ts';
import { MemoryStore } from './store-memory.fixture.ts';
import { logHost, makeWorld, random, TestLog } from './world.fixture.ts';

it('a data server whose disk is full says so, and can still be closed', async () => {
  class FullStore extends MemoryStore {
    isClosed = false;
    override commit(): Promise<void> {
      return Promise.reject(new Error('MDB_MAP_FULL'));
    }
    override close(): Promise<void> {
      this.isClosed = true;
      return Promise.resolve();
    }
  }
  const world = makeWorld();
  const store = new FullStore();
  const server = await startDataServer({
    party: world.dataServers[0]!,
    store,
    gateway: 'http://gateway.test',
    host: '127.0.0.1',
    port: 0,
    clock: () => 1_700_000_000_000,
    random,
    fetch: logHost([new TestLog(world)]),
    sleep: () => new Promise((resolve) => setTimeout(resolve, 5)),
    breathe: () => setImmediate(),
    report: () => undefined,
  });
  await expect(server.failed).rejects.toThrow('MDB_MAP_FULL');
  await expect(server.close()).rejects.toThrow('MDB_MAP_FULL');
  expect(store.isClosed).toBe(true);
  await expect(fetch(`http://127.0.0.1:${server.port}/healthz`)).rejects.toThrow('fetch failed');
});

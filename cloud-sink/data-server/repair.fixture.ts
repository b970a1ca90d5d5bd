/**
 * Servers for tests of repair: the real HTTP code of each, without sockets, behind one `fetch`. They
 * can be down, and lie about an answer before it is signed.
 */
import type { FastifyInstance } from 'fastify';
import { fromHex } from '@vitalshare/edge/seal';
import { Applier } from './apply.ts';
import { CheckedStore } from './checked-store.ts';
import { HeadWatch } from './heads/watch.ts';
import { makeHttp } from './http.ts';
import type { PeersOptions } from './peers.ts';
import { Operations } from './operations/operations.ts';
import { MemoryStore } from './store-memory.fixture.ts';
import type { Put, Store, Table } from './store.ts';
import { applyLog, random, type TestLog, type TestWorld } from './world.fixture.ts';

export interface TestServer {
  readonly applier: Applier;
  readonly store: CheckedStore<MemoryStore>;
  readonly http: FastifyInstance;
}

export class RepairWorld {
  readonly world: TestWorld;
  readonly servers: readonly TestServer[];
  readonly down = new Set<number>();
  readonly clock = { ms: 1_800_000_000_000 };
  /** Everything that was sent to helpers, as it went. */
  readonly sent: { server: number; init: RequestInit }[] = [];
  readonly said: string[] = [];
  readonly #stop = new AbortController();

  constructor(world: TestWorld, logs: readonly TestLog[]) {
    this.world = world;
    this.servers = world.dataServers.map((party) => {
      const store = new CheckedStore(new MemoryStore());
      const applier = new Applier(party, store);
      for (const log of logs) applyLog(applier, log);
      const clock = () => this.clock.ms;
      const report = (sentence: string) => this.said.push(sentence);
      const watch = new HeadWatch({
        ...{ applier, store, clock, report },
        hasEnd: () => Promise.resolve(false),
      });
      const http = makeHttp({
        watch,
        operations: new Operations(applier, store, clock),
        ...{ applier, store, origins: [], random, clock, fetch: globalThis.fetch },
        sleep: () => Promise.resolve(),
        breathe: () => Promise.resolve(),
        signal: this.#stop.signal,
        report,
      });
      return { applier, store, http };
    });
  }

  of(server: number): TestServer {
    return this.servers[server - 1]!;
  }

  async flush(): Promise<void> {
    await Promise.all(this.servers.map(({ applier }) => applier.flush()));
  }

  peersOf(server: number): PeersOptions {
    return {
      party: this.world.dataServers[server - 1]!,
      addresses: this.servers.map((_, i) => `http://server-${i + 1}.test`),
      fetch: (url, init) => this.fetch(url as URL, init ?? {}),
      clock: () => this.clock.ms,
      random,
      sleep: (_ms, signal) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
      signal: this.#stop.signal,
    };
  }

  async fetch(url: URL, init: RequestInit): Promise<Response> {
    const server = Number(/server-(\d+)/.exec(url.hostname)![1]);
    if (this.down.has(server)) throw new TypeError('fetch failed');
    this.sent.push({ server, init });
    const reply = await this.of(server).http.inject({
      method: 'POST',
      url: url.pathname,
      headers: init.headers as Record<string, string>,
      payload: Buffer.from(init.body as Uint8Array),
    });
    return new Response(new Uint8Array(reply.rawPayload), { status: reply.statusCode });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.servers.map(({ http }) => http.close()));
  }
}

const START = new Uint8Array(1);
const END = fromHex('ff'.repeat(32));

/** Every row of a table. */
export const rowsOf = (store: Store, table: Table): Put[] =>
  [...store.keys(table, START.subarray(1), END)].map((key) => ({
    table,
    key,
    value: store.get(table, key)!,
  }));

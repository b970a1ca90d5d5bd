/**
 * One data server, put together: store, books, follower, HTTP. `close` commits what was applied and
 * leaves the store so that the next start goes on from there.
 */
import type { AddressInfo } from 'node:net';
import { verifier } from '@vitalshare/edge/identity/node';
import { COMMIT_EVERY_MS } from '../limits.ts';
import { Ahead, type AheadFile } from './ahead.ts';
import { Applier } from './apply.ts';
import { followAll } from './follow.ts';
import { hostHasEnd } from './heads/host.ts';
import { HOST } from './heads/log-watch.ts';
import { Peers } from './heads/peers.ts';
import { HeadWatch } from './heads/watch.ts';
import { makeHttp } from './http.ts';
import type { ServerParty } from './runs.ts';
import type { ScanPool } from './scan-pool.ts';
import type { Store } from './store.ts';

export interface DataServerOptions {
  readonly party: ServerParty;
  readonly store: Store;
  /** Where batches wait for a commit that nodes cannot wait for; none where no gateway asks for it. */
  readonly ahead?: readonly [AheadFile, AheadFile];
  /** Scans beside this thread; closed with the store. */
  readonly pool?: ScanPool;
  /** Where the log is served. */
  readonly gateway: string;
  /** Of all data servers, the j-th server j's; none where this one is alone. */
  readonly peers?: readonly string[];
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Whose pages may ask; none where it is left out. */
  readonly origins?: readonly string[];
  readonly clock: () => number;
  readonly random: (lengthBytes: number) => Uint8Array;
  readonly fetch: typeof globalThis.fetch;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly breathe: () => Promise<void>;
  /** One sentence for the operator. */
  readonly report: (sentence: string) => void;
}

export interface DataServer {
  readonly port: number;
  readonly applier: Applier;
  /** Rejects when this server cannot go on, such as with a full disk; never resolves before close. */
  readonly failed: Promise<void>;
  close(): Promise<void>;
}

/** The books are read from the store before it listens; that no other process has it is the command's. */
export async function startDataServer(options: DataServerOptions): Promise<DataServer> {
  const { party, store, host, sleep } = options;
  const applier = new Applier(party, store, options.pool);
  const verify = verifier(party.configuration.gateway.sign);
  const ahead = options.ahead && new Ahead(options.ahead);
  await ahead?.recover(applier, verify);
  if (ahead) applier.onCommit = () => ahead.turn();
  const stop = new AbortController();
  const peers = new Peers({
    ...options,
    ...{ addresses: options.peers ?? [], server: party.server },
    ...{ configDigest: party.configDigest, signal: stop.signal },
  });
  const watch = new HeadWatch({
    ...{ applier, store, clock: options.clock, report: options.report },
    hasEnd: (source, log, end) =>
      source === HOST
        ? hostHasEnd({ ...options, signal: stop.signal }, log, end)
        : peers.hasEnd(source, log, end),
  });
  applier.onCommitted = (log, position) => watch.durable(log, position);
  const http = makeHttp({
    ...options,
    origins: options.origins ?? [],
    ...{ applier, watch },
    signal: stop.signal,
  });
  await http.listen({ host, port: options.port });
  const { port } = http.server.address() as AddressInfo;

  const following = followAll({ ...options, applier, watch, ahead, verify, signal: stop.signal });
  const committing = commitEvery(applier, sleep, stop.signal);
  const watching = peers.watch(watch);
  const parts = [following, committing, watching];
  const failed = Promise.all(parts).then(() => undefined);
  failed.catch(() => undefined); // Whoever started it awaits it.

  const close = async (): Promise<void> => {
    stop.abort();
    await Promise.allSettled([http.close(), ...parts]);
    try {
      await applier.flush();
      await watch.keep(true);
    } finally {
      await ahead?.close();
      await options.pool?.close();
      await store.close();
    }
  };
  return { port, applier, failed, close };
}

async function commitEvery(
  applier: Applier,
  sleep: DataServerOptions['sleep'],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(COMMIT_EVERY_MS, signal);
    await applier.flush();
  }
}

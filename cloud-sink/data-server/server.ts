/**
 * One data server, put together: store, books, follower, HTTP. `close` commits what was applied and
 * leaves the store so that the next start goes on from there.
 */
import type { AddressInfo } from 'node:net';
import { verifier } from '@vitalshare/edge/identity/node';
import type { Say } from '@vitalshare/edge/operations';
import { COMMIT_EVERY_MS, FOLLOW_BACKOFF_MS_MAX } from '../limits.ts';
import { Ahead, type AheadFile } from './ahead.ts';
import { Applier } from './apply.ts';
import { scrubAlways } from './background-scrub.ts';
import type { KeyFile } from './elgamal/key-file.ts';
import { makeEncryptedSums } from './elgamal/routes.ts';
import { followAll } from './follow.ts';
import { hostHasEnd } from './heads/host.ts';
import { HOST } from './heads/log-watch.ts';
import { Peers } from './heads/peers.ts';
import { HeadWatch } from './heads/watch.ts';
import { makeHttp } from './http.ts';
import { mendAll } from './mender.ts';
import type { Metrics } from './operations/metrics.ts';
import { Operations } from './operations/operations.ts';
import type { ServerParty } from './runs.ts';
import type { ScanPool } from './scan-pool.ts';
import { type Store, StoreError } from './store.ts';

export interface DataServerOptions {
  readonly party: ServerParty;
  readonly store: Store;
  /** Where batches wait for a commit that nodes cannot wait for; none where no gateway asks for it. */
  readonly ahead?: readonly [AheadFile, AheadFile];
  /** Scans beside this thread; closed with the store. */
  readonly pool?: ScanPool;
  /** Where the log is served. */
  readonly gateway: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Of all data servers, the j-th server j's; none where this one is alone. */
  readonly dataServers?: readonly string[];
  /** Where its part of the key of encrypted sums is kept; without it and others there are none. */
  readonly keyFile?: KeyFile;
  /** Joint answers are allowed here [PROTO-66]; off where it is left out. */
  readonly joint?: boolean;
  /** Whose pages may ask; none where it is left out. */
  readonly origins?: readonly string[];
  readonly clock: () => number;
  readonly random: (lengthBytes: number) => Uint8Array;
  readonly fetch: typeof globalThis.fetch;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly breathe: () => Promise<void>;
  /** One sentence for the operator. */
  readonly report: Say;
  /** A clock that only rises; default `performance.now`. */
  readonly monotonicMs?: () => number;
  /** Alarms that the operator has dealt with, by id. */
  readonly acknowledged?: () => ReadonlyMap<string, number>;
  /** Size of the store on disk. */
  readonly storeBytes?: () => number;
  /** Adds what is measured of the process itself. */
  readonly measureProcess?: (registry: Metrics['registry']) => void;
}

export interface DataServer {
  readonly port: number;
  readonly applier: Applier;
  readonly operations: Operations;
  /**
   * Rejects when this server cannot go on: with StoreDamage where its store must be made again from the
   * log; never resolves before close.
   */
  readonly failed: Promise<void>;
  close(): Promise<void>;
}

/** The books are read from the store before it listens; that no other process has it is the command's. */
export async function startDataServer(options: DataServerOptions): Promise<DataServer> {
  const { party, store, host, sleep } = options;
  const applier = new Applier(party, store, { pool: options.pool });
  applier.onCommit({ ended: commitReports(options.report) });
  const verify = verifier(party.configuration.gateway.sign);
  const ahead = options.ahead && new Ahead(options.ahead);
  const unreadBytes = (await ahead?.recover(applier, verify)) ?? 0;
  if (unreadBytes > 0) {
    options.report(
      `${unreadBytes} bytes kept ahead of a commit are torn or damaged and left out; the log has them.`,
      { event: 'ahead-unread', level: 'warn' },
    );
  }
  if (ahead) applier.onCommit({ begun: () => ahead.turn() });
  const stop = new AbortController();
  const { monotonicMs = () => performance.now(), storeBytes } = options;
  const operations = new Operations(applier, store, monotonicMs, storeBytes);
  options.measureProcess?.(operations.metrics.registry);
  const peers = new Peers({
    ...options,
    ...{ addresses: options.dataServers ?? [], server: party.server },
    ...{ configDigest: party.configDigest, signal: stop.signal },
  });
  const watch = new HeadWatch({
    ...{ applier, store, clock: options.clock, report: options.report },
    ...(options.acknowledged && { acknowledged: options.acknowledged }),
    hasEnd: (source, log, end) =>
      source === HOST
        ? hostHasEnd({ ...options, signal: stop.signal }, log, end)
        : peers.hasEnd(source, log, end),
  });
  operations.watching(watch.alarms);
  const { dataServers: addresses, clock, random, fetch } = options;
  const helpers = { party, clock, random, fetch, sleep, signal: stop.signal };
  const http = makeHttp({
    ...options,
    ...(options.keyFile &&
      addresses && {
        encryptedSums: makeEncryptedSums(
          applier,
          options.keyFile,
          { ...helpers, addresses },
          options.breathe,
        ),
      }),
    operations,
    origins: options.origins ?? [],
    ...{ applier, watch },
    signal: stop.signal,
  });
  await http.listen({ host, port: options.port });
  const { port } = http.server.address() as AddressInfo;

  const follow = { ...options, applier, verify, signal: stop.signal };
  // Of following alone: what a mender reads again of the log is no news of it.
  const following = followAll({ ...follow, state: operations.follow, watch, ahead });
  const committing = commitEvery(applier, sleep, stop.signal);
  const mending = mendAll({
    ...follow,
    ahead: undefined,
    ...(addresses && { peers: { ...helpers, addresses } }),
  });
  const scrubbing = scrubAlways({ ...follow, store, scrubbed: operations.scrubbed });
  const work = [following, committing, mending, scrubbing, peers.watch(watch)];
  const failed = Promise.race([
    ...work.map((each) => each.then(() => Promise.all(work)).then(() => undefined)),
    applier.damages.whole,
  ]);
  failed.catch(() => undefined); // Whoever started it awaits it.

  const close = async (): Promise<void> => {
    stop.abort();
    await Promise.allSettled([http.close(), ...work]);
    try {
      await applier.flush();
      await watch.keep(true);
    } finally {
      await ahead?.close();
      await options.pool?.close();
      await store.close();
    }
  };
  return { port, applier, operations, failed, close };
}

async function commitEvery(
  applier: Applier,
  sleep: DataServerOptions['sleep'],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const isWell = applier.commitFault === undefined;
    await sleep(isWell ? COMMIT_EVERY_MS : FOLLOW_BACKOFF_MS_MAX, signal);
    await applier.flush().catch((error: unknown) => {
      // Told when it began; the next commit takes all of it.
      if (!(error instanceof StoreError)) throw error;
    });
  }
}

/** [PROTO-46] Says once when commits begin to fail, and once when they hold again. */
function commitReports(report: DataServerOptions['report']): (fault: unknown) => void {
  let isFailing = false;
  return (fault) => {
    if (isFailing === (fault !== undefined)) return;
    isFailing = !isFailing;
    const why = fault instanceof Error ? fault.message : 'it failed';
    report(
      isFailing
        ? `the store takes nothing (${why}); free that disk: it goes on answering what it holds, ` +
            'follows the log no further and tries again.'
        : 'the store takes what came again; nothing was lost.',
      isFailing ? { event: 'store-full', level: 'error' } : { event: 'store-well' },
    );
  };
}

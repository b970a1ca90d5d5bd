/**
 * Follows every log of the gateway, for ever: `GET /logs` finds them, `GET /log/<log>` is held open
 * by the host until there is news (PROTOCOL.md, Serving the log).
 *
 * The host is trusted with nothing: each batch is verified before it is applied, a reply is bounded,
 * and what does not continue the head held here is refused [PROTO-3], reported once, and asked for
 * again with back-off, since a host may come to its senses. While the store takes nothing (a full disk)
 * or a chunk in the way is damaged, following waits where it is: the head stays, nothing is lost.
 */
import type { Say } from '@vitalshare/edge/operations';
import { concatBytes } from '@vitalshare/edge/seal';
import {
  BATCH_BYTES_MAX,
  FOLLOW_BACKOFF_MS_MAX,
  FOLLOW_BACKOFF_MS_MIN,
  FOLLOW_QUIET_MS,
  FOLLOW_REPLY_MS_MAX,
  LOG_REPLY_BYTES_MAX,
  LOG_WAIT_MS_MAX,
  LOGS_BYTES_MAX,
  LOGS_EVERY_MS,
} from '../limits.ts';
import { type Batch, LogError } from '../messages/batch.ts';
import { BatchReader, type BatchReaderOptions } from '../messages/batch-reader.ts';
import { parseLogs, signedHeadOf } from '../messages/heads.ts';
import {
  HEAD_HEADER,
  HELD_HEADER,
  heldLine,
  parseHeadLine,
  WAITING_HEADER,
} from '../messages/signed-head.ts';
import type { Ahead } from './ahead.ts';
import type { Applier } from './apply.ts';
import { StoreDamage } from './checked-store.ts';
import { bounded, get } from './get.ts';
import type { HeadWatch } from './heads/watch.ts';
import type { FollowState } from './operations/follow-state.ts';
import { isAborted, scoped } from './scope.ts';
import { StoreError } from './store.ts';
import { connectionTrouble, hostTrouble } from './trouble.ts';

export interface FollowOptions {
  /** The log host: `addresses.gateway`. */
  readonly gateway: string;
  readonly applier: Applier;
  /** Is shown every head the host shows [S8]. */
  readonly watch?: HeadWatch;
  /** Takes batches at once where nodes wait for it [PROTO-44]. */
  readonly ahead?: Ahead | undefined;
  /** The gateway's signature. */
  readonly verify: BatchReaderOptions['verify'];
  readonly fetch: typeof globalThis.fetch;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** One sentence for the operator: a trouble that began or ended. */
  readonly report: Say;
  readonly signal: AbortSignal;
  /** Told how it goes. */
  readonly state?: FollowState;
}

/** Resolves when `signal` aborts. Rejects only on a fault of this server, not with a full disk. */
export async function followAll(options: FollowOptions): Promise<void> {
  const { signal, sleep } = options;
  const following = new Map<string, Promise<void>>();
  const failed: { error: unknown }[] = [];
  await persist('the gateway', LOGS_EVERY_MS, options, async () => {
    if (failed[0]) throw failed[0].error;
    for (const log of await fetchLogs(options)) {
      if (following.has(log)) continue;
      const done = persist(`log ${log}`, 0, options, () => followOnce(options, log));
      following.set(
        log,
        done.catch((error: unknown) => void failed.push({ error })),
      );
    }
  });
  await Promise.all(following.values());
  await sleep(0, signal);
  if (failed[0]) throw failed[0].error;
}

/**
 * Does `once` again and again; troubles of the network and the host are waited out. A lost
 * connection is reported for the gateway, not again for each of its logs, and only when it lasts:
 * parties that start or restart together are seconds apart.
 */
async function persist(
  what: string,
  everyMs: number,
  { signal, sleep, report, applier, state }: FollowOptions,
  once: () => Promise<void>,
): Promise<void> {
  let backoffMs = FOLLOW_BACKOFF_MS_MIN;
  const isLog = everyMs === 0;
  let trouble = '';
  while (!signal.aborted) {
    try {
      await once();
      if (trouble !== '') report(`${what}: well again.`, { event: 'follow-well' });
      trouble = '';
      backoffMs = FOLLOW_BACKOFF_MS_MIN;
      if (everyMs > 0) await sleep(everyMs, signal);
    } catch (error) {
      if (isAborted(signal)) return;
      const isOwn = isOwnTrouble(error, applier);
      const sentence = connectionTrouble(error) ?? hostTrouble(error);
      if (sentence === null && !isOwn) throw error;
      const isConnection = connectionTrouble(error) !== null;
      if (sentence !== null)
        state?.failed(sentence, isConnection, error instanceof LogError ? error.code : undefined);
      const isQuiet = isOwn || (isConnection && (isLog || backoffMs < FOLLOW_QUIET_MS));
      if (!isQuiet && sentence !== trouble) {
        report(`${what}: ${sentence!}; trying again.`, { event: 'follow-trouble', level: 'warn' });
      }
      if (!isQuiet && sentence !== null) trouble = sentence;
      await sleep(backoffMs, signal);
      backoffMs = Math.min(2 * backoffMs, FOLLOW_BACKOFF_MS_MAX);
    }
  }
}

/** A disk that takes nothing, or one damaged chunk: both are told elsewhere, and pass. */
function isOwnTrouble(error: unknown, { damages }: Applier): boolean {
  if (!(error instanceof StoreDamage)) return error instanceof StoreError;
  damages.found(error);
  return !error.isWhole;
}

async function fetchLogs(options: FollowOptions): Promise<string[]> {
  const chunks: Uint8Array[] = [];
  await request(options, '/logs', LOGS_BYTES_MAX, {}, (chunk) => void chunks.push(chunk));
  const heads = parseLogs(concatBytes(...chunks));
  options.state?.listed(heads);
  options.watch?.listed(heads.map((head) => ({ log: head.log, head: signedHeadOf(head) })));
  return heads.map(({ log }) => log);
}

/**
 * One reply of the log from where we are, or of it what stands before `end()`; it may be empty after
 * the host's wait.
 */
export async function followOnce(
  options: FollowOptions,
  log: string,
  end = () => Infinity,
): Promise<void> {
  const { applier, verify, watch } = options;
  if (watch?.isOutvoted(log) === true) {
    await options.sleep(FOLLOW_BACKOFF_MS_MAX, options.signal);
    return;
  }
  if (applier.commitFault !== undefined) await applier.flush();
  const head = applier.headOf(log);
  const reader = new BatchReader({ head, verify });
  const path = `/log/${log}?from=${head.position}&wait=${LOG_WAIT_MS_MAX}`;
  const bytesMax = LOG_REPLY_BYTES_MAX + BATCH_BYTES_MAX;
  // [PROTO-44] What is held is told with the request for more: whoever waits hears of it at once.
  const held = watch?.heldOf(log);
  const told: Readonly<Record<string, string>> = held ? { [HELD_HEADER]: heldLine(held) } : {};
  const applied: Batch[] = [];
  const take = async (chunk: Uint8Array): Promise<void> => {
    for (const batch of reader.push(chunk)) {
      if (batch.position >= end()) return;
      applier.apply(log, batch);
      options.state?.applied(log, batch.time);
      applied.push(batch);
      if (applier.full || options.ahead?.full === true) await applier.flush();
    }
  };
  const reply = await scoped(options.signal, async (scope) => {
    const pause = options.sleep(FOLLOW_BACKOFF_MS_MIN, scope.signal);
    const headers = await request(options, path, bytesMax, told, take);
    if (applier.headOf(log).position < end()) reader.end();
    // A host that waits for nothing, or has no place for who waits, is not asked in a loop.
    if (applied.length === 0) await pause;
    return headers;
  });
  if (watch === undefined) return;
  const isWaiting = reply.get(WAITING_HEADER) !== null;
  const { ahead } = options;
  if (isWaiting && ahead) {
    // What came when nobody waited, or in a reply that broke off, stands in no file: it is committed.
    if (watch.durableOf(log) < head.position) await applier.flush();
    else await ahead.keep(log, applied);
  }
  const line = reply.get(HEAD_HEADER);
  if (line !== null) watch.fromHost(log, parseHeadLine(log, line));
  if (isWaiting && ahead) watch.durable(log, reader.head.position);
}

function request(
  options: FollowOptions,
  path: string,
  bytesMax: number,
  headers: Readonly<Record<string, string>>,
  take: (chunk: Uint8Array) => void | Promise<void>,
): Promise<Headers> {
  const { gateway: address } = options;
  const asked = { who: 'the log host', address, path, msMax: FOLLOW_REPLY_MS_MAX, headers };
  return get(options, asked, async (response) => {
    for await (const chunk of bounded(response, bytesMax)) await take(chunk);
    return response.headers;
  });
}

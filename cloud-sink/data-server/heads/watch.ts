/**
 * Watches what the gateway signs of its logs, as the log host shows it and as the other servers hold
 * it, so that a gateway or host that tells two stories or rolls back is caught [S8].
 *
 *   log host ─ signed heads ─► ┌───────┐ ─► alarms          kept, on stderr, GET /alarms
 *   servers  ─ held heads ───► │ watch │ ─► held heads      GET /heads, and the follower's requests
 *   commits  ─ positions ────► └───────┘ ─► refusals        questions beyond a fork       [PROTO-43]
 */
import { signer, verifier } from '@vitalshare/edge/identity/node';
import type { Say } from '@vitalshare/edge/operations';
import { fromHex, toBase64Url } from '@vitalshare/edge/seal';
import { HEAD_AGE_MS_MAX, HEADS_COMMIT_EVERY_MS, WITHHELD_MS } from '../../limits.ts';
import type { BatchEnd } from '../../messages/heads.ts';
import { ProblemError } from '../../messages/problem.ts';
import type { Snapshot } from '../../messages/query.ts';
import {
  type HeldHead,
  isHeldHead,
  isSignedHead,
  type SignedHead,
  signHeld,
} from '../../messages/signed-head.ts';
import type { Applier } from '../apply.ts';
import { decodeJson, encodeJson } from '../json.ts';
import { type Store, StoreError } from '../store.ts';
import { Alarms } from './alarms.ts';
import { type Fork, HOST, LogWatch, type WatchState } from './log-watch.ts';
import { partingOf } from './search.ts';
import { falseStatement, gone, rolledBack, stale, twoStories, withheld } from './sentences.ts';

export interface HeadWatchOptions {
  readonly applier: Applier;
  readonly store: Store;
  /** ms UTC. */
  readonly clock: () => number;
  readonly report: Say;
  /** Whether that source (0 the log host, else a server) has this end of a batch in that log. */
  readonly hasEnd: (source: number, log: string, end: BatchEnd) => Promise<boolean>;
  /** Alarms that the operator has dealt with, by id; none where it is left out. */
  readonly acknowledged?: () => ReadonlyMap<string, number>;
}

/** When the gateway signed the head that the host showed last, and since when it does not show the log. */
interface Shown {
  timeMs: number;
  missingSinceMs: number | undefined;
  staleTimes: number;
}

export class HeadWatch {
  readonly alarms: Alarms;
  readonly #options: HeadWatchOptions;
  readonly #verify: ReturnType<typeof verifier>;
  readonly #sign: ReturnType<typeof signer>;
  readonly #logs = new Map<string, LogWatch>();
  readonly #shown = new Map<string, Shown>();
  /** Logs that this process found in its store; of any other one the servers are heard first. */
  readonly #old: ReadonlySet<string>;
  readonly #durable = new Map<string, number>();
  #changed = new Set<LogWatch>();
  #keptMs: number;
  /** When the log host last answered: one that does not answer withholds nothing, it is down. */
  #listedMs = 0;

  constructor(options: HeadWatchOptions) {
    this.#options = options;
    const { applier, store, clock, report } = options;
    const { configuration, identity } = applier.party;
    this.#verify = verifier(configuration.gateway.sign);
    this.#sign = signer(identity);
    this.alarms = new Alarms(store, clock, report);
    this.#old = new Set(applier.books.logs.map(({ log }) => log));
    this.#keptMs = clock();
    for (const { log, position } of applier.books.logs) this.durable(log, position);
    applier.onCommit({
      ended: (fault, positions) => {
        if (fault !== undefined) return;
        for (const [each, position] of Object.entries(positions)) this.durable(each, position);
      },
    });
  }

  /** What the host lists now: heads as it shows them, and whether a log of ours is gone. */
  listed(heads: readonly { readonly log: string; readonly head: SignedHead | null }[]): void {
    const nowMs = this.#options.clock();
    this.#listedMs = nowMs;
    for (const { log, head } of heads) {
      this.fromHost(log, head);
      this.#noteStale(log, head);
      const shown = this.#shown.get(log);
      if (shown) shown.missingSinceMs = undefined;
    }
    const listed = new Set(heads.map(({ log }) => log));
    for (const { log } of this.#options.applier.books.logs) {
      if (listed.has(log)) this.alarms.end('withheld', `${log} gone`);
      else this.#shownOf(log).missingSinceMs ??= nowMs;
    }
  }

  /** [PROTO-42] A head as the log host shows it now; null where the gateway did not sign it. */
  fromHost(log: string, head: SignedHead | null): void {
    const { applier } = this.#options;
    const isSigned = head && isSignedHead(applier.party.configDigest, head, this.#verify);
    // A host may list what it likes: a log is watched from its first signature, or batch, on.
    if (!isSigned && !applier.books.log(log)) return;
    const shown = this.#shownOf(log);
    if (!isSigned) return;
    shown.timeMs = head.time;
    this.#noteRollback(head);
    this.#consider(HOST, head);
  }

  /** At a list of logs: seen twice, for a reply that was under way while this machine slept is old. */
  #noteStale(log: string, head: SignedHead | null): void {
    const shown = this.#shown.get(log);
    if (!shown) return;
    const isStale = Math.abs(this.#options.clock() - shown.timeMs) > HEAD_AGE_MS_MAX;
    shown.staleTimes = isStale ? shown.staleTimes + 1 : 0;
    if (!isStale) this.alarms.end('stale-head', log);
    if (shown.staleTimes < 2) return;
    this.alarms.raise(log, stale(log, head));
  }

  /** [PROTO-42] Everything server `server` states; what it did not sign itself says nothing of it. */
  fromPeer(server: number, heads: readonly HeldHead[]): void {
    const { applier } = this.#options;
    const { configDigest, configuration } = applier.party;
    const verify = verifier(configuration.dataServers[server - 1]!.sign);
    let isTrue = true;
    const logs = new Set<string>();
    for (const held of heads) {
      const isOwn = held.server === server && isHeldHead(configDigest, held, verify);
      if (isOwn && isSignedHead(configDigest, held, this.#verify)) {
        logs.add(held.log);
        this.#consider(server, held);
        continue;
      }
      isTrue = false;
      const who = isOwn ? 'the gateway' : 'that server';
      this.alarms.raise(`server ${server}`, falseStatement(server, held, who));
    }
    if (isTrue) this.alarms.end('false-statement', `server ${server}`);
    for (const watch of this.#logs.values()) {
      if (!logs.has(watch.log)) watch.compared.add(server);
    }
  }

  /** Everything of `log` before `position` is on this server's medium. */
  durable(log: string, position: number): void {
    const { applier, clock } = this.#options;
    const { configDigest, configuration, server } = applier.party;
    this.#durable.set(log, Math.max(position, this.durableOf(log)));
    const watch = this.#logOf(log);
    // [PROTO-41] A store that is new, or lost, is compared before it vouches for a log.
    if (!this.#old.has(log) && watch.comparedCount < configuration.threshold) return;
    const head = watch.takeDurable(Math.min(position, watch.limit));
    if (!head || head.position <= (watch.own?.position ?? 0)) return;
    watch.state(signHeld(configDigest, head, { server, heldAt: clock() }, this.#sign), head);
    this.#changed.add(watch);
  }

  durableOf(log: string): number {
    return this.#durable.get(log) ?? 0;
  }

  /** What this server countersigns of a log; undefined where there is nothing yet. */
  heldOf(log: string): HeldHead | undefined {
    return this.#logs.get(log)?.own;
  }

  /** An older one, for a server that stands still at `position`: it shows there whether we differ. */
  heldUpTo(log: string, position: number): HeldHead | undefined {
    const { configDigest, server } = this.#options.applier.party;
    const head = this.#logs.get(log)?.headUpTo(position);
    if (!head) return undefined;
    return signHeld(configDigest, head, { server, heldAt: this.#options.clock() }, this.#sign);
  }

  /** Logs of which that server has told more for a while than we get to see. */
  stuckBehind(server: number): { readonly log: string; readonly position: number }[] {
    return [...this.#logs.values()].flatMap(({ log, pending }) => {
      const waiting = pending.get(server);
      return waiting && waiting.times > 1 ? [{ log, position: waiting.ourPosition }] : [];
    });
  }

  get held(): HeldHead[] {
    return [...this.#logs.values()].flatMap(({ own }) => (own ? [own] : []));
  }

  /** [PROTO-43] Throws ProblemError `log-forked` where a question reaches beyond a fork. */
  refuseForked(asOf: Snapshot): void {
    for (const [log, position] of Object.entries(asOf)) {
      const limit = this.#logs.get(log)?.limit ?? Infinity;
      if (position <= limit) continue;
      throw new ProblemError(
        'log-forked',
        `the gateway signed two continuations of log ${log}: positions from ${limit} on differ between servers`,
        { agreed: limit, asked: position },
      );
    }
  }

  /** How far forked logs are answered for. */
  get agreed(): Record<string, number> {
    const forked = [...this.#logs.values()].filter(({ limit }) => limit < Infinity);
    return Object.fromEntries(forked.map(({ log, limit }) => [log, limit]));
  }

  /** [PROTO-43] Whether this server's log is the one that q servers do not hold. */
  isOutvoted(log: string): boolean {
    return this.#logs.get(log)?.isOutvoted ?? false;
  }

  /** What time alone shows; and the search for where a fork parts. */
  async tick(): Promise<void> {
    const { applier, clock } = this.#options;
    const nowMs = clock();
    for (const watch of this.#logs.values()) {
      for (const [source, { head }] of [...watch.pending]) this.#consider(source, head);
      this.#noteWithheld(watch, nowMs);
      for (const [source, fork] of watch.forks) {
        if (!fork.isFound) await this.#locate(watch, source, fork);
      }
      this.#noteFork(watch);
    }
    for (const [log, position] of this.#durable) this.durable(log, position);
    for (const { log } of applier.books.logs) {
      const missingMs = nowMs - (this.#shownOf(log).missingSinceMs ?? nowMs);
      if (missingMs > WITHHELD_MS) {
        this.alarms.raise(`${log} gone`, gone(log, applier.headOf(log).position));
      }
    }
    const { acknowledged } = this.#options;
    if (acknowledged) this.alarms.acknowledge(acknowledged());
    await this.#keepOrLater(nowMs - this.#keptMs >= HEADS_COMMIT_EVERY_MS);
  }

  /** [PROTO-46] A full disk ends no watch: what was not kept is tried again. */
  async #keepOrLater(all: boolean): Promise<void> {
    try {
      await this.keep(all);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
  }

  /** What changed, to the store: alarms at once, the rest where `all`. Rejects with StoreError. */
  async keep(all: boolean): Promise<void> {
    await this.alarms.keep();
    if (!all || this.#changed.size === 0) return;
    const changed = [...this.#changed];
    this.#changed = new Set();
    const puts = changed.map((watch) => ({
      table: 'heads' as const,
      key: fromHex(watch.log, 16),
      value: encodeJson(watch.kept),
    }));
    try {
      await this.#options.store.commit(puts);
      this.#keptMs = this.#options.clock();
    } catch (error) {
      for (const watch of changed) this.#changed.add(watch);
      throw error;
    }
  }

  #consider(source: number, head: SignedHead | HeldHead): void {
    const { applier, clock } = this.#options;
    const { log, position } = head;
    const watch = this.#logOf(log);
    if (position > (watch.highest?.position ?? 0)) watch.highest = head;
    const ours = applier.headOf(log).position;
    const waiting = watch.pending.get(source)?.head;
    // The older one first: a side that is always ahead would never be compared.
    if (waiting && waiting !== head && waiting.position <= ours) this.#consider(source, waiting);
    if (position > ours) {
      watch.wait(source, head, ours, clock());
      return;
    }
    if (waiting === head) watch.pending.delete(source);
    watch.compared.add(source);
    if (position === 0) return;
    const hash = applier.hashes.endingAt(log, position);
    if (hash && toBase64Url(hash) === head.hash) {
      watch.match(head);
      if ('server' in head) watch.vouch(head);
      this.#changed.add(watch);
      if (watch.forks.size === 0) this.alarms.end('two-stories', log);
      return;
    }
    const known = watch.forks.get(source);
    if (known === undefined) {
      const parting = Math.min(watch.vouched.get(source)?.position ?? 0, position);
      watch.forks.set(source, { head, parting, isFound: false });
      this.#changed.add(watch);
    }
  }

  async #locate(watch: LogWatch, source: number, fork: Fork): Promise<void> {
    const { applier, hasEnd } = this.#options;
    const { log } = watch;
    const range = { from: fork.parting, to: fork.head.position };
    const ends = (position: number): BatchEnd | undefined => {
      const [end] = applier.hashes.ends(log, position, 1);
      return end && { position: end.position, hash: toBase64Url(end.hash) };
    };
    try {
      const parting = await partingOf(range, ends, (end) => hasEnd(source, log, end));
      watch.forks.set(source, { ...fork, parting, isFound: true });
    } catch {
      return; // Not there now: until it is, what it vouched for is what is common.
    }
    this.#changed.add(watch);
    await this.#keepOrLater(true);
  }

  #noteRollback(head: SignedHead): void {
    const { highest } = this.#logOf(head.log);
    if (!highest || head.time <= highest.time || head.position >= highest.position) return;
    this.alarms.raise(head.log, rolledBack(highest, head));
  }

  #noteWithheld(watch: LogWatch, nowMs: number): void {
    const { log } = watch;
    // Nothing comes because this disk takes nothing: nobody withholds it [PROTO-46].
    if (this.#options.applier.commitFault !== undefined) {
      for (const each of watch.pending.values()) each.sinceMs = nowMs;
    }
    const waiting = [...watch.pending.values()].filter(
      ({ sinceMs }) => nowMs - sinceMs > WITHHELD_MS,
    );
    if (waiting.length === 0) {
      this.alarms.end('withheld', log);
      return;
    }
    if (nowMs - this.#listedMs > WITHHELD_MS) return;
    const { head, ourPosition } = waiting.sort((a, b) => b.head.position - a.head.position)[0]!;
    this.alarms.raise(log, withheld(head, ourPosition));
  }

  #noteFork(watch: LogWatch): void {
    const forks = [...watch.forks.values()];
    // Proven by two signed heads: that nobody says where they part keeps no alarm back.
    if (forks.length === 0) return;
    const ours = this.#options.applier.headOf(watch.log).position;
    const alarm = twoStories(watch, forks, ours);
    const isSaid = this.alarms.list.some(
      ({ kind, log, until, positions, servers, detail }) =>
        kind === alarm.kind &&
        log === alarm.log &&
        until === undefined &&
        positions?.from === alarm.positions?.from &&
        wordsOf(detail) === wordsOf(alarm.detail) &&
        JSON.stringify(servers) === JSON.stringify(alarm.servers),
    );
    // Both continuations grow: that is no news.
    if (!isSaid) this.alarms.raise(watch.log, alarm);
  }

  #shownOf(log: string): Shown {
    let shown = this.#shown.get(log);
    if (!shown) {
      // A host that never showed one is given as long as one that did.
      shown = { timeMs: this.#options.clock(), missingSinceMs: undefined, staleTimes: 0 };
      this.#shown.set(log, shown);
    }
    return shown;
  }

  #logOf(log: string): LogWatch {
    let watch = this.#logs.get(log);
    if (!watch) {
      const { store, applier } = this.#options;
      const { servers, threshold } = applier.party.configuration;
      const quorum = Math.floor((servers + threshold) / 2) + 1;
      const bytes = store.get('heads', fromHex(log, 16));
      const state = bytes && (decodeJson(bytes) as WatchState);
      watch = new LogWatch(log, applier.party.server, quorum, state);
      this.#logs.set(log, watch);
    }
    return watch;
  }
}

/** What a sentence says but for its numbers. */
const wordsOf = (sentence: string): string => sentence.replace(/\d+/g, '');

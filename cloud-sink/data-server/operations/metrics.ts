/**
 * `GET /metrics` of a data server, in Prometheus text. Labels are kinds and outcomes of fixed lists: no
 * stay, tag, key, label of a patient, share or count of a question is in it.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { PROBLEMS } from '../../messages/problem.ts';
import type { Applier } from '../apply.ts';
import type { Store } from '../store.ts';
import { LIMITED, type Limited } from './asker-limits.ts';
import type { FollowState } from './follow-state.ts';

const PREFIX = 'vitalshare_data_server_';
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

type Labelled = readonly (readonly [string, number])[];
type Values = number | Labelled;

export class Metrics {
  readonly registry = new Registry();
  readonly #nowMs: () => number;
  readonly #commit = new Histogram({
    ...{ name: `${PREFIX}commit_seconds`, help: 'one commit of the store', buckets: SECONDS },
    registers: [this.registry],
  });
  readonly #commitFailures = this.#counter('commit_failures_total', 'commits that failed');
  readonly #committed = this.#counter('committed_values_total', 'values of all commits');
  readonly #questions = new Counter({
    ...{ name: `${PREFIX}questions_total`, help: 'questions by kind and outcome' },
    ...{ labelNames: ['kind', 'outcome'], registers: [this.registry] },
  });
  readonly #seconds = new Histogram({
    ...{ name: `${PREFIX}question_seconds`, help: 'arrival to answer', buckets: SECONDS },
    ...{ labelNames: ['kind'], registers: [this.registry] },
  });
  readonly #limited = new Counter({
    ...{ name: `${PREFIX}limited_total`, help: 'requests and connections that met a limit' },
    ...{ labelNames: ['limit'], registers: [this.registry] },
  });

  /** `nowMs`: a clock that only rises. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    for (const limit of LIMITED) this.#limited.inc({ limit }, 0);
  }

  limited(limit: Limited): void {
    this.#limited.inc({ limit });
  }

  /** `kind` is the route; `outcome` a code of PROBLEMS, or `answered`. */
  question(kind: string, outcome: string, ms: number): void {
    const known = outcome === 'answered' || Object.hasOwn(PROBLEMS, outcome);
    this.#questions.inc({ kind, outcome: known ? outcome : 'other' });
    this.#seconds.observe({ kind }, ms / 1000);
  }

  /** From now on its commits are timed. */
  watchCommits(store: Store): void {
    const commit = store.commit.bind(store);
    store.commit = async (puts) => {
      const fromMs = this.#nowMs();
      try {
        await commit(puts);
        this.#committed.inc(puts.length);
      } catch (error) {
        this.#commitFailures.inc();
        throw error;
      } finally {
        this.#commit.observe((this.#nowMs() - fromMs) / 1000);
      }
    };
  }

  /** What is read at every scrape. */
  measure(applier: Applier, follow: FollowState, storeBytes?: () => number): void {
    const { books } = applier;
    const { read, gauge } = this;
    const outcomes = (): Labelled => {
      const sums = new Map<string, number>();
      for (const { counters } of books.logs) {
        for (const [outcome, count] of Object.entries(counters) as [string, number][]) {
          sums.set(outcome, (sums.get(outcome) ?? 0) + count);
        }
      }
      return [...sums];
    };
    read('applied_total', 'what came of the records of all logs', outcomes, 'outcome');
    const refusals = (): Labelled => [...follow.refusals];
    read('log_refusals_total', 'batches of the host that were refused', refusals, 'code');
    gauge('logs', 'logs known', () => books.logs.length);
    gauge('log_position', 'records applied, of all logs', () =>
      books.logs.reduce((sum, { position }) => sum + position, 0),
    );
    gauge(
      'log_lag_records',
      'records the host has and this server not yet',
      () => follow.lag(books).records,
    );
    gauge(
      'log_lag_seconds',
      'how far behind the host this server is',
      () => follow.lag(books).seconds,
    );
    gauge('follower_connected', '1 while the host of the log answers', () =>
      follow.isConnected ? 1 : 0,
    );
    gauge('follow_failures', 'failures of following since the start', () => follow.failures);
    gauge('commit_failing', '1 while the last commit failed', () =>
      applier.commitFault === undefined ? 0 : 1,
    );
    gauge('stays', 'stays known', () => books.names.length);
    if (storeBytes) gauge('store_bytes', 'size of the store on disk', storeBytes);
  }

  /** A counter that somebody else keeps, read at every scrape; by the values of `label` where it has one. */
  readonly read = (name: string, help: string, values: () => Values, label?: string): void => {
    this.#atScrape(Counter, name, help, values, label);
  };

  readonly gauge = (name: string, help: string, values: () => Values, label?: string): void => {
    this.#atScrape(Gauge, name, help, values, label);
  };

  #atScrape(
    Kind: typeof Counter | typeof Gauge,
    name: string,
    help: string,
    values: () => Values,
    label?: string,
  ): void {
    const collect = function (this: Counter | Gauge): void {
      const now = values();
      this.reset();
      if (label === undefined) this.inc(now as number);
      else for (const [value, count] of now as Labelled) this.inc({ [label]: value }, count);
    };
    const labelNames = label === undefined ? [] : [label];
    new Kind({ name: PREFIX + name, help, labelNames, registers: [this.registry], collect });
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name: PREFIX + name, help, registers: [this.registry] });
  }
}

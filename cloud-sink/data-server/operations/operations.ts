/**
 * Operations of one data server over HTTP: liveness, readiness, metrics, and the limits of strangers.
 *
 *   GET /healthz   it lives                            anyone
 *   GET /readyz    200, or 503 that names what is missing
 *   GET /metrics   Prometheus text                     names of this machine only
 */
import { isLocalName, type Missing, readiness } from '@vitalshare/edge/operations';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HTTP_CONNECTIONS_MAX, LARGE_BODY_BYTES, READY_LAG_SECONDS_MAX } from '../../limits.ts';
import { PROBLEM_TYPE, ProblemError } from '../../messages/problem.ts';
import type { Applier } from '../apply.ts';
import type { Scrubbed } from '../background-scrub.ts';
import type { Alarms } from '../heads/alarms.ts';
import type { Store } from '../store.ts';
import { AskerLimits } from './asker-limits.ts';
import { FollowState } from './follow-state.ts';
import { measureIntegrity } from './integrity-metrics.ts';
import { Metrics } from './metrics.ts';

export class Operations {
  readonly follow = new FollowState();
  readonly scrubbed: Scrubbed = { passes: 0, bytes: 0, staleSummaries: 0 };
  readonly metrics: Metrics;
  readonly limits: AskerLimits;
  readonly #applier: Applier;
  readonly #nowMs: () => number;
  readonly #begun = new WeakMap<FastifyRequest, number>();
  readonly #codes = new WeakMap<FastifyRequest, string>();

  /** `nowMs`: a clock that only rises. */
  constructor(applier: Applier, store: Store, nowMs: () => number, storeBytes?: () => number) {
    this.#applier = applier;
    this.#nowMs = nowMs;
    this.metrics = new Metrics(nowMs);
    this.limits = new AskerLimits(nowMs, (limit) => this.metrics.limited(limit));
    this.metrics.watchCommits(store);
    this.metrics.measure(applier, this.follow, storeBytes);
  }

  watching(alarms: Alarms): void {
    measureIntegrity(this.metrics, this.#applier.damages, alarms, this.scrubbed);
  }

  /**
   * What hinders it now. Alarms and single damages do not: the rest is answered, and a forked log would
   * leave every server unready for ever. They are numbers of `/metrics`.
   */
  missing(): Missing[] {
    const missing: Missing[] = [];
    const say = (what: string, detail: string): void => void missing.push({ what, detail });
    if (this.#applier.commitFault !== undefined)
      say('store', 'the last commit of the store failed');
    const { follow } = this;
    const { records, seconds } = follow.lag(this.#applier.books);
    if (!follow.isConnected) say('follower', 'the host of the log does not answer');
    else if (follow.trouble !== '') say('follower', 'what the host of the log serves is refused');
    if (seconds > READY_LAG_SECONDS_MAX) {
      say('lag', `${records} records and ${Math.round(seconds)} s behind the host of the log`);
    }
    return missing;
  }

  /** Before the routes of questions are added. */
  addTo(app: FastifyInstance): void {
    app.server.maxConnections = HTTP_CONNECTIONS_MAX;
    app.server.on('drop', () => this.metrics.limited('connections'));
    app.server.on('connection', (socket) => {
      const address = socket.remoteAddress ?? '';
      if (!this.limits.connected(address)) socket.destroy();
      else socket.once('close', () => this.limits.closed(address));
    });
    this.#watch(app);
    app.get('/healthz', (_request, reply) => reply.send('ok'));
    app.get('/readyz', (_request, reply) => {
      const { records, seconds } = this.follow.lag(this.#applier.books);
      const numbers = { lagRecords: records, lagSeconds: seconds };
      const { status, type, body } = readiness(this.missing(), numbers);
      return reply.code(status).type(type).header('cache-control', 'no-store').send(body);
    });
    app.get('/metrics', async ({ headers }, reply) => {
      if (!isLocalName(headers.host)) {
        throw new ProblemError('not-found', 'metrics are served to this machine only');
      }
      const { registry } = this.metrics;
      return reply.type(registry.contentType).send(await registry.metrics());
    });
  }

  #watch(app: FastifyInstance): void {
    app.addHook('onRequest', async (request, reply) => {
      this.#begun.set(request, this.#nowMs());
      this.limits.checkAddress(request.ip);
      if (isLarge(request)) reply.raw.once('close', this.limits.receive(request.ip));
      return Promise.resolve();
    });
    app.addHook('onSend', (request, reply, payload, done) => {
      const type = reply.getHeader('content-type');
      if (typeof payload === 'string' && String(type).startsWith(PROBLEM_TYPE)) {
        const code = /"code":"([a-z-]+)"/.exec(payload)?.[1];
        this.#codes.set(request, code ?? 'other');
      }
      done(null, payload);
    });
    app.addHook('onResponse', (request, reply, done) => {
      const { statusCode } = reply;
      const isRefused = statusCode >= 400 && statusCode < 422;
      if (request.method === 'GET' || isRefused) this.limits.chargeAddress(request.ip);
      const ms = this.#nowMs() - (this.#begun.get(request) ?? this.#nowMs());
      const outcome = statusCode < 400 ? 'answered' : (this.#codes.get(request) ?? 'other');
      this.metrics.question(request.routeOptions.url ?? 'none', outcome, ms);
      done();
    });
  }
}

/** One whose length is not said may be. */
const isLarge = ({ method, headers }: FastifyRequest): boolean =>
  method === 'POST' && !(Number(headers['content-length']) <= LARGE_BODY_BYTES);

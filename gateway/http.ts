/**
 * The gateway over HTTP: the ward's page and its live feed, and the log for whoever follows it.
 *
 *   GET /  and its assets            the page
 *   GET /live                        Server-Sent Events (live/feed.ts)
 *   GET /status.json                 counters, beds, nodes, the log
 *   GET /alarms …, POST, PUT /beds/… alarms/routes.ts, observations/routes.ts
 *   GET /logs, /log/<log>?from&wait  PROTOCOL.md, serving the log
 *   GET /healthz, /readyz, /metrics   operations/routes.ts
 *
 * Whatever shows readings answers to a local name only: a page of another site that points a name of
 * its own at this address (DNS rebinding) is refused by its Host header.
 */
import {
  HEAD_HEADER,
  headLine,
  HELD_HEADER,
  LOG_REPLY_BYTES_MAX,
  LOG_WAIT_MS_MAX,
  PROBLEM_TYPE,
  ProblemError,
  problemJson,
  WAITING_HEADER,
} from '@vitalshare/cloud-sink/messages';
import { isLocalName, type Missing } from '@vitalshare/edge/operations';
import { toBase64Url } from '@vitalshare/edge/seal';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { AcknowledgeHeld } from './acknowledge/held.ts';
import { type AlarmRoutesParts, addAlarmActs, addAlarmReads } from './alarms/routes.ts';
import { ACT_BYTES_MAX, HELD_WAIT_MS } from './limits.ts';
import type { LivePage } from './live/audience.ts';
import type { Hub } from './live/hub.ts';
import type { MaskedLog } from './log/masked-log.ts';
import type { SignedHeads } from './log/signed-heads.ts';
import { limitHttp } from './operations/http-limits.ts';
import type { Metrics } from './operations/metrics.ts';
import { addHealthRoutes, addMetricsRoute, countRequests } from './operations/routes.ts';
import { sameSiteOnly } from './operations/same-site.ts';
import { addObservationActs, type ObservationRoutesParts } from './observations/routes.ts';
import type { Page } from './page.ts';

export interface HttpParts {
  readonly hub: Hub;
  readonly ward: AlarmRoutesParts & ObservationRoutesParts;
  readonly logs: ReadonlyMap<string, MaskedLog>;
  readonly heads: SignedHeads;
  /** Where frames wait for data servers [WIRE-17]. */
  readonly held?: AcknowledgeHeld | undefined;
  readonly status: () => unknown;
  readonly page: () => Promise<Page>;
  readonly missing: () => Missing[];
  readonly metrics: Metrics;
  readonly sleep: (ms: number) => Promise<void>;
  /** An error of ours: the client is told that there was one, the operator which. */
  readonly failed: (error: unknown) => void;
}

export function makeHttp(parts: HttpParts): FastifyInstance {
  const http = Fastify({
    ...{ forceCloseConnections: true, bodyLimit: 1_024, exposeHeadRoutes: false },
    // What is not of the form asked for is refused, never made to fit.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    // A path that is no URL never reaches the handlers below.
    frameworkErrors: (error, _request, reply) => void answerProblem(reply, error, parts.failed),
  });
  http.setErrorHandler((error, _request, reply) => answerProblem(reply, error, parts.failed));
  http.setNotFoundHandler((_request, reply) =>
    answerProblem(reply, new ProblemError('not-found', 'nothing is served at this address')),
  );
  const { metrics, sleep } = parts;
  limitHttp(http, { nowMs: metrics.nowMs, sleep, limited: (limit) => metrics.limited(limit) });
  countRequests(http, metrics);
  addHealthRoutes(http, parts.missing);
  addLogRoutes(http, parts);
  http.register((ward, _options, done) => {
    ward.addHook('onRequest', localNamesOnly);
    addMetricsRoute(ward, metrics);
    addAlarmReads(ward, parts.ward);
    ward.register((acts, _none, ready) => {
      acts.addHook('onRequest', (request, _reply, next) => {
        sameSiteOnly(request);
        next();
      });
      acts.addHook('onRoute', (route) => {
        route.bodyLimit = ACT_BYTES_MAX;
      });
      addAlarmActs(acts, parts.ward);
      addObservationActs(acts, parts.ward);
      ready();
    });
    ward.get('/live', (_request, reply) => streamLive(reply, parts));
    ward.get('/status.json', (_request, reply) =>
      reply.header('cache-control', 'no-store').send(parts.status()),
    );
    ward.get('/', (_request, reply) => sendAsset(reply, parts.page, 'index.html'));
    ward.get<{ Params: { asset: string } }>('/:asset', (request, reply) =>
      sendAsset(reply, parts.page, request.params.asset),
    );
    done();
  });
  return http;
}

function addLogRoutes(
  http: FastifyInstance,
  { logs, heads, held }: Pick<HttpParts, 'logs' | 'heads' | 'held'>,
): void {
  http.get('/logs', () =>
    [...logs.values()].map((each) => {
      const { time: lastMs, hash } = each.head;
      const { log, position, time, signature } = heads.of(each); // [PROTO-40]
      return { log, position, time: lastMs, hash: toBase64Url(hash), signed: { time, signature } };
    }),
  );
  http.get<{ Params: { log: string }; Querystring: { from?: string; wait?: string } }>(
    '/log/:log',
    async ({ params, query, headers }, reply) => {
      const log = logs.get(params.log);
      if (log === undefined) throw new ProblemError('unknown-log', 'this gateway has no such log');
      const from = wholeNumber('from', query.from ?? '0', Number.MAX_SAFE_INTEGER);
      const asked = wholeNumber('wait', query.wait ?? '0', LOG_WAIT_MS_MAX);
      const told = headers[HELD_HEADER];
      if (typeof told === 'string') held?.hear(log.log, told);
      const wait = held?.waitsFor(log.log) ? Math.min(asked, HELD_WAIT_MS) : asked;
      if (wait > 0 && from === log.head.position) await log.waitBeyond(from, wait);
      // Before the reading: what was signed is in the reply, or in one after a long one.
      const head = heads.of(log);
      const bytes = await log.read(from, LOG_REPLY_BYTES_MAX);
      if (bytes === null) {
        throw new ProblemError('not-a-batch', 'from must be the position of a batch', { from });
      }
      if (held) reply.header(WAITING_HEADER, '1'); // [PROTO-44]
      return await reply
        .header('cache-control', 'no-store')
        .header(HEAD_HEADER, headLine(head))
        .type('application/octet-stream')
        .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    },
  );
}

function streamLive(reply: FastifyReply, { hub, metrics }: HttpParts): void {
  reply.hijack();
  const { raw } = reply;
  const page: LivePage = {
    write: (text) => raw.write(text),
    pendingBytes: () => raw.writableLength,
    close: () => raw.destroy(),
  };
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.on('close', () => {
    hub.audience.remove(page);
  });
  if (hub.watch(page)) return;
  metrics.limited('pages');
  raw.end();
}

async function sendAsset(reply: FastifyReply, page: () => Promise<Page>, name: string) {
  const asset = (await page()).get(name);
  if (asset === undefined) throw new ProblemError('not-found', 'nothing is served at this address');
  return reply
    .header('cache-control', 'no-cache')
    .header('content-security-policy', "default-src 'self'; style-src 'self' 'unsafe-inline'")
    .header('x-content-type-options', 'nosniff')
    .type(asset.type)
    .send(Buffer.from(asset.bytes));
}

function localNamesOnly(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  if (isLocalName(request.headers.host)) {
    done();
    return;
  }
  void answerProblem(
    reply,
    new ProblemError('not-found', 'the ward is served to this machine only'),
  );
}

function answerProblem(
  reply: FastifyReply,
  error: unknown,
  failed?: HttpParts['failed'],
): FastifyReply {
  const problem = error instanceof ProblemError ? error : asProblem(error);
  if (problem.code === 'internal') failed?.(error);
  return reply.code(problem.status).type(PROBLEM_TYPE).send(problemJson(problem));
}

/** Fastify's own refusals are the client's fault; anything else is ours and its text stays here. */
function asProblem(error: unknown): ProblemError {
  const asked = validationText(error);
  if (asked !== undefined) return new ProblemError('bad-request', asked);
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500;
  return typeof status === 'number' && status < 500
    ? new ProblemError('bad-request', 'not a request this gateway understands')
    : new ProblemError('internal', 'the gateway failed');
}

/** Where a request is not of its schema; a schema's own words quote nothing that was sent. */
function validationText(error: unknown): string | undefined {
  if (!(error instanceof Error && 'validation' in error && 'validationContext' in error)) return;
  const [first] = error.validation as readonly { instancePath: string; message?: string }[];
  const path = (first?.instancePath ?? '').replaceAll('/', '.');
  return `${String(error.validationContext)}${path} ${first?.message ?? 'is not understood'}`;
}

function wholeNumber(name: string, text: string, max: number): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (number <= max) return number;
  throw new ProblemError('bad-request', `${name} must be a whole number from 0 to ${max}`);
}

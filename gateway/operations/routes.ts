/**
 * What whoever runs the gateway asks of it. `/healthz`: it lives. `/readyz`: it can acknowledge, or what is
 * missing. `/metrics`: numbers, to names of this machine only, like the page (http.ts adds it there).
 */
import { type Missing, readiness } from '@vitalshare/edge/operations';
import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.ts';

export function addHealthRoutes(http: FastifyInstance, missing: () => Missing[]): void {
  http.get('/healthz', () => ({ ok: true }));
  http.get('/readyz', (_request, reply) => {
    const { status, type, body } = readiness(missing());
    return reply.code(status).type(type).header('cache-control', 'no-store').send(body);
  });
}

export function addMetricsRoute(local: FastifyInstance, { registry }: Metrics): void {
  local.get('/metrics', async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}

/** Counts every answer by its route; what no route serves is one route, whatever was asked for. */
export function countRequests(http: FastifyInstance, metrics: Metrics): void {
  http.addHook('onResponse', (request, reply, done) => {
    metrics.request(request.routeOptions.url ?? 'none', reply.statusCode);
    done();
  });
}

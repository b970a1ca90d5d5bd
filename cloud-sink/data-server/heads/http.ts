/**
 * What a data server tells everybody about logs (PROTOCOL.md, section 3) [S8]. Nothing here is secret:
 * positions, hashes and signatures. It is computed from memory, but for `/hashes`, of few rows.
 *
 *   GET /heads                held heads           [PROTO-41]
 *   GET /heads?log=&upTo=     of one log, not beyond a position
 *   GET /hashes/<log>?from=   ends of batches
 *   GET /alarms               alarms, with the signed heads that show them [PROTO-42]
 */
import type { FastifyInstance } from 'fastify';
import { toBase64Url } from '@vitalshare/edge/seal';
import { HASHES_MAX } from '../../limits.ts';
import type { ServerHeads } from '../../messages/heads.ts';
import { ProblemError } from '../../messages/problem.ts';
import type { Applier } from '../apply.ts';
import type { HeadWatch } from './watch.ts';

interface HeadsRoute {
  Querystring: { log?: string; upTo?: string };
}
interface HashesRoute {
  Params: { log: string };
  Querystring: { from?: string };
}

export function addHeadRoutes(app: FastifyInstance, applier: Applier, watch: HeadWatch): void {
  const { server, configDigest: config } = applier.party;
  app.get<HeadsRoute>('/heads', ({ query: { log, upTo = '' } }): ServerHeads => {
    if (log === undefined) return { server, config, heads: watch.held };
    const older = watch.heldUpTo(log, positionOf(upTo));
    return { server, config, heads: older ? [older] : [] };
  });
  app.get('/alarms', () => watch.alarms.list);
  app.get<HashesRoute>('/hashes/:log', ({ params, query }) => {
    const { log } = params;
    if (!applier.books.log(log)) throw new ProblemError('unknown-log', 'no such log here');
    const ends = applier.hashes.ends(log, positionOf(query.from ?? '0'), HASHES_MAX);
    return ends.map(({ position, hash }) => ({ position, hash: toBase64Url(hash) }));
  });
}

function positionOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ProblemError('bad-request', 'a position is a whole number');
}

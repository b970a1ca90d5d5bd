/**
 * What one address may ask of the gateway over HTTP, and over how many connections.
 *
 *   /log, /logs     slowed: who asks faster waits, up to HTTP_WAIT_MS_MAX, and gets more at once then
 *   POST, PUT       refused with 429 beyond their rate: people act, a page that acts in a loop does not
 *   everything else refused with 429 beyond its rate: a page that is reloaded in a loop costs nobody else
 *
 * They are counted apart, so that a flood of page requests from this machine does not starve the data
 * servers that follow the log from it.
 */
import { ProblemError } from '@vitalshare/cloud-sink/messages';
import { Addresses, Buckets } from '@vitalshare/edge/operations';
import type { FastifyInstance } from 'fastify';
import {
  ACTS_BURST,
  ACTS_PER_SECOND_MAX,
  HTTP_ADDRESSES_MAX,
  HTTP_CONNECTIONS_MAX,
  HTTP_CONNECTIONS_PER_ADDRESS_MAX,
  HTTP_LOG_BURST,
  HTTP_LOG_PER_SECOND_MAX,
  HTTP_PAGE_BURST,
  HTTP_PAGE_PER_SECOND_MAX,
  HTTP_WAIT_MS_MAX,
} from '../limits.ts';
import type { Limited } from './limited.ts';

export interface HttpLimits {
  /** A clock that only rises. */
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly limited: (limit: Limited) => void;
}

const isLog = (url: string): boolean => url.startsWith('/log');

export function limitHttp(http: FastifyInstance, { nowMs, sleep, limited }: HttpLimits): void {
  const log = { perSecond: HTTP_LOG_PER_SECOND_MAX, burst: HTTP_LOG_BURST };
  const page = { perSecond: HTTP_PAGE_PER_SECOND_MAX, burst: HTTP_PAGE_BURST };
  const followers = new Buckets(log, HTTP_ADDRESSES_MAX);
  const browsers = new Buckets(page, HTTP_ADDRESSES_MAX);
  const act = { perSecond: ACTS_PER_SECOND_MAX, burst: ACTS_BURST };
  const people = new Buckets(act, HTTP_ADDRESSES_MAX);
  http.server.maxConnections = HTTP_CONNECTIONS_MAX;
  http.server.on('drop', () => limited('http-connections'));
  const addresses = new Addresses(HTTP_CONNECTIONS_PER_ADDRESS_MAX);
  http.server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    if (addresses.enter(address)) socket.once('close', () => addresses.leave(address));
    else {
      limited('http-connections');
      socket.destroy();
    }
  });
  http.addHook('onRequest', async ({ ip, url, method }, reply) => {
    const now = nowMs();
    if (method !== 'GET' && !people.of(ip, now).take(1, now)) {
      limited('act-rate');
      void reply.header('retry-after', 1);
      throw tooMany();
    }
    if (!isLog(url)) {
      if (browsers.of(ip, now).take(1, now)) return;
      limited('page-rate');
      void reply.header('retry-after', 1);
      throw tooMany();
    }
    const delayMs = followers.of(ip, now).delayMs(1, now);
    if (delayMs === 0) return;
    limited('log-rate');
    if (delayMs > HTTP_WAIT_MS_MAX) {
      void reply.header('retry-after', 1);
      throw tooMany();
    }
    await sleep(delayMs);
  });
}

const tooMany = (): ProblemError =>
  new ProblemError('too-many', 'this address asks faster than the gateway answers; wait a second');

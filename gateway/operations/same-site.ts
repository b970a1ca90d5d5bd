/**
 * Requests that change something come from this gateway's own page, or from no page at all: a page of
 * another site that a browser on this machine has open must not acknowledge an alarm (CSRF, CWE-352).
 *
 *   Content-Type   application/json: a browser asks first before it sends that to another site (CORS,
 *                  WHATWG Fetch), and is answered 404
 *   Origin         where there is one it is ours, `null` is none of ours
 *   Sec-Fetch-Site where there is one it says same-origin
 */
import { ProblemError } from '@vitalshare/cloud-sink/messages';
import type { FastifyRequest } from 'fastify';

const JSON_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i;

/** A hook of whatever changes something; throws ProblemError. */
export function sameSiteOnly({ headers }: FastifyRequest): void {
  if (!JSON_TYPE.test(headers['content-type'] ?? '')) {
    throw new ProblemError('bad-request', 'the body must be application/json');
  }
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const isOurs = origin === undefined || origin === `http://${host ?? ''}`;
  if (isOurs && (site === undefined || site === 'same-origin')) return;
  throw new ProblemError('cross-site', 'only a page of this gateway may ask this');
}

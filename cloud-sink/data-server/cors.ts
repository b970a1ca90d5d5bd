/**
 * Answers for pages of other origins (Fetch standard, CORS protocol) [PROTO-28].
 *
 * A page may ask only where `addresses.json` lists its origin: exact match, no wildcard. A request is
 * signed by a key that a page of a foreign origin does not have, so nothing is lost by an origin too
 * many; what the list keeps away is a page that floods its visitor's servers. Cookies play no part.
 */
import type { FastifyInstance } from 'fastify';

/** Request headers a signed question needs [PROTO-10]. */
const HEADERS = 'content-type, content-digest, vitalshare-server, signature-input, signature';
/** How long a browser need not ask again: Chromium's own cap. */
const PREFLIGHT_AGE_S = 7_200;

/** `origins` as `parseAddresses` lets them through. With none, nothing is changed. */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const allowed = new Set(origins);
  app.addHook('onRequest', (request, reply, done) => {
    // Caches must not give one origin's answer, or refusal, to another.
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    const isAllowed = origin !== undefined && allowed.has(origin);
    if (isAllowed) reply.header('access-control-allow-origin', origin);
    if (!isAllowed || request.method !== 'OPTIONS') {
      done();
      return;
    }
    reply
      .header('access-control-allow-methods', 'GET, POST')
      .header('access-control-allow-headers', HEADERS)
      .header('access-control-max-age', PREFLIGHT_AGE_S)
      .code(204)
      .send();
  });
}

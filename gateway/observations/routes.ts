/**
 *   POST /beds/:bed/observations     Idempotency-Key: <1 to 64 printable characters>
 *        { by, atMs?, observations: [{ vital, value }, …] }
 *   201  entered, and durable        200  entered before under this key
 *
 * `by` is free text of the ward (no accounts); it never leaves the ward: pages and the history of this
 * gateway show it, the log does not hold it. Without `atMs` it is observed now.
 */
import { ProblemError } from '@vitalshare/cloud-sink/messages';
import type { FastifyInstance } from 'fastify';
import { BED, bodyOf, BY, watchOf } from '../alarms/routes.ts';
import type { WardAlarms } from '../alarms/ward-alarms.ts';
import { OBSERVATIONS_MAX } from '../limits.ts';
import type { Entered, Observations } from './observations.ts';

export interface ObservationRoutesParts {
  readonly alarms: WardAlarms;
  readonly observations: Observations;
  readonly clock: () => number;
}

const KEY = /^[\x21-\x7e]{1,64}$/;
const ONE = bodyOf({ vital: { type: 'string', maxLength: 64 }, value: { type: 'number' } }, [
  ...['vital', 'value'],
]);
const BODY = bodyOf(
  {
    ...{ by: BY, atMs: { type: 'integer', minimum: 0, maximum: 2 ** 32 * 1000 - 1 } },
    observations: { type: 'array', minItems: 1, maxItems: OBSERVATIONS_MAX, items: ONE },
  },
  ['by', 'observations'],
);

export function addObservationActs(http: FastifyInstance, parts: ObservationRoutesParts): void {
  const { alarms, observations, clock } = parts;
  http.post<{ Params: { bed: string }; Body: Entered }>(
    '/beds/:bed/observations',
    { schema: { params: bodyOf({ bed: BED }, ['bed']), body: BODY } },
    async ({ params, body, headers }, reply) => {
      const watch = watchOf(alarms, params);
      const key = headers['idempotency-key'];
      if (typeof key !== 'string' || !KEY.test(key)) {
        const expected = '1 to 64 printable characters that name this request';
        throw new ProblemError('bad-request', `idempotency-key: expected ${expected}`);
      }
      const { isNew, second } = await observations.enter(watch, key, body);
      return await reply
        .code(isNew ? 201 : 200)
        .send({ gatewayTimeMs: clock(), second, ...watch.liveNews2 });
    },
  );
}

/**
 * Alarms over HTTP, for names of this machine only.
 *
 *   GET  /alarms                                  every bed: what stands, what is paused, off, in standby
 *   GET  /alarms/history ?bed &limit              changes and their causes, newest first; no readings
 *   POST /beds/:bed/alarms/:id/acknowledge        { by }
 *   POST /beds/:bed/audio/pause, …/resume         { by }
 *   POST /beds/:bed/alarm/off, …/on               { by, topic, untilMs }, { by, topic }
 *   GET  /beds/:bed/limits
 *   PUT  /beds/:bed/limits/:vital                 { by, extremeLow?, low?, high?, extremeHigh? }
 *   PUT  /beds/:bed/patient                       { by, ageMonths?, spo2Scale? }
 *   POST /beds/:bed/standby, …/resume             { by, why, untilMs }, { by }
 *   GET  /beds/:bed/news2
 *
 * `by` is who acts: free text of the ward, believed as it is, for there are no accounts. What is refused
 * changes nothing. 200 says that the act is on the disk; 503 `store-full` that it holds now and is
 * forgotten if the gateway stops before its disk takes it.
 */
import { ProblemError, STAY_NAME } from '@vitalshare/cloud-sink/messages';
import type { LimitedVital, Limits, Patient } from '@vitalshare/edge/alarms';
import type { FastifyInstance } from 'fastify';
import { BY_CHARACTERS_MAX, HISTORY_ANSWER_MAX, WHY_CHARACTERS_MAX } from '../limits.ts';
import type { BedWatch } from './bed-watch.ts';
import { asRefusal } from './problems.ts';
import type { WardAlarms } from './ward-alarms.ts';

/** One line of a person: no control characters, something to read in it. */
export const TEXT = '^\\P{C}*[^\\s\\p{C}]\\P{C}*$';
export const BY = { type: 'string', maxLength: BY_CHARACTERS_MAX, pattern: TEXT } as const;
export const BED = { type: 'string', pattern: STAY_NAME.source } as const;
const WHY = { type: 'string', maxLength: WHY_CHARACTERS_MAX, pattern: TEXT } as const;
const TIME_MS = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;
const LIMITS = ['extremeLow', 'low', 'high', 'extremeHigh'] as const;
const LIMIT = { type: 'number' } as const;
const TOPIC = { type: 'string', minLength: 1, maxLength: 128 } as const;

/** An object of exactly these; `required` of them must be there. */
export const bodyOf = (properties: object, required: readonly string[]) => ({
  ...{ type: 'object', properties, required, additionalProperties: false },
});
const only = (properties: object) => bodyOf(properties, Object.keys(properties));

interface AtBed {
  readonly bed: string;
}
interface By {
  readonly by: string;
}

export interface AlarmRoutesParts {
  readonly alarms: WardAlarms;
  readonly clock: () => number;
}

export function addAlarmReads(http: FastifyInstance, { alarms, clock }: AlarmRoutesParts): void {
  http.get('/alarms', () => ({
    gatewayTimeMs: clock(),
    beds: [...alarms.beds].map((watch) => watch.liveAlarms),
  }));
  const history = { bed: BED, limit: { type: 'string', pattern: '^[1-9]\\d{0,3}$' } };
  http.get<{ Querystring: Partial<AtBed> & { readonly limit?: string } }>(
    '/alarms/history',
    { schema: { querystring: bodyOf(history, []) } },
    ({ query: { bed, limit = '100' } }) => {
      const count = Math.min(Number(limit), HISTORY_ANSWER_MAX);
      const of = alarms.history.filter((event) => bed === undefined || event.bed === bed);
      return { gatewayTimeMs: clock(), changes: of.slice(-count).reverse() };
    },
  );
  const atBed = { schema: { params: only({ bed: BED }) } };
  http.get<{ Params: AtBed }>('/beds/:bed/limits', atBed, ({ params }) => {
    const { patient, limits } = watchOf(alarms, params).alarms;
    return { bed: params.bed, patient, limits };
  });
  http.get<{ Params: AtBed }>('/beds/:bed/news2', atBed, ({ params }) => ({
    ...{ gatewayTimeMs: clock(), ...watchOf(alarms, params).liveNews2 },
  }));
}

interface Act {
  readonly name: string;
  readonly method: 'POST' | 'PUT';
  /** Behind the bed. */
  readonly path: string;
  /** What its body says beside `by`. */
  readonly body?: object;
  readonly required?: readonly string[];
  readonly params?: object;
  readonly run: (watch: BedWatch, asked: Asked, nowMs: number) => void;
}

/** A body and a path that their schema let pass. */
type Asked = By &
  Limits &
  Patient & {
    readonly id: string;
    readonly vital: LimitedVital;
    readonly topic: string;
    readonly why: string;
    readonly untilMs: number;
  };

const ACTS: readonly Act[] = [
  {
    ...{ name: 'acknowledge', method: 'POST', path: 'alarms/:id/acknowledge' },
    params: { id: { type: 'string', pattern: '^\\d{1,15}$' } },
    run: ({ alarms }, { id, by }, nowMs) => alarms.acknowledge(Number(id), by, nowMs),
  },
  {
    ...{ name: 'audio-pause', method: 'POST', path: 'audio/pause' },
    run: ({ alarms }, { by }, nowMs) => alarms.pauseAudio(by, nowMs),
  },
  {
    ...{ name: 'audio-resume', method: 'POST', path: 'audio/resume' },
    run: ({ alarms }, { by }, nowMs) => alarms.resumeAudio(by, nowMs),
  },
  {
    ...{ name: 'alarm-off', method: 'POST', path: 'alarm/off' },
    body: { topic: TOPIC, untilMs: TIME_MS },
    run: ({ alarms }, { topic, by, untilMs }, nowMs) => alarms.alarmOff(topic, by, untilMs, nowMs),
  },
  {
    ...{ name: 'alarm-on', method: 'POST', path: 'alarm/on', body: { topic: TOPIC } },
    run: ({ alarms }, { topic, by }, nowMs) => alarms.alarmOn(topic, by, nowMs),
  },
  {
    ...{ name: 'limits', method: 'PUT', path: 'limits/:vital', params: { vital: TOPIC } },
    body: Object.fromEntries(LIMITS.map((name) => [name, LIMIT])),
    required: [],
    run: ({ alarms }, asked, nowMs) =>
      alarms.setLimits(asked.vital, limitsOf(asked), asked.by, nowMs),
  },
  {
    ...{ name: 'patient', method: 'PUT', path: 'patient' },
    body: { ageMonths: { type: 'integer' }, spo2Scale: { enum: [1, 2] } },
    required: [],
    run: ({ alarms }, { by, ageMonths, spo2Scale }, nowMs) => {
      const patient = {
        ...(ageMonths !== undefined && { ageMonths }),
        ...(spo2Scale !== undefined && { spo2Scale }),
      };
      alarms.setPatient(patient, by, nowMs);
    },
  },
  {
    ...{ name: 'standby', method: 'POST', path: 'standby' },
    body: { why: WHY, untilMs: TIME_MS },
    run: (watch, { by, why, untilMs }, nowMs) => watch.standby(by, why, untilMs, nowMs),
  },
  {
    ...{ name: 'resume', method: 'POST', path: 'resume' },
    run: ({ alarms }, { by }, nowMs) => alarms.resume(by, nowMs),
  },
];

/** What people do; whoever adds these sees to it that no page of another site can ask. */
export function addAlarmActs(http: FastifyInstance, { alarms, clock }: AlarmRoutesParts): void {
  for (const { name, method, path, body = {}, required, params = {}, run } of ACTS) {
    const schema = {
      params: only({ bed: BED, ...params }),
      body: bodyOf({ by: BY, ...body }, ['by', ...(required ?? Object.keys(body))]),
    };
    http.route<{ Params: AtBed; Body: object }>({
      ...{ method, url: `/beds/:bed/${path}`, schema },
      handler: async (request) => {
        const watch = watchOf(alarms, request.params);
        const asked = Object.assign({}, request.params, request.body) as Asked & AtBed;
        const acted = alarms.act(watch, name, (nowMs) => run(watch, asked, nowMs));
        const isDurable = await acted.catch((error: unknown) => {
          throw asRefusal(error);
        });
        if (!isDurable) throw notDurable();
        return { gatewayTimeMs: clock(), ...watch.liveAlarms };
      },
    });
  }
}

const limitsOf = (asked: Asked): Limits =>
  Object.fromEntries(LIMITS.flatMap((name) => (name in asked ? [[name, asked[name]]] : [])));

export function watchOf(alarms: WardAlarms, { bed }: AtBed): BedWatch {
  const watch = alarms.get(bed);
  if (watch === undefined) throw new ProblemError('unknown-bed', 'no bed of that name is watched');
  return watch;
}

export const notDurable = (): ProblemError =>
  new ProblemError(
    'store-full',
    'it holds now, and is forgotten if the gateway stops before its disk takes it',
  );

/**
 * NEWS2 of one bed, kept up to date: from streamed numbers, and from what is measured or seen by hand.
 *
 *   streamed   the median of the last NEWS2_WINDOW_MS; missing when the newest is older than STALE_MS
 *   by hand, and a cuff's pressure: the newest; missing after SPOT_MS, oxygen after OXYGEN_MS
 *   of both the newer decides, so that a sensor that fell silent is missing, and not what was before it
 *
 * It raises one alarm a rise: a score of 7 an emergency; 5, 6, or a part of 3 that has no alarm of its own
 * yet, urgent. A partial score counts as far as it goes.
 */
import { NEWS2_READINGS_MAX } from '../limits.ts';
import { median } from '../signals/filters.ts';
import type { AlarmStates } from './alarm-states.ts';
import { conditionOf } from './conditions.ts';
import {
  NEWS2_CLEAR_MS,
  NEWS2_DELAY_MS,
  NEWS2_EMERGENCY,
  NEWS2_URGENT,
  NEWS2_WINDOW_MS,
  OXYGEN_MS,
  SPOT_MS,
  STALE_MS,
} from './constants.ts';
import { type News2, news2Of, NEWS2_PARTS, type News2Part, type Spo2Scale } from './news2.ts';
import { Watched } from './watched.ts';

/** The score with how old each part is, ms; null where it is missing. */
export interface BedNews2 extends News2 {
  readonly agesMs: Readonly<Record<News2Part, number | null>>;
}

/** The part a vital sign is. The pulse is the heart's where both are known. */
const PART_OF: Readonly<Record<string, News2Part>> = {
  'respiratory-rate': 'respiratory-rate',
  spo2: 'spo2',
  oxygen: 'oxygen',
  'systolic-pressure': 'systolic-pressure',
  'heart-rate': 'pulse',
  'pulse-rate': 'pulse',
  consciousness: 'consciousness',
  'body-temperature': 'body-temperature',
};
/** Never streamed: each reading is one measurement. */
export const isSpot = (vital: string): boolean =>
  ['oxygen', 'systolic-pressure', 'diastolic-pressure', 'consciousness'].includes(vital);

/** The topics that call for a part already. */
const CALLED_BY: Readonly<Partial<Record<News2Part, readonly string[]>>> = {
  'respiratory-rate': ['respiratory-rate-low', 'respiratory-rate-high'],
  spo2: ['spo2-low', 'spo2-high'],
  'systolic-pressure': ['pressure-low', 'pressure-high'],
  pulse: ['rate-low', 'rate-high', 'asystole', 'vf', 'vt'],
  'body-temperature': ['temperature-low', 'temperature-high'],
};

interface Reading {
  readonly at: number;
  readonly value: number;
}
interface Part {
  /** The newest NEWS2_WINDOW_MS, oldest first. */
  readonly streamed: Reading[];
  spot: Reading | undefined;
}

export class News2Watch {
  readonly #states: AlarmStates;
  readonly #parts = new Map<News2Part, Part>();
  readonly #urgent: Watched;
  readonly #emergency: Watched;
  #heartAt = -Infinity;

  constructor(states: AlarmStates, nowAt: number) {
    this.#states = states;
    for (const part of NEWS2_PARTS) this.#parts.set(part, { streamed: [], spot: undefined });
    this.#urgent = watchedOf(states, 'news2-urgent', nowAt);
    this.#emergency = watchedOf(states, 'news2-emergency', nowAt);
  }

  /** A streamed number that can be trusted; of one vital sign never older than the last. */
  read(vital: string, value: number, at: number): void {
    const part = partOf(vital);
    if (part === undefined) return;
    if (isSpot(vital)) {
      this.observe(vital, value, at);
      return;
    }
    const { streamed } = this.#parts.get(part)!;
    if (vital === 'heart-rate') {
      // What the pulse told until now is of another sensor.
      if (at - this.#heartAt > STALE_MS) streamed.length = 0;
      this.#heartAt = at;
    } else if (vital === 'pulse-rate' && at - this.#heartAt <= STALE_MS) return;
    streamed.push({ at, value });
    while (at - streamed[0]!.at > NEWS2_WINDOW_MS || streamed.length > NEWS2_READINGS_MAX) {
      streamed.shift();
    }
  }

  /** By hand; an older one than is known changes nothing. */
  observe(vital: string, value: number, at: number): void {
    const name = partOf(vital);
    if (name === undefined) return;
    const part = this.#parts.get(name)!;
    if (part.spot === undefined || part.spot.at <= at) part.spot = { at, value };
  }

  /** Scores, and raises what the score calls for. */
  tick(at: number, scale: Spo2Scale): BedNews2 {
    const values: Partial<Record<News2Part, number>> = {};
    const agesMs = {} as Record<News2Part, number | null>;
    for (const [name, part] of this.#parts) {
      const reading = newest(name, part, at);
      agesMs[name] = reading === undefined ? null : at - reading.at;
      if (reading !== undefined) values[name] = reading.value;
    }
    const news2 = news2Of(values, scale);
    const isEmergency = news2.score >= NEWS2_EMERGENCY;
    const isUrgent = news2.score >= NEWS2_URGENT || this.#hasUncalled3(news2);
    this.#emergency.tell(isEmergency, !isEmergency, at);
    this.#urgent.tell(isUrgent, !isUrgent, at);
    return { ...news2, agesMs };
  }

  /** There is no score: what was called for by one is over. */
  none(at: number): void {
    this.#emergency.tell(false, true, at);
    this.#urgent.tell(false, true, at);
  }

  #hasUncalled3({ points }: News2): boolean {
    return NEWS2_PARTS.some((part) => {
      const isCalled = CALLED_BY[part]?.some((topic) => this.#states.isRaised(topic)) === true;
      return points[part] === 3 && !isCalled;
    });
  }
}

const partOf = (vital: string): News2Part | undefined =>
  Object.hasOwn(PART_OF, vital) ? PART_OF[vital] : undefined;

/** The part as it counts at `at`: its value with the moment of the newest reading behind it. */
function newest(name: News2Part, { streamed, spot }: Part, at: number): Reading | undefined {
  const last = streamed.at(-1);
  if (last !== undefined && (spot === undefined || last.at >= spot.at)) {
    if (at - last.at > STALE_MS) return undefined;
    return { at: last.at, value: median(streamed.map(({ value }) => value)) };
  }
  const spotMs = name === 'oxygen' ? OXYGEN_MS : SPOT_MS;
  return spot !== undefined && at - spot.at <= spotMs ? spot : undefined;
}

function watchedOf(
  states: AlarmStates,
  what: 'news2-urgent' | 'news2-emergency',
  nowAt: number,
): Watched {
  const times = { delayMs: NEWS2_DELAY_MS, clearMs: NEWS2_CLEAR_MS, gapMsMax: STALE_MS };
  return new Watched(states, what, conditionOf(what), times, nowAt);
}

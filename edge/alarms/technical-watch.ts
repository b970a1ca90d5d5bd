/**
 * Technical alarms: what somebody says of a sensor, and the number that does not come.
 *
 *   problem of a source ─► lasts for its delay ─► alarm ─► gone for CLEAR_MS ─► over
 *   a vital sign had numbers, now none that can be trusted for NO_NUMBER_MS ─► `no-number`
 *
 * A number that is missing because of a problem that is told already (its source says which vital signs
 * it takes away) is no second alarm. A gateway says again, after a restart, what lasts; a problem that
 * is over by then must be said to be.
 */
import { ALARM_SOURCES_MAX, SOURCE_CHARS_MAX } from '../limits.ts';
import type { AlarmStates } from './alarm-states.ts';
import { conditionOf } from './conditions.ts';
import { CLEAR_MS, NO_NUMBER_MS, TECHNICAL_DELAY_MS } from './constants.ts';
import { Watched } from './watched.ts';

export const PROBLEMS = [
  'silent',
  'lead-off',
  'no-finger',
  'probe-off',
  'battery-low',
  'battery-empty',
  'link-weak',
  'sensor-fault',
  'nurse-call',
] as const;
export type Problem = (typeof PROBLEMS)[number];

/** What a node or the gateway knows of a sensor. */
export interface Technical {
  readonly problem: Problem;
  /** Node, or node and channel: `strap-07`, `strap-07 ecg.II`. */
  readonly source: string;
  /** The vital signs that have no number because of it; by default those the problem always takes. */
  readonly vitals?: readonly string[];
}

const TAKES: Readonly<Partial<Record<Problem, readonly string[]>>> = {
  'lead-off': ['heart-rate'],
  'no-finger': ['spo2'],
};

type Counted = keyof typeof NO_NUMBER_MS;
const COUNTED = Object.keys(NO_NUMBER_MS) as Counted[];
const isCounted = (vital: string): vital is Counted => (COUNTED as string[]).includes(vital);

interface Source {
  readonly watched: Watched;
  readonly takes: readonly string[];
  lasts: boolean;
}

interface Number {
  readonly watched: Watched;
  readonly patienceMs: number;
  /** When it last had one; undefined while it never did. */
  seenAt: number | undefined;
}

export class TechnicalWatch {
  readonly #states: AlarmStates;
  readonly #sources = new Map<string, Source>();
  readonly #numbers = new Map<Counted, Number>();
  readonly #tooMany: Watched;

  /** `expected`: vital signs that had numbers before. */
  constructor(states: AlarmStates, nowAt: number, expected: readonly string[]) {
    this.#states = states;
    for (const vital of COUNTED) {
      const seenAt = expected.includes(vital) ? nowAt : undefined;
      const watched = watchedOf(states, `no-number ${vital}`, 'no-number', { vital }, nowAt);
      this.#numbers.set(vital, { watched, patienceMs: NO_NUMBER_MS[vital], seenAt });
    }
    this.#tooMany = watchedOf(states, 'too-many', 'too-many', {}, nowAt);
    for (const [key, { what, source }] of [...states.standing()]) {
      const problem = PROBLEMS.find((one) => one === what && key === keyOf(one, source ?? ''));
      if (problem !== undefined) this.#source({ problem, source: source! }, nowAt)!.lasts = true;
    }
  }

  get expected(): Counted[] {
    return COUNTED.filter((vital) => this.#numbers.get(vital)!.seenAt !== undefined);
  }

  tell(technical: Technical, lasts: boolean, at: number): void {
    const known = this.#sources.get(keyOf(technical.problem, cut(technical.source)));
    if (known === undefined && !lasts) return;
    const source = known ?? this.#source(technical, at);
    if (source === undefined) {
      this.#tooMany.tell(true, false, at);
      return;
    }
    source.lasts = lasts;
    source.watched.tell(lasts, !lasts, at);
  }

  /** A number that can be trusted. */
  read(vital: string, at: number): void {
    if (!isCounted(vital)) return;
    const number = this.#numbers.get(vital)!;
    number.seenAt = at;
    number.watched.tell(false, true, at);
  }

  excuse(at: number): void {
    for (const number of this.#numbers.values()) {
      if (number.seenAt !== undefined) number.seenAt = at;
    }
  }

  tick(at: number): void {
    for (const [key, { watched, lasts }] of this.#sources) {
      watched.tell(lasts, !lasts, at);
      if (!lasts && !watched.stands) this.#sources.delete(key);
    }
    const hasRoom = this.#sources.size < ALARM_SOURCES_MAX;
    this.#tooMany.tell(false, hasRoom, at);
    for (const [vital, { watched, patienceMs, seenAt }] of this.#numbers) {
      if (seenAt === undefined) continue;
      const isMissing = at - seenAt >= patienceMs;
      watched.tell(isMissing && !this.#isTaken(vital), !isMissing, at);
    }
  }

  #isTaken(vital: string): boolean {
    return [...this.#sources.values()].some(({ watched, takes }) => {
      return watched.stands && takes.includes(vital);
    });
  }

  #source({ problem, source: name, vitals }: Technical, at: number): Source | undefined {
    if (this.#sources.size >= ALARM_SOURCES_MAX) return undefined;
    const source = cut(name);
    const key = keyOf(problem, source);
    const delayMs = TECHNICAL_DELAY_MS[problem];
    const watched = watchedOf(this.#states, key, problem, { source }, at, delayMs);
    const made = { watched, takes: vitals ?? TAKES[problem] ?? [], lasts: true };
    this.#sources.set(key, made);
    return made;
  }
}

const keyOf = (problem: Problem, source: string): string => `${problem} of ${source}`;
const cut = (source: string): string => source.slice(0, SOURCE_CHARS_MAX);

function watchedOf(
  states: AlarmStates,
  key: string,
  what: Problem | 'no-number' | 'too-many',
  details: { readonly vital?: string; readonly source?: string },
  at: number,
  delayMs = 0,
): Watched {
  const times = { delayMs, clearMs: CLEAR_MS, gapMsMax: Infinity };
  return new Watched(states, key, conditionOf(what, details), times, at);
}

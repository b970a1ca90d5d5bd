/**
 * The states of the alarms of one bed, after IEC 60601-1-8.
 *
 *                 condition                  acknowledge
 *   inactive ───────────────► active ───────────────────► acknowledged ──┐
 *      ▲  ▲                   │   ▲ ▲      worse                 │       │ reminder
 *      │  │ ended,            │   │ └────────────────────────────┘ ◄─────┘
 *      │  │ medium or low     │   │ again
 *      │  └───────────────────┤   │             active and latched alarms sound,
 *      │                ended,│   │             escalate after a time, and are
 *      │ acknowledge    high  ▼   │             silent only while the audio is paused
 *      └───────────────────── latched
 *      ◄── from everywhere: alarm off, standby (by a person, never while it is high and unacknowledged)
 *
 *   audio paused   a countdown for the whole bed; a high-priority alarm that begins breaks it
 *   alarm off      one topic raises nothing until a moment that is said
 *   standby        no topic does but a nurse call: whoever presses the button is there
 *
 * What stands is remembered while an alarm is off, so that it is raised when the off is over. The
 * priority of an alarm is the worst since it was last acknowledged and never falls before. Every change
 * is told as a record, and nothing changes without one. The IEC calls an off that ends by itself a
 * pause of the alarm; an audio off without an end is not offered.
 */
import {
  type Act,
  type Alarm,
  AlarmError,
  type AlarmOff,
  type AlarmRecord,
  type AlarmState,
  type AudioPause,
  type Cause,
  type OnRecord,
  type Priority,
  PRIORITIES,
  type Standby,
} from './alarm.ts';
import { ALARMS_OFF_MAX } from '../limits.ts';
import { type Condition, COVERED_BY, PATIENT_TOPICS } from './conditions.ts';
import {
  ALARM_OFF_MS_MAX,
  AUDIO_PAUSE_MS,
  ESCALATE_MS,
  IS_LATCHING,
  REMINDER_MS,
} from './constants.ts';
import type { Elapsed } from './elapsed.ts';

/** An alarm as it is kept. Moments with `At` are in elapsed time, those with `Ms` of the wall clock. */
export interface Held {
  readonly id: number;
  condition: Condition;
  state: Exclude<AlarmState, 'inactive'>;
  readonly sinceMs: number;
  endedMs: number | null;
  acknowledged: Act | null;
  isEscalated: boolean;
  /** Since when nobody has acknowledged it. */
  loudAt: number;
  /** When it was acknowledged, or last brought to mind. */
  quietAt: number;
}

type Ending<T> = Omit<T, 'untilMs'> & { readonly untilAt: number };

/** All that is to outlive a restart. */
export interface StatesKept {
  nextId: number;
  held: readonly Held[];
  /** What stands, by the trigger that told it. */
  standing: readonly (readonly [key: string, condition: Condition])[];
  off: readonly Ending<AlarmOff>[];
  pause: Ending<AudioPause> | null;
  standby: (Act & { readonly why: string }) | null;
}

export class AlarmStates {
  readonly #time: Elapsed;
  readonly #onRecord: OnRecord;
  readonly #held = new Map<string, Held>();
  /** By topic, then by key. */
  readonly #standing = new Map<string, Map<string, Condition>>();
  readonly #off = new Map<string, Ending<AlarmOff>>();
  #pause: Ending<AudioPause> | null = null;
  #standby: StatesKept['standby'] = null;
  #nextId = 1;
  version = 0;

  constructor(time: Elapsed, onRecord: OnRecord, kept?: StatesKept) {
    this.#time = time;
    this.#onRecord = onRecord;
    if (kept === undefined) return;
    this.#nextId = kept.nextId;
    this.#pause = kept.pause;
    this.#standby = kept.standby;
    for (const held of kept.held) this.#held.set(held.condition.topic, { ...held });
    for (const off of kept.off) this.#off.set(off.topic, off);
    for (const [key, condition] of kept.standing) this.#of(condition.topic).set(key, condition);
  }

  kept(): StatesKept {
    return {
      nextId: this.#nextId,
      held: [...this.#held.values()].map((held) => ({ ...held })),
      standing: [...this.#standing.values()].flatMap((of) => [...of]),
      off: [...this.#off.values()],
      pause: this.#pause,
      standby: this.#standby,
    };
  }

  // Conditions.

  /** Under `key` a condition stands, or none of this topic does any more. */
  put(key: string, topic: string, condition: Condition | null, cause: Cause = 'ended'): void {
    const of = this.#of(topic);
    if (condition === null && !of.delete(key)) return;
    if (condition !== null) of.set(key, condition);
    if (of.size === 0) this.#standing.delete(topic);
    this.#settle(topic, cause);
  }

  /** Whether `key` told that it stands: a trigger that is made anew begins there. */
  stands(topic: string, key: string): boolean {
    return this.#standing.get(topic)?.has(key) === true;
  }

  standing(): Iterable<readonly [string, Condition]> {
    return [...this.#standing.values()].flatMap((of) => [...of]);
  }

  /** Whether its condition is so now and people are, or were, called for it. */
  isRaised(topic: string): boolean {
    const held = this.#held.get(topic);
    return held !== undefined && held.state !== 'latched';
  }

  tick(): void {
    const { ms } = this.#time;
    if (this.#pause !== null && ms >= this.#pause.untilAt) {
      this.#pause = null;
      this.#record('pause-over');
    }
    for (const [topic, { untilAt }] of this.#off) {
      if (ms < untilAt) continue;
      this.#off.delete(topic);
      this.#record('off-over', { topic });
      this.#settle(topic);
    }
    for (const held of this.#held.values()) this.#pass(held, ms);
  }

  // People.

  acknowledge(id: number, by: string): void {
    const held = [...this.#held.values()].find((each) => each.id === id);
    if (held === undefined) throw new AlarmError('unknown-alarm', `alarm ${id}: there is none`);
    if (held.state === 'acknowledged') {
      throw new AlarmError('already', `alarm ${id}: acknowledged by ${held.acknowledged!.by}`);
    }
    if (held.state === 'latched') {
      this.#remove(held, 'acknowledged', by);
      return;
    }
    const { nowMs, ms } = this.#time;
    const worst = this.#worst(held.condition.topic);
    if (worst !== undefined && worst.severity < held.condition.severity) held.condition = worst;
    held.acknowledged = { by, atMs: nowMs };
    held.isEscalated = false;
    held.quietAt = ms;
    this.#turn(held, 'acknowledged', 'acknowledged', by);
  }

  pauseAudio(by: string): void {
    const { nowMs, ms } = this.#time;
    const untilAt = ms + AUDIO_PAUSE_MS;
    this.#pause = { by, atMs: nowMs, untilAt };
    this.#record('audio-paused', { by, untilMs: nowMs + AUDIO_PAUSE_MS });
  }

  resumeAudio(by: string): void {
    if (this.#pause === null) throw new AlarmError('already', 'audio: it is not paused');
    this.#pause = null;
    this.#record('audio-resumed', { by });
  }

  alarmOff(topic: string, by: string, untilMs: number): void {
    const { nowMs, ms } = this.#time;
    const held = this.#held.get(topic);
    if (held === undefined && !PATIENT_TOPICS.includes(topic)) {
      throw new AlarmError('unknown-topic', `alarm off: no topic is called ${topic}`);
    }
    const lastsMs = untilMs - nowMs;
    if (!(lastsMs > 0 && lastsMs <= ALARM_OFF_MS_MAX)) {
      const expected = `expected an end within ${ALARM_OFF_MS_MAX / 3_600_000} h from now`;
      throw new AlarmError('too-long', `alarm off: ${topic}: ${expected}`);
    }
    if (held !== undefined && isUnanswered(held)) throw unanswered(held, 'alarm off');
    if (!this.#off.has(topic) && this.#off.size >= ALARMS_OFF_MAX) {
      throw new AlarmError('too-many', `alarm off: ${ALARMS_OFF_MAX} topics are off already`);
    }
    this.#off.set(topic, { topic, by, atMs: nowMs, untilAt: ms + lastsMs });
    this.#record('alarm-off', { by, topic, untilMs });
    if (held !== undefined) this.#remove(held, 'alarm-off', by);
  }

  alarmOn(topic: string, by: string): void {
    if (!this.#off.delete(topic)) throw new AlarmError('already', `alarm on: ${topic} is not off`);
    this.#record('alarm-on', { by, topic });
    this.#settle(topic);
  }

  standby(by: string, why: string): void {
    if (this.#standby !== null) throw new AlarmError('already', 'standby: it is in standby');
    const held = [...this.#held.values()];
    const first = held.find(isUnanswered);
    if (first !== undefined) throw unanswered(first, 'standby');
    this.#standby = { by, atMs: this.#time.nowMs, why };
    this.#record('standby', { by });
    for (const each of held) this.#remove(each, 'standby', by);
  }

  resume(by: string): void {
    if (this.#standby === null) throw new AlarmError('already', 'standby: it is not in standby');
    this.#standby = null;
    this.#record('standby-over', { by });
    for (const topic of [...this.#standing.keys()]) this.#settle(topic);
  }

  /** Of what is no alarm's own. */
  note(cause: Cause, more: Omit<AlarmRecord, 'atMs' | 'cause' | 'alarm'> = {}): void {
    this.#record(cause, more);
  }

  // What stands.

  /** Highest priority first, unacknowledged before acknowledged, then the newest. */
  get alarms(): Alarm[] {
    const rank = ({ condition, state }: Held) =>
      2 * PRIORITIES.indexOf(condition.priority) + (state === 'acknowledged' ? 0 : 1);
    return [...this.#held.values()]
      .sort((a, b) => rank(b) - rank(a) || b.id - a.id)
      .map((held) => this.#shown(held));
  }

  get sounds(): Priority | null {
    const loud = [...this.#held.values()].filter((held) => this.#isAudible(held));
    return (
      PRIORITIES.findLast((one) => loud.some((held) => held.condition.priority === one)) ?? null
    );
  }

  get audioPause(): AudioPause | null {
    if (this.#pause === null) return null;
    const { untilAt, ...pause } = this.#pause;
    return { ...pause, untilMs: this.#time.wall(untilAt) };
  }

  get off(): AlarmOff[] {
    return [...this.#off.values()].map(({ untilAt, ...off }) => ({
      ...off,
      untilMs: this.#time.wall(untilAt),
    }));
  }

  get inStandby(): Omit<Standby, 'hasData'> | null {
    return this.#standby;
  }

  // The machine.

  #of(topic: string): Map<string, Condition> {
    const known = this.#standing.get(topic);
    if (known !== undefined) return known;
    const of = new Map<string, Condition>();
    this.#standing.set(topic, of);
    return of;
  }

  #worst(topic: string): Condition | undefined {
    let worst: Condition | undefined;
    for (const condition of this.#standing.get(topic)?.values() ?? []) {
      if (worst === undefined || condition.severity > worst.severity) worst = condition;
    }
    return worst;
  }

  /** Brings the alarm of a topic to what stands. */
  #settle(topic: string, cause: Cause = 'ended'): void {
    if (this.#off.has(topic)) return;
    const worst = this.#worst(topic);
    const isCalled = worst?.what === 'nurse-call';
    if (this.#standby !== null && !isCalled && !this.#held.has(topic)) return;
    const held = this.#held.get(topic);
    if (worst !== undefined) this.#rise(held, worst);
    else if (held !== undefined) this.#end(held, cause);
    this.#uncover(topic);
  }

  #rise(held: Held | undefined, worst: Condition): void {
    // Its limit may have been moved.
    if (held?.condition.what === worst.what) held.condition = worst;
    const isWorse = held !== undefined && worst.severity > held.condition.severity;
    const raises = held === undefined || held.state === 'latched' || isWorse;
    if (raises && COVERED_BY[worst.topic]?.some((other) => this.isRaised(other)) === true) return;
    if (held === undefined) this.#begin(worst);
    else if (isWorse) this.#again(held, worst, 'worse');
    else if (held.state === 'latched') this.#again(held, held.condition, 'again');
    else if (held.state === 'acknowledged' && worst.severity < held.condition.severity) {
      held.condition = worst;
      this.#turn(held, 'acknowledged', 'better');
    }
  }

  #begin(condition: Condition): void {
    const { nowMs, ms } = this.#time;
    const held: Held = {
      ...{ id: this.#nextId, condition, state: 'active', sinceMs: nowMs, endedMs: null },
      ...{ acknowledged: null, isEscalated: false, loudAt: ms, quietAt: ms },
    };
    this.#nextId += 1;
    this.#held.set(condition.topic, held);
    this.#tell(held, 'inactive', 'active', 'began');
    this.#breakPause(held);
  }

  /** Nobody has acknowledged what it is now. */
  #again(held: Held, condition: Condition, cause: 'again' | 'worse'): void {
    if (held.state === 'acknowledged') held.loudAt = this.#time.ms;
    // Who was told of the lower priority has not been told of this one.
    if (condition.priority !== held.condition.priority) held.isEscalated = false;
    held.condition = condition;
    held.acknowledged = null;
    held.endedMs = null;
    this.#turn(held, 'active', cause);
    this.#breakPause(held);
  }

  #end(held: Held, cause: Cause): void {
    if (held.state === 'latched') return;
    const { latches, priority } = held.condition;
    if (held.state === 'acknowledged' || !(latches ?? IS_LATCHING[priority])) {
      this.#remove(held, cause);
      return;
    }
    held.endedMs = this.#time.nowMs;
    this.#turn(held, 'latched', cause);
  }

  #breakPause({ condition }: Held): void {
    if (this.#pause === null || condition.priority !== 'high') return;
    this.#pause = null;
    this.#record('pause-broken', { topic: condition.topic });
  }

  /** Time passes for one alarm. */
  #pass(held: Held, ms: number): void {
    const { priority } = held.condition;
    if (held.state !== 'acknowledged') {
      if (held.isEscalated || ms - held.loudAt < ESCALATE_MS[priority]) return;
      held.isEscalated = true;
      this.#tell(held, held.state, held.state, 'escalated');
      return;
    }
    const everyMs = REMINDER_MS[priority];
    if (everyMs === null || ms - held.quietAt < everyMs) return;
    held.quietAt = ms;
    this.#tell(held, held.state, held.state, 'reminder');
  }

  #turn(held: Held, to: Held['state'], cause: Cause, by?: string): void {
    const from = held.state;
    held.state = to;
    this.#tell(held, from, to, cause, by);
  }

  #remove(held: Held, cause: Cause, by?: string): void {
    const { topic } = held.condition;
    this.#held.delete(topic);
    this.#tell(held, held.state, 'inactive', cause, by);
    this.#uncover(topic);
  }

  /** What an alarm of this topic covered, it covers no more unless it is still raised. */
  #uncover(topic: string): void {
    if (this.isRaised(topic)) return;
    for (const [covered, by] of Object.entries(COVERED_BY)) {
      if (by.includes(topic) && this.#standing.has(covered)) this.#settle(covered);
    }
  }

  #tell(
    { id, condition }: Held,
    from: AlarmState,
    to: AlarmState,
    cause: Cause,
    by?: string,
  ): void {
    const { topic, what, priority } = condition;
    const alarm = { id, topic, what, priority, from, to };
    this.#record(cause, { ...(by !== undefined && { by }), alarm });
  }

  #record(cause: Cause, more: Omit<AlarmRecord, 'atMs' | 'cause'> = {}): void {
    this.version += 1;
    this.#onRecord({ atMs: this.#time.nowMs, cause, ...more });
  }

  #isAudible({ state }: Held): boolean {
    return state !== 'acknowledged' && this.#pause === null;
  }

  #shown(held: Held): Alarm {
    const { id, condition, state, sinceMs, endedMs, acknowledged, isEscalated } = held;
    const { topic, what, priority, vital, limit, source } = condition;
    return {
      ...{ id, topic, what, priority, state, sinceMs, endedMs, acknowledged, isEscalated },
      ...(vital !== undefined && { vital }),
      ...(limit !== undefined && { limit }),
      ...(source !== undefined && { source }),
      isAudible: this.#isAudible(held),
    };
  }
}

const isUnanswered = ({ condition, state }: Held): boolean =>
  condition.priority === 'high' && state !== 'acknowledged';

const unanswered = ({ id, condition }: Held, act: string): AlarmError =>
  new AlarmError('unacknowledged', `${act}: acknowledge alarm ${id} (${condition.what}) first`);

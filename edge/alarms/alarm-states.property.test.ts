/**
 * No sequence of events loses a high-priority alarm, silences it without a record, or leaves it unlatched.
 *
 * Any sequence of seconds, acts, clock jumps and restarts runs against a judge that knows only what was
 * put in, the records, and what a page would see:
 *
 *   told       what a page sees is what the records say, alarm by alarm, and each step is a legal one
 *   by whom    a person's record comes with that person's act, and never of itself
 *   latched    a high-priority alarm leaves only by a person who acknowledged it
 *   heard      what is not acknowledged sounds, unless a pause that is on record still runs
 *   raised     VF is told, so an alarm of VF stands; the same for every condition of high priority
 *   kept       a restart changes nothing, and no reading is in what outlives it
 *
 * The judge is seen failing on mutants: beds that break one promise each.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RhythmFlag } from '../vital/vital.ts';
import type { Alarm, AlarmRecord, AlarmState, Cause, Priority } from './alarm.ts';
import { AlarmError } from './alarm.ts';
import { BedAlarms, type BedAlarmsOptions } from './bed-alarms.ts';
import { NOON_MS } from './bed.fixture.ts';

type Bed = new (options: BedAlarmsOptions) => BedAlarms;

// What can happen.

interface Told {
  readonly heart: number | null;
  readonly spo2: number | null;
  readonly isApnea: boolean;
  readonly flags: readonly RhythmFlag[] | null;
  readonly bars: number;
}
type Event =
  | { readonly do: 'seconds'; readonly count: number; readonly told: Told }
  | { readonly do: 'jump'; readonly byMs: number }
  | { readonly do: 'restart'; readonly downMs: number }
  | { readonly do: 'technical'; readonly source: number; readonly lasts: boolean }
  | { readonly do: 'observe'; readonly value: number }
  | { readonly do: 'acknowledge'; readonly which: number }
  | { readonly do: 'off'; readonly topic: string; readonly forMs: number }
  | { readonly do: 'on'; readonly topic: string }
  | { readonly do: 'pause' | 'sound' | 'standby' | 'resume' }
  | { readonly do: 'limits'; readonly extremeHigh: number };

/** No other number in a snapshot ends so. */
const MARK = 0.37;
const TOPICS = ['vf', 'vt', 'asystole', 'rate-high', 'spo2-low', 'respiratory-rate-low'];
const rates = [30, 72, 72, 135, 150, 200].map((rate) => rate + MARK);
const told = fc.record<Told>({
  heart: fc.constantFrom(null, ...rates),
  spo2: fc.constantFrom(null, 70 + MARK, 85 + MARK, 97 + MARK),
  isApnea: fc.boolean(),
  flags: fc.constantFrom(null, [], [], ['vf'], ['vt'], ['asystole'], ['tachycardia'], ['af']),
  bars: fc.constantFrom(4, 4, 2, 1),
});
const event = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('seconds'),
      count: fc.integer({ min: 1, max: 40 }),
      told,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('acknowledge'), which: fc.integer({ min: 0, max: 9 }) }),
  },
  fc.record({ do: fc.constant('jump'), byMs: fc.integer({ min: -86_400_000, max: 86_400_000 }) }),
  fc.record({ do: fc.constant('restart'), downMs: fc.integer({ min: -600_000, max: 600_000 }) }),
  fc.record({
    ...{
      do: fc.constant('technical'),
      source: fc.integer({ min: 0, max: 3 }),
      lasts: fc.boolean(),
    },
  }),
  fc.record({ do: fc.constant('observe'), value: fc.integer({ min: -1, max: 5 }) }),
  fc.record({
    do: fc.constant('off'),
    topic: fc.constantFrom(...TOPICS),
    forMs: fc.integer({ min: -1, max: 600_000 }),
  }),
  fc.record({ do: fc.constant('on'), topic: fc.constantFrom(...TOPICS) }),
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('pause', 'pause', 'sound') }) },
  fc.record({ do: fc.constantFrom('standby', 'resume', 'resume') }),
  fc.record({ do: fc.constant('limits'), extremeHigh: fc.constantFrom(120, 140, 190) }),
) as fc.Arbitrary<Event>;

// What must hold.

const LEGAL: Readonly<Record<string, readonly Cause[]>> = {
  'inactive→active': ['began'],
  'active→active': ['worse', 'escalated'],
  'active→acknowledged': ['acknowledged'],
  'active→latched': ['ended', 'data-lost'],
  'active→inactive': ['ended', 'data-lost', 'alarm-off', 'standby'],
  'acknowledged→acknowledged': ['better', 'reminder'],
  'acknowledged→active': ['worse'],
  'acknowledged→inactive': ['ended', 'data-lost', 'alarm-off', 'standby'],
  'latched→active': ['again', 'worse'],
  'latched→latched': ['escalated'],
  'latched→inactive': ['acknowledged'],
};
const BY_PEOPLE: readonly Cause[] = [
  ...([
    'acknowledged',
    'audio-paused',
    'audio-resumed',
    'alarm-off',
    'alarm-on',
    'limits',
  ] as const),
  ...(['observation', 'standby', 'standby-over'] as const),
];
/** What must be so for how many seconds to be an alarm of high priority. */
const HEART_SECONDS = 6;
const SPO2_SECONDS = 11;

function must(is: boolean, promise: string): void {
  if (!is) throw new Error(promise);
}

class Judge {
  readonly #make: Bed;
  #bed: BedAlarms;
  #nowMs = NOON_MS;
  /** What the records say there is. */
  readonly #known = new Map<number, { topic: string; priority: Priority; state: AlarmState }>();
  readonly #off = new Set<string>();
  #isPaused = false;
  #isStandby = false;
  #isPerson = false;
  #extremeHigh = 140;
  /** How many seconds each has held without a break. */
  readonly #held = { fast: 0, slow: 0, desaturated: 0 };

  constructor(make: Bed) {
    this.#make = make;
    this.#bed = new make({ nowMs: this.#nowMs, onRecord: (record) => this.#take(record) });
  }

  happen(event: Event): void {
    this.#isPerson = !['seconds', 'jump', 'restart', 'technical'].includes(event.do);
    try {
      this.#do(event);
    } catch (error) {
      if (!(error instanceof AlarmError)) throw error;
    }
    this.#isPerson = false;
    this.#look();
  }

  #do(event: Event): void {
    const bed = this.#bed;
    const nowMs = this.#nowMs;
    switch (event.do) {
      case 'seconds':
        for (let i = 0; i < event.count; i++) this.#second(event.told);
        return;
      case 'jump':
        this.#nowMs += event.byMs;
        this.#unhold();
        return;
      case 'restart':
        this.#restart(event.downMs);
        return;
      case 'technical':
        bed.technical({ problem: 'silent', source: `node-${event.source}` }, event.lasts);
        return;
      case 'observe': {
        const { value } = event;
        bed.observation({ vital: 'consciousness', value, atMs: nowMs, by: 'Ada' }, nowMs);
        return;
      }
      case 'acknowledge':
        bed.acknowledge(bed.alarms[event.which]?.id ?? event.which, 'Ada', nowMs);
        return;
      case 'off':
        bed.alarmOff(event.topic, 'Ada', nowMs + event.forMs, nowMs);
        return;
      case 'on':
        bed.alarmOn(event.topic, 'Ada', nowMs);
        return;
      case 'pause':
        bed.pauseAudio('Ada', nowMs);
        return;
      case 'sound':
        bed.resumeAudio('Ada', nowMs);
        return;
      case 'standby':
        bed.standby('Ada', 'bath', nowMs);
        return;
      case 'resume':
        bed.resume('Ada', nowMs);
        return;
      case 'limits':
        bed.setLimits(
          'heart-rate',
          { extremeLow: 40, extremeHigh: event.extremeHigh },
          'Ada',
          nowMs,
        );
        this.#extremeHigh = event.extremeHigh;
        this.#unhold();
    }
  }

  #second(told: Told): void {
    const { heart, spo2, isApnea, flags, bars } = told;
    this.#nowMs += 1000;
    this.#bed.tick(this.#nowMs);
    this.#bed.number('heart-rate', heart, this.#nowMs, bars);
    this.#bed.number('spo2', spo2, this.#nowMs, bars);
    const reason = isApnea ? 'apnea' : undefined;
    this.#bed.number('respiratory-rate', isApnea ? null : 14 + MARK, this.#nowMs, bars, reason);
    this.#bed.rhythm(flags, this.#nowMs);
    const hold = (what: 'fast' | 'slow' | 'desaturated', value: number | null, is: boolean) => {
      const isTold = value !== null && bars >= 2;
      // A second without a number breaks nothing before the tenth; here it is simply not counted on.
      this.#held[what] = isTold && is ? this.#held[what] + 1 : 0;
    };
    hold('fast', heart, (heart ?? 0) > this.#extremeHigh);
    hold('slow', heart, (heart ?? 99) < 40);
    hold('desaturated', spo2, (spo2 ?? 99) < 80);
    this.#look();
    for (const flag of flags ?? []) {
      if (flag === 'vf' || flag === 'vt' || flag === 'asystole') this.#mustStand(flag);
    }
    if (isApnea) this.#mustStand('respiratory-rate-low');
    if (this.#held.fast >= HEART_SECONDS) this.#mustStand('rate-high');
    if (this.#held.slow >= HEART_SECONDS) this.#mustStand('rate-low');
    if (this.#held.desaturated >= SPO2_SECONDS) this.#mustStand('spo2-low');
  }

  #unhold(): void {
    this.#held.fast = this.#held.slow = this.#held.desaturated = 0;
  }

  #restart(downMs: number): void {
    const before = this.#bed.alarms;
    const text = JSON.stringify(this.#bed.snapshot());
    must(!text.includes(String(MARK).slice(1)), 'kept: a reading');
    this.#nowMs += downMs;
    const snapshot = JSON.parse(text) as unknown;
    const onRecord = (record: AlarmRecord) => this.#take(record);
    this.#bed = new this.#make({ nowMs: this.#nowMs, onRecord, snapshot });
    must(JSON.stringify(this.#bed.alarms) === JSON.stringify(before), 'kept: alarms');
    this.#unhold();
  }

  #take({ cause, by, alarm, topic }: AlarmRecord): void {
    const isOfPerson = BY_PEOPLE.includes(cause);
    must(isOfPerson === (by !== undefined) && (!isOfPerson || this.#isPerson), `by whom: ${cause}`);
    if (alarm === undefined) {
      this.#takeOfBed(cause, topic);
      return;
    }
    const { id, from, to, priority } = alarm;
    must(LEGAL[`${from}→${to}`]?.includes(cause) === true, `legal: ${from}→${to}, ${cause}`);
    const before = this.#known.get(id);
    must(from === (before?.state ?? 'inactive'), `told: ${alarm.what} from ${from}`);
    if (before?.priority === 'high' && from !== 'acknowledged' && to !== 'acknowledged') {
      must(priority === 'high', `latched: ${alarm.what} falls to ${priority}`);
      const isAnswered = from === 'latched' && cause === 'acknowledged';
      must(to !== 'inactive' || isAnswered, `latched: ${alarm.what} leaves, ${cause}`);
    }
    if (to === 'inactive') this.#known.delete(id);
    else this.#known.set(id, { topic: alarm.topic, priority, state: to });
  }

  #takeOfBed(cause: Cause, topic = ''): void {
    if (cause === 'audio-paused') this.#isPaused = true;
    if (['audio-resumed', 'pause-over', 'pause-broken'].includes(cause)) this.#isPaused = false;
    if (cause === 'alarm-off') this.#off.add(topic);
    if (cause === 'alarm-on' || cause === 'off-over') this.#off.delete(topic);
    if (cause === 'standby' || cause === 'standby-over') this.#isStandby = cause === 'standby';
  }

  /** What a page sees. */
  #look(): void {
    const { alarms, sounds, audioPause, inStandby } = this.#bed;
    must(alarms.length === this.#known.size, 'told: how many alarms');
    for (const { id, topic, priority, state } of alarms) {
      const known = this.#known.get(id);
      const isSame = known?.topic === topic && known.priority === priority;
      must(isSame && known.state === state, `told: ${topic} ${priority} ${state}`);
    }
    must((audioPause !== null) === this.#isPaused, 'told: a pause');
    must((inStandby !== null) === this.#isStandby, 'told: standby');
    const heard = ({ state }: Alarm) => state !== 'acknowledged' && !this.#isPaused;
    must(
      alarms.every((alarm) => alarm.isAudible === heard(alarm)),
      'heard: an alarm',
    );
    must(sounds === (alarms.find(heard)?.priority ?? null), 'heard: the bed');
    must(new Set(alarms.map(({ topic }) => topic)).size === alarms.length, 'one of a topic');
  }

  #mustStand(topic: string): void {
    if (this.#isStandby || this.#off.has(topic)) return;
    const stands = (one: string) =>
      [...this.#known.values()].some((alarm) => {
        return alarm.topic === one && alarm.priority === 'high' && alarm.state !== 'latched';
      });
    const isCovered = topic.startsWith('rate') && ['vf', 'vt', 'asystole'].some(stands);
    must(stands(topic) || isCovered, `raised: ${topic}`);
  }
}

const holds = (make: Bed, options: fc.Parameters<[Event[]]>): void => {
  const events = fc.array(event, { maxLength: 60, size: 'max' });
  const property = fc.property(events, (all) => {
    const judge = new Judge(make);
    for (const each of all) judge.happen(each);
  });
  fc.assert(property, options);
};

function brokenBy(mutant: Bed): string {
  try {
    holds(mutant, { numRuns: 500, seed: 7, endOnFailure: true });
  } catch (error) {
    return ((error as Error).cause as Error).message;
  }
  return 'nothing';
}

it('no sequence loses a high-priority alarm, silences it without a record, or leaves it unlatched', () => {
  holds(BedAlarms, { numRuns: 300 });
}, 60_000);

describe('the judge finds a bed that', () => {
  const MUTANTS: Readonly<Record<string, [promise: RegExp, mutant: Bed]>> = {
    'hides what is latched': [
      /^told: how many/,
      class extends BedAlarms {
        override get alarms() {
          return super.alarms.filter(({ state }) => state !== 'latched');
        }
      },
    ],
    'acknowledges what is over by itself': [
      /^by whom: acknowledged/,
      class extends BedAlarms {
        override tick(nowMs: number): void {
          super.tick(nowMs);
          const over = super.alarms.find(({ state }) => state === 'latched');
          if (over !== undefined) this.acknowledge(over.id, 'nobody', nowMs);
        }
      },
    ],
    'pauses the sound without a record': [
      /^told: a pause/,
      class extends BedAlarms {
        constructor({ onRecord, ...options }: BedAlarmsOptions) {
          const told = (record: AlarmRecord) => {
            if (record.cause !== 'audio-paused') onRecord?.(record);
          };
          super({ ...options, onRecord: told });
        }
      },
    ],
    'is silent while two alarms stand': [
      /^heard: the bed/,
      class extends BedAlarms {
        override get sounds() {
          return super.alarms.length > 1 ? null : super.sounds;
        }
      },
    ],
    'forgets in a restart what is latched': [
      /^kept: alarms/,
      class extends BedAlarms {
        override snapshot() {
          const snapshot = super.snapshot();
          const states = snapshot.states as { held: { state: string }[] };
          const held = states.held.filter(({ state }) => state !== 'latched');
          return { ...snapshot, states: { ...states, held } };
        }
      },
    ],
    'takes VF in VT for the same thing': [
      /^raised: vf/,
      class extends BedAlarms {
        override rhythm(flags: readonly RhythmFlag[] | null, atMs: number): void {
          const isVt = super.alarms.some(({ what }) => what === 'vt');
          super.rhythm(isVt ? (flags?.filter((flag) => flag !== 'vf') ?? null) : flags, atMs);
        }
      },
    ],
    'writes a reading into its snapshot': [
      /^kept: a reading/,
      class extends BedAlarms {
        #last = 0;
        override number(...[vital, value, ...more]: Parameters<BedAlarms['number']>): void {
          this.#last = value ?? this.#last;
          super.number(vital, value, ...more);
        }
        override snapshot() {
          return { ...super.snapshot(), last: this.#last };
        }
      },
    ],
  };
  it.each(Object.entries(MUTANTS))('%s', (_, [promise, mutant]) => {
    expect(brokenBy(mutant)).toMatch(promise);
  });
});

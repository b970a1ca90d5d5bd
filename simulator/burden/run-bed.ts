/**
 * One patient of a scenario in virtual time: body → waveforms → numbers → alarms, second by second, and
 * beside it what was true. What comes out is judged in `judge.ts`.
 */
import { BedAlarms, defaultLimits, type Priority } from '@vitalshare/edge/alarms';
import { makeBody } from '../bodies/bodies.ts';
import { nodeStateAt } from '../scenarios/node-state.ts';
import { ADULT_MONTHS_MIN, bodyPlanOf, type ScenarioPatient } from '../scenarios/scenario.ts';
import { BedSignals } from '../world/bed-signals.ts';
import { AlarmFeed } from './alarm-feed.ts';
import { Happens, type What } from './happens.ts';

export interface RaisedAlarm {
  readonly what: What;
  readonly priority: Priority;
  readonly atS: number;
}

/** From when to when an alarm's condition was said to hold; end not included. */
export interface Stood {
  readonly what: What;
  readonly fromS: number;
  toS: number;
}

export interface BedRun {
  readonly seconds: number;
  readonly raised: readonly RaisedAlarm[];
  readonly stood: readonly Stood[];
  /** By alarm, a certainty a second (`happens.ts`). */
  readonly happens: ReadonlyMap<What, Uint8Array>;
  readonly audibleS: number;
}

/** Any moment will do; the same for all runs, so that a run is its seed's alone. */
const EPOCH_MS = Date.UTC(2026, 0, 1);

export function runBed(
  patient: ScenarioPatient,
  { seed, bed, seconds }: { readonly seed: number; readonly bed: number; readonly seconds: number },
): BedRun {
  const { happenings = [], observations = [], person = {} } = patient;
  const { ageMonths = ADULT_MONTHS_MIN, spo2Scale = 1 } = person;
  const body = makeBody(seed, bed, bodyPlanOf(patient));
  const signals = new BedSignals();
  const collected = new Collected(seconds);
  const alarms = new BedAlarms({
    nowMs: EPOCH_MS,
    patient: { ageMonths, spo2Scale },
    onRecord: (record) => collected.record(record.alarm, record.cause),
  });
  const feed = new AlarmFeed(alarms);
  const isAdult = ageMonths >= ADULT_MONTHS_MIN;
  const limits = defaultLimits(ageMonths, spo2Scale);
  const truth = new Happens({ limits, spo2Scale: isAdult ? spo2Scale : null });
  for (let second = 0; second < seconds; second++) {
    const slice = body.next(1000);
    const nowMs = EPOCH_MS + 1000 * (second + 1);
    const node = nodeStateAt(happenings, second);
    collected.second = second;
    const { readings } = slice;
    feed.second(second, nowMs, { ...signals.take(slice, 0), readings }, node);
    const observed = observations.filter(({ atS }) => Math.floor(atS) === second);
    for (const one of observed) feed.observe(one, nowMs);
    collected.happens(truth.second(slice, node, observed));
    collected.stands(alarms);
  }
  return collected.run;
}

class Collected {
  second = 0;
  readonly run: BedRun & {
    readonly raised: RaisedAlarm[];
    readonly stood: Stood[];
    readonly happens: Map<What, Uint8Array>;
    audibleS: number;
  };
  readonly #open = new Map<What, Stood>();

  constructor(seconds: number) {
    this.run = { seconds, raised: [], stood: [], happens: new Map(), audibleS: 0 };
  }

  /** What calls: a new alarm, one that came again, one that got worse. */
  record(alarm: { what: What; priority: Priority; to: string } | undefined, cause: string): void {
    const calls = cause === 'began' || cause === 'again' || cause === 'worse';
    if (alarm === undefined || !calls || alarm.to !== 'active') return;
    this.run.raised.push({ what: alarm.what, priority: alarm.priority, atS: this.second });
  }

  happens(now: ReadonlyMap<What, number>): void {
    for (const [what, certainty] of now) {
      const seconds = this.run.happens.get(what) ?? new Uint8Array(this.run.seconds);
      this.run.happens.set(what, seconds);
      seconds[this.second] = certainty;
    }
  }

  stands({ alarms, sounds }: BedAlarms): void {
    if (sounds !== null) this.run.audibleS += 1;
    for (const { what, endedMs } of alarms) {
      const open = this.#open.get(what);
      // Two sources may say the same.
      if (endedMs !== null || (open !== undefined && open.toS > this.second)) continue;
      if (open?.toS === this.second) open.toS += 1;
      else {
        const stood = { what, fromS: this.second, toS: this.second + 1 };
        this.run.stood.push(stood);
        this.#open.set(what, stood);
      }
    }
  }
}

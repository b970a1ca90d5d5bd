/**
 * What is true of a patient in each second, for every alarm there is: no, perhaps, or surely.
 *
 *   surely    beyond a limit by more than the detector's tolerance: an alarm must come
 *   perhaps   within the tolerance of the limit: an alarm may come
 *   no        an alarm would be false
 *
 *   number         tolerance          alarm                  surely
 *   heart-rate     2 /min             asystole               no beat for 4 s in a planned asystole
 *   spo2           1 %                vf vt af               the planned rhythm
 *   resp. rate     2 /min             apnea                  no breath in for 20 s
 *   temperature    0.05 °C            news2                  the score of the worst numbers within tolerance
 *   pressure       as the cuff reads  silent lead-off …      as planned
 *
 * It looks at the body's truth, the plan and the limits, never at a waveform or a detector. A fibrillation
 * told as a tachycardia of the ventricles, or the other way round, calls the same people: perhaps.
 */
import {
  BATTERY_EMPTY_PERCENT,
  BATTERY_LOW_PERCENT,
  LINK_WEAK_DBM,
  type LimitedVital,
  type Limits,
  news2Of,
  type News2Part,
  type PatientAlarm,
  type PatientLimits,
  type Spo2Scale,
  type TechnicalAlarm,
} from '@vitalshare/edge/alarms';
import type { BodyArtefact, BodyRhythm, BodySlice, TruthName } from '../bodies/bodies.ts';
import type { NodeState } from '../scenarios/node-state.ts';
import type { PlannedObservation } from '../scenarios/scenario.ts';

export type What = PatientAlarm | TechnicalAlarm;
export const [NO, PERHAPS, SURELY] = [0, 1, 2] as const;
export type Certainty = typeof NO | typeof PERHAPS | typeof SURELY;

const TOLERANCE: Readonly<Record<LimitedVital, number>> = {
  'heart-rate': 2,
  spo2: 1,
  'respiratory-rate': 2,
  'body-temperature': 0.05,
  'systolic-pressure': 0,
};

/** Which alarm a limit of a vital sign is, in the order low, extreme low, high, extreme high. */
const LIMIT_ALARMS: Readonly<Record<LimitedVital, Partial<Record<keyof Limits, What>>>> = {
  'heart-rate': {
    ...{ low: 'rate-low', extremeLow: 'extreme-bradycardia' },
    ...{ high: 'rate-high', extremeHigh: 'extreme-tachycardia' },
  },
  spo2: { low: 'spo2-low', extremeLow: 'desaturation', high: 'spo2-high' },
  'respiratory-rate': {
    ...{ low: 'respiratory-rate-low', extremeLow: 'extreme-bradypnea' },
    ...{ high: 'respiratory-rate-high', extremeHigh: 'extreme-tachypnea' },
  },
  'body-temperature': { low: 'temperature-low', high: 'temperature-high' },
  'systolic-pressure': { low: 'pressure-low', high: 'pressure-high' },
};

const ASYSTOLE_S = 4;
const APNOEA_S = 20;
/** The chest is still before the breath in that does not come is missed. */
const APNOEA_PERHAPS_S = 15;
/** Artefacts that take the numbers of a channel away: that there is no number is then no surprise. */
const BLINDING: readonly BodyArtefact[] = [
  ...(['motion', 'lead-off', 'low-perfusion', 'no-finger', 'saturation', 'drift'] as const),
];
const WITHOUT_PULSE: readonly BodyRhythm[] = ['vf', 'asystole', 'vt', 'af', 'bigeminy', 'pvcs'];
const SCORED: Readonly<Partial<Record<News2Part, TruthName>>> = {
  'respiratory-rate': 'respiratory-rate',
  spo2: 'spo2',
  pulse: 'heart-rate',
  'body-temperature': 'body-temperature',
};

export type HappensNow = ReadonlyMap<What, Certainty>;

export interface HappensOptions {
  readonly limits: PatientLimits;
  /** Null: no NEWS2 is made for this patient. */
  readonly spo2Scale: Spo2Scale | null;
}

export class Happens {
  readonly #limits: PatientLimits;
  readonly #spo2Scale: Spo2Scale | null;
  #lastBeatMs = 0;
  #lastBreathMs = 0;
  /** What is measured or seen now and then. */
  readonly #spots = new Map<string, number>();

  constructor({ limits, spo2Scale }: HappensOptions) {
    this.#limits = limits;
    this.#spo2Scale = spo2Scale;
  }

  /** A second of a body; `observed`: what was entered by hand in it. */
  second(
    slice: BodySlice,
    node: NodeState,
    observed: readonly PlannedObservation[] = [],
  ): HappensNow {
    const { truth, fromMs } = slice;
    const numbers: Partial<Record<TruthName, number>> = truth.seconds[0]?.numbers ?? {};
    for (const { vital, value } of slice.readings) this.#spots.set(vital.name, value);
    for (const { vital, value } of observed) this.#spots.set(vital, value);
    const now = new Map<What, Certainty>();
    const put = (what: What, certainty: Certainty): void => {
      if (certainty > (now.get(what) ?? NO)) now.set(what, certainty);
    };
    this.#limitsOf(numbers, put);
    this.#rhythms(slice, put);
    this.#breath(slice, fromMs + slice.durationMs, put);
    this.#news2(numbers, put);
    technical(slice, node, put);
    return now;
  }

  #limitsOf(numbers: Partial<Record<TruthName, number>>, put: Put): void {
    for (const [vital, alarms] of entriesOf(LIMIT_ALARMS)) {
      const value =
        vital === 'systolic-pressure' ? this.#spots.get(vital) : (numbers[vital] ?? undefined);
      if (value === undefined || Number.isNaN(value)) continue;
      for (const [name, what] of entriesOf(alarms)) {
        const limit = this.#limits[vital][name];
        if (limit === undefined) continue;
        const isLow = name === 'low' || name === 'extremeLow';
        const beyond = isLow ? limit - value : value - limit;
        const tolerance = TOLERANCE[vital];
        put(what, beyond > tolerance ? SURELY : beyond > -tolerance ? PERHAPS : NO);
      }
    }
  }

  #rhythms({ truth, fromMs, durationMs }: BodySlice, put: Put): void {
    const endMs = fromMs + durationMs;
    const has = (rhythm: BodyRhythm): boolean => truth.rhythms.some(({ kind }) => kind === rhythm);
    this.#lastBeatMs = truth.beats.at(-1)?.atMs ?? this.#lastBeatMs;
    const pauseMs = endMs - this.#lastBeatMs;
    if (pauseMs >= ASYSTOLE_S * 1000) put('asystole', has('asystole') ? SURELY : PERHAPS);
    for (const [told, other] of [
      ['vf', 'vt'],
      ['vt', 'vf'],
    ] as const) {
      if (has(told)) put(told, SURELY);
      if (has(other)) put(told, PERHAPS);
    }
    if (has('af')) put('af', SURELY);
    // By their rates; the number, of twelve intervals, follows.
    if (has('bradycardia')) put('extreme-bradycardia', PERHAPS);
    if (has('tachycardia')) put('extreme-tachycardia', PERHAPS);
    // A heart without a rate has no number; where beats do not reach the finger it has none there.
    if (WITHOUT_PULSE.some(has)) put('no-number', PERHAPS);
  }

  #breath({ truth }: BodySlice, endMs: number, put: Put): void {
    this.#lastBreathMs = truth.breathsMs.at(-1) ?? this.#lastBreathMs;
    const stillMs = endMs - this.#lastBreathMs;
    if (stillMs >= APNOEA_PERHAPS_S * 1000) put('apnea', PERHAPS);
    if (stillMs >= APNOEA_S * 1000) put('apnea', SURELY);
    if (truth.apnoeas.length > 0) put('no-number', PERHAPS);
  }

  #news2(numbers: Partial<Record<TruthName, number>>, put: Put): void {
    if (this.#spo2Scale === null) return;
    let [least, most, isRed] = [0, 0, false];
    const points = (part: News2Part, value: number): number =>
      news2Of({ [part]: value, oxygen: this.#spots.get('oxygen') ?? null }, this.#spo2Scale!)
        .points[part] ?? 0;
    for (const [part, name] of entriesOf(SCORED)) {
      const value = numbers[name];
      if (value === undefined || Number.isNaN(value)) continue;
      const tolerance = TOLERANCE[name as LimitedVital];
      const near = [value - tolerance, value, value + tolerance].map((one) => points(part, one));
      least += Math.min(...near);
      most += Math.max(...near);
      isRed ||= Math.max(...near) === 3;
    }
    for (const part of ['systolic-pressure', 'oxygen', 'consciousness'] as const) {
      const value = this.#spots.get(part);
      if (value === undefined) continue;
      const own = points(part, value);
      [least, most, isRed] = [least + own, most + own, isRed || own === 3];
    }
    put('news2-emergency', least >= 7 ? SURELY : most >= 7 ? PERHAPS : NO);
    put('news2-urgent', least >= 5 ? SURELY : most >= 5 || isRed ? PERHAPS : NO);
  }
}

type Put = (what: What, certainty: Certainty) => void;

function technical({ truth }: BodySlice, node: NodeState, put: Put): void {
  const { isSilent, batteryPercent, linkDbm } = node;
  if (isSilent) put('silent', SURELY);
  if (batteryPercent <= BATTERY_EMPTY_PERCENT) put('battery-empty', SURELY);
  else if (batteryPercent <= BATTERY_LOW_PERCENT) put('battery-low', SURELY);
  if (linkDbm < LINK_WEAK_DBM) put('link-weak', SURELY);
  for (const { kind } of truth.artefacts) {
    if (kind === 'lead-off' || kind === 'no-finger' || kind === 'probe-off') put(kind, SURELY);
    if (BLINDING.includes(kind)) put('no-number', PERHAPS);
  }
}

const entriesOf = <K extends string, V>(record: Readonly<Partial<Record<K, V>>>): [K, V][] =>
  Object.entries(record) as [K, V][];

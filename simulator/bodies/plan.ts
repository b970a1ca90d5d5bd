/**
 * What is to happen to a body, and when: the plan that a scenario writes and `makeBody` lives.
 *
 *   means      where the patient's numbers lie; what is not named is drawn from the seed
 *   states     ──╮ overS ╭────────── target ──────────╮ overS ╭── back to the mean, unless another
 *              fromS ────╯                          toS ──────╯    state of that number begins
 *   rhythms    the heart's rhythm from fromS to toS; sinus rhythm otherwise
 *   apnoeas    no breath begins between fromS and toS
 *   artefacts  what is wrong with a sensor between fromS and toS, while the patient is as before
 *
 * Times are seconds of body time, ends not included, and may be left out at the end: for ever. Fever
 * quickens the heart of a patient whose plan says nothing of heart-rate; each number else is as planned,
 * with a drift over minutes that is the patient's own. A plan that cannot be lived is a RangeError
 * that names the field.
 */
import { PLAN_INTERVALS_MAX, PLAN_S_MAX } from '../limits.ts';

/** The numbers that drive a body, by the names of the vocabulary; perfusion is pulsation over level, %. */
export const BODY_NUMERICS = {
  'heart-rate': { min: 20, max: 250 },
  'respiratory-rate': { min: 4, max: 60 },
  spo2: { min: 50, max: 100 },
  'body-temperature': { min: 30, max: 43 },
  'skin-temperature': { min: 20, max: 41 },
  'systolic-pressure': { min: 40, max: 260 },
  'diastolic-pressure': { min: 20, max: 160 },
  perfusion: { min: 0.1, max: 20 },
} as const;
export type BodyNumeric = keyof typeof BODY_NUMERICS;
export type Numerics = Readonly<Record<BodyNumeric, number>>;

/** A rate is beats a minute; of those without `rates` nothing beats. */
export const BODY_RHYTHMS = {
  sinus: { rates: { min: 20, max: 250 } },
  bradycardia: { rates: { min: 20, max: 39 } },
  tachycardia: { rates: { min: 141, max: 250 } },
  pvcs: { rates: { min: 40, max: 130 } },
  bigeminy: { rates: { min: 40, max: 130 } },
  af: { rates: { min: 40, max: 180 } },
  vt: { rates: { min: 101, max: 250 } },
  paced: { rates: { min: 40, max: 130 } },
  vf: {},
  asystole: {},
} as const;
export type BodyRhythm = keyof typeof BODY_RHYTHMS;

/**
 *   motion         site 'hand' (pleth, red, infrared) or 'chest' (ecg, resp): slow irregular swings
 *   lead-off       ecg: the amplifier at its end; the slice says so
 *   low-perfusion  pleth, red, infrared: a tenth of the pulsation is left
 *   no-finger      pleth, red, infrared: light of the room and noise
 *   mains-hum      ecg: 0.1 mV at `hz`, 50 or 60
 *   drift          ecg: the baseline wanders by 1 mV
 *   saturation     ecg, red, infrared: the converter at its end
 *   probe-off      skin: the probe falls to the temperature of the room
 */
export const BODY_ARTEFACTS = [
  'motion',
  'lead-off',
  'low-perfusion',
  'no-finger',
  'mains-hum',
  'drift',
  'saturation',
  'probe-off',
] as const;
export type BodyArtefact = (typeof BODY_ARTEFACTS)[number];

export interface PlanInterval {
  readonly fromS: number;
  /** For ever where it is left out. */
  readonly toS?: number;
}

export interface PlannedState extends PlanInterval {
  /** How long the numbers take to reach their targets, and to go back. */
  readonly overS: number;
  readonly targets: Partial<Numerics>;
}

export interface PlannedRhythm extends PlanInterval {
  readonly rhythm: BodyRhythm;
  /** Drawn from the seed where it is left out; sinus, pvcs and bigeminy follow heart-rate then. */
  readonly ratePerMin?: number;
}

export interface PlannedArtefact extends PlanInterval {
  readonly kind: BodyArtefact;
  /** Of motion; the hand where it is left out. */
  readonly site?: 'hand' | 'chest';
  /** Of mains-hum; 50 where it is left out. */
  readonly hz?: 50 | 60;
  /** Times what the table says, of motion, mains-hum and drift; 1 where it is left out. */
  readonly strength?: number;
}

export interface BodyPlan {
  readonly person?: {
    /** 'adult' where it is left out. */
    readonly ageGroup?: 'adult' | 'child';
    readonly means?: Partial<Numerics>;
  };
  /** Seconds between two cuff measurements; 900 where it is left out. */
  readonly cuffEveryS?: number;
  readonly states?: readonly PlannedState[];
  readonly rhythms?: readonly PlannedRhythm[];
  readonly apnoeas?: readonly PlanInterval[];
  readonly artefacts?: readonly PlannedArtefact[];
}

const STRENGTH_MAX = 10;
const CUFF_S_MIN = 60;
/** Systolic over diastolic pressure, mmHg. */
export const PULSE_PRESSURE_MIN = 10;

/** Throws RangeError where a plan cannot be lived, naming the field. */
export function checkPlan(plan: BodyPlan): void {
  const { ageGroup = 'adult', means = {} } = plan.person ?? {};
  oneOf('person.ageGroup', ageGroup, ['adult', 'child']);
  numerics('person.means', means);
  if (plan.cuffEveryS !== undefined) whole('cuffEveryS', plan.cuffEveryS, CUFF_S_MIN, PLAN_S_MAX);
  intervals('states', plan.states, (state, field) => {
    between(`${field}.overS`, state.overS, 0, PLAN_S_MAX);
    numerics(`${field}.targets`, state.targets);
    return Object.keys(state.targets);
  });
  intervals('rhythms', plan.rhythms, ({ rhythm, ratePerMin }, field) => {
    oneOf(`${field}.rhythm`, rhythm, Object.keys(BODY_RHYTHMS));
    if (ratePerMin === undefined) return [''];
    const known: { rates?: { min: number; max: number } } = BODY_RHYTHMS[rhythm];
    if (known.rates === undefined) wrong(`${field}.ratePerMin`, `none for ${rhythm}`, ratePerMin);
    else between(`${field}.ratePerMin`, ratePerMin, known.rates.min, known.rates.max);
    return [''];
  });
  intervals('apnoeas', plan.apnoeas, () => ['']);
  intervals('artefacts', plan.artefacts, ({ kind, site, hz, strength }, field) => {
    oneOf(`${field}.kind`, kind, BODY_ARTEFACTS);
    if (site !== undefined) oneOf(`${field}.site`, site, ['hand', 'chest']);
    if (hz !== undefined) oneOf(`${field}.hz`, hz, [50, 60]);
    if (strength !== undefined) between(`${field}.strength`, strength, 0, STRENGTH_MAX);
    return [kind === 'motion' ? `motion of the ${site ?? 'hand'}` : kind];
  });
}

function wrong(field: string, expected: string, got: unknown): never {
  throw new RangeError(`plan ${field}: expected ${expected}, got ${String(got)}`);
}

function between(field: string, value: unknown, min: number, max: number): void {
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    wrong(field, `a number from ${min} to ${max}`, value);
  }
}

function whole(field: string, value: number, min: number, max: number): void {
  between(field, value, min, max);
  if (!Number.isInteger(value)) wrong(field, 'a whole number', value);
}

function oneOf(field: string, value: unknown, known: readonly unknown[]): void {
  if (!known.includes(value)) wrong(field, `one of ${known.join(', ')}`, value);
}

function numerics(field: string, given: Partial<Numerics>): void {
  for (const [name, value] of Object.entries(given)) {
    oneOf(field, name, Object.keys(BODY_NUMERICS));
    const { min, max } = BODY_NUMERICS[name as BodyNumeric];
    between(`${field}.${name}`, value, min, max);
  }
  const { 'systolic-pressure': systolic = NaN, 'diastolic-pressure': diastolic = NaN } = given;
  if (systolic - diastolic < PULSE_PRESSURE_MIN) {
    const expected = `${PULSE_PRESSURE_MIN} mmHg below systolic-pressure or less`;
    wrong(`${field}.diastolic-pressure`, expected, diastolic);
  }
}

/** Each interval alone, and no two of one of the names that `check` returns at the same time. */
function intervals<T extends PlanInterval>(
  list: string,
  given: readonly T[] = [],
  check: (one: T, field: string) => readonly string[],
): void {
  if (given.length > PLAN_INTERVALS_MAX) {
    wrong(list, `at most ${PLAN_INTERVALS_MAX} intervals`, given.length);
  }
  const byName = new Map<string, { index: number; fromS: number; toS: number }[]>();
  given.forEach((one, index) => {
    const field = `${list}[${index}]`;
    between(`${field}.fromS`, one.fromS, 0, PLAN_S_MAX);
    if (one.toS !== undefined) between(`${field}.toS`, one.toS, 0, PLAN_S_MAX);
    const { fromS, toS = Infinity } = one;
    if (!(toS > fromS)) wrong(`${field}.toS`, `more than fromS (${fromS})`, toS);
    for (const name of check(one, field)) {
      const others = byName.get(name) ?? [];
      byName.set(name, [...others, { index, fromS, toS }]);
    }
  });
  for (const [name, those] of byName) {
    const ordered = those.toSorted((a, b) => a.fromS - b.fromS);
    ordered.slice(1).forEach(({ index, fromS }, i) => {
      const before = ordered[i]!;
      if (fromS >= before.toS) return;
      const what = name === '' ? '' : ` of ${name}`;
      const expected = `no overlap${what} with ${list}[${before.index}], which ends at ${before.toS}`;
      wrong(`${list}[${index}].fromS`, expected, fromS);
    });
  }
}

/**
 * One patient: the numbers that drive the body as functions of time, and what differs from bed to bed.
 *
 * Means are drawn around those of people at rest on a ward and cut off at the limits in the tables,
 * or are the plan's. Children are about five years old: heart and breath near the medians of Fleming
 * et al., Lancet 377:1011–1018 (2011). The rest is chosen by eye.
 */
import { Course, type CourseState, makeDrift } from './course.ts';
import { BODY_NUMERICS, type BodyNumeric, type BodyPlan, PULSE_PRESSURE_MIN } from './plan.ts';
import type { Random } from './random.ts';

export interface Patient {
  /** What a number is at a moment of body time. */
  number(name: BodyNumeric, atS: number): number;
  /** Height of R in lead II, mV. */
  readonly ecgMv: number;
  /** Where the heart lies, added to the direction of every wave in the frontal plane. */
  readonly axisDeg: number;
  /** From R to the foot of the pulse at the finger, at MEAN_PRESSURE_USUAL. */
  readonly transitMs: number;
  /** Part of the RR interval that breathing takes away and gives back. */
  readonly sinusArrhythmia: number;
  /** Seconds from 0 to the first cuff measurement. */
  readonly cuffFirstS: number;
  /** Counts of the two lights through a finger. */
  readonly redLevel: number;
  readonly infraredLevel: number;
}

interface Spread {
  readonly mean: number;
  readonly deviation: number;
  readonly min: number;
  readonly max: number;
  readonly drift: number;
}

const spread = (
  mean: number,
  deviation: number,
  min: number,
  max: number,
  drift: number,
): Spread => ({ mean, deviation, min, max, drift });

const ADULT: Readonly<Record<BodyNumeric, Spread>> = {
  'heart-rate': spread(74, 11, 52, 110, 5),
  'respiratory-rate': spread(15.5, 2.5, 10, 22, 1.5),
  spo2: spread(97, 1.2, 92, 98.8, 0.9),
  'body-temperature': spread(36.9, 0.4, 36, 39, 0.15),
  'skin-temperature': spread(33, 0.8, 30, 35, 0.4),
  'systolic-pressure': spread(122, 14, 95, 165, 6),
  'diastolic-pressure': spread(77, 8, 58, 100, 4),
  perfusion: spread(3, 0.8, 1.5, 6, 0.3),
};
const CHILD: Readonly<Record<BodyNumeric, Spread>> = {
  ...ADULT,
  'heart-rate': spread(104, 9, 82, 128, 6),
  'respiratory-rate': spread(23, 2, 18, 28, 2),
  'systolic-pressure': spread(100, 7, 86, 116, 4),
  'diastolic-pressure': spread(60, 5, 48, 70, 3),
};

/** Liebermeister's rule. */
const BEATS_PER_DEGREE = 8;
const TEMPERATURE_NORMAL_C = 36.8;
/** The least a drawn patient has between the two pressures, mmHg. */
const DRAWN_PULSE_PRESSURE_MIN = 30;

const NAMES = Object.keys(BODY_NUMERICS) as BodyNumeric[];

export function makePatient(plan: BodyPlan, random: Random): Patient {
  const within = (min: number, max: number): number => min + (max - min) * random.uniform();
  const spreads = plan.person?.ageGroup === 'child' ? CHILD : ADULT;
  const planned = plan.person?.means ?? {};
  const drawn = drawMeans(spreads, random);
  const numbers = NAMES.map((name) => {
    const course = new Course(planned[name] ?? drawn[name], statesOf(plan, name));
    const drift = makeDrift(spreads[name].drift, random);
    const { min, max } = BODY_NUMERICS[name];
    return [
      name,
      (atS: number) => Math.min(max, Math.max(min, course.at(atS) + drift(atS))),
    ] as const;
  });
  const { at, heart } = governed(Object.fromEntries(numbers) as Numbers, plan);
  return {
    number: (name, atS) => (name === 'heart-rate' ? heart(atS) : at[name](atS)),
    ecgMv: within(0.8, 1.4),
    axisDeg: within(-15, 15),
    transitMs: within(180, 260),
    sinusArrhythmia: within(0.02, 0.06),
    cuffFirstS: Math.floor(within(5, 60)),
    redLevel: within(12_000, 16_000),
    infraredLevel: within(21_000, 27_000),
  };
}

type Numbers = Readonly<Record<BodyNumeric, (atS: number) => number>>;

function drawMeans(
  spreads: Readonly<Record<BodyNumeric, Spread>>,
  random: Random,
): Record<BodyNumeric, number> {
  const drawn = NAMES.map((name) => {
    const { mean, deviation, min, max } = spreads[name];
    return [name, Math.min(max, Math.max(min, mean + deviation * random.normal()))] as const;
  });
  const means = Object.fromEntries(drawn) as Record<BodyNumeric, number>;
  const most = means['systolic-pressure'] - DRAWN_PULSE_PRESSURE_MIN;
  means['diastolic-pressure'] = Math.min(means['diastolic-pressure'], most);
  return means;
}

function statesOf({ states = [] }: BodyPlan, name: BodyNumeric): CourseState[] {
  return states.flatMap(({ fromS, toS = Infinity, overS, targets }) => {
    const target = targets[name];
    return target === undefined ? [] : [{ fromS, toS, overS, target }];
  });
}

/** What one number does to another: fever to the heart, where its plan says nothing of it. */
function governed(numbers: Numbers, plan: BodyPlan) {
  const isHeartPlanned =
    plan.person?.means?.['heart-rate'] !== undefined || statesOf(plan, 'heart-rate').length > 0;
  const heart = (atS: number): number =>
    numbers['heart-rate'](atS) +
    (isHeartPlanned
      ? 0
      : BEATS_PER_DEGREE * (numbers['body-temperature'](atS) - TEMPERATURE_NORMAL_C));
  const at: Numbers = {
    ...numbers,
    'diastolic-pressure': (atS) =>
      Math.min(
        numbers['diastolic-pressure'](atS),
        numbers['systolic-pressure'](atS) - PULSE_PRESSURE_MIN,
      ),
  };
  return { at, heart };
}

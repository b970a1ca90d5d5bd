/**
 * A scenario: patients, what happens to them, to their sensors and to their nodes, and what people
 * enter by hand. A file of JSON that scenario.schema.json describes.
 *
 *   states, rhythms, apnoeas, artefacts   of the body, as in bodies/plan.ts
 *   happenings                            of the node:
 *     silent     it sends nothing, and what it would have sent is lost
 *     battery    falls to `percent` over `overS`, and is full again at the end
 *     link       falls to `dbm` over `overS`, and is as before at the end
 *   observations                          entered by hand: when, by whom, what
 *
 * `parseScenario` refuses what cannot be lived with a sentence that names file, JSON path, expected and
 * got. `lengthS` is when the script is over; what has no end lasts beyond it.
 */
import { readFileSync } from 'node:fs';
import { UserError } from '@vitalshare/edge/command/node';
import { findVital } from '@vitalshare/edge/vital';
import { type BodyPlan, checkPlan, type Numerics, type PlanInterval } from '../bodies/bodies.ts';
import { firstWrong, type Schema } from './schema-check.ts';

export interface Happening extends PlanInterval {
  readonly kind: 'silent' | 'battery' | 'link';
  readonly overS?: number;
  /** Of battery. */
  readonly percent?: number;
  /** Of link. */
  readonly dbm?: number;
}

export interface PlannedObservation {
  readonly atS: number;
  readonly by: string;
  readonly vital: string;
  readonly value: number;
}

export interface Person {
  /** Absent: an adult. */
  readonly ageMonths?: number;
  readonly spo2Scale?: 1 | 2;
  readonly means?: Partial<Numerics>;
}

export interface ScenarioPatient extends Omit<BodyPlan, 'person'> {
  readonly person?: Person;
  readonly happenings?: readonly Happening[];
  readonly observations?: readonly PlannedObservation[];
}

export interface Scenario {
  readonly what: string;
  readonly lengthS: number;
  readonly patients: readonly ScenarioPatient[];
}

/** NEWS2 is of this age and above, a child below. */
export const ADULT_MONTHS_MIN = 16 * 12;

const SCHEMA = JSON.parse(
  readFileSync(new URL('scenario.schema.json', import.meta.url), 'utf8'),
) as Schema;

/** `file` is how its sentences name it. Throws UserError. */
export function parseScenario(file: string, text: string): Scenario {
  const wrong = (sentence: string): UserError =>
    new UserError(`${file} at ${sentence}${sentence.endsWith('?') ? '' : '.'}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(`$: expected JSON, got ${(error as Error).message}`);
  }
  const first = firstWrong(SCHEMA, value);
  if (first !== undefined) throw wrong(first);
  const scenario = value as Scenario;
  scenario.patients.forEach((patient, index) => {
    const sentence = planWrong(patient) ?? momentWrong(scenario, patient) ?? entryWrong(patient);
    if (sentence !== undefined) throw wrong(`$.patients[${index}].${sentence}`);
  });
  return scenario;
}

/** The same, `speed` times sooner: only hearts and breaths keep their time. */
export function sooner(patient: ScenarioPatient, speed: number): ScenarioPatient {
  const scaled = <T extends PlanInterval & { readonly overS?: number }>(one: T): T => ({
    ...one,
    fromS: one.fromS / speed,
    ...(one.toS === undefined ? {} : { toS: one.toS / speed }),
    ...(one.overS === undefined ? {} : { overS: one.overS / speed }),
  });
  const { cuffEveryS, states, rhythms, apnoeas, artefacts, happenings, observations } = patient;
  return {
    ...patient,
    ...(cuffEveryS && { cuffEveryS: Math.max(CUFF_S_MIN, Math.round(cuffEveryS / speed)) }),
    ...(states && { states: states.map(scaled) }),
    ...(rhythms && { rhythms: rhythms.map(scaled) }),
    ...(apnoeas && { apnoeas: apnoeas.map(scaled) }),
    ...(artefacts && { artefacts: artefacts.map(scaled) }),
    ...(happenings && { happenings: happenings.map(scaled) }),
    ...(observations && {
      observations: observations.map((one) => ({ ...one, atS: one.atS / speed })),
    }),
  };
}

/** A cuff is blown up no more often. */
const CUFF_S_MIN = 60;

/** What the body of a patient lives. */
export function bodyPlanOf(patient: ScenarioPatient): BodyPlan {
  const { person = {}, cuffEveryS, states, rhythms, apnoeas, artefacts } = patient;
  const { ageMonths = ADULT_MONTHS_MIN, means } = person;
  return {
    person: { ageGroup: ageMonths < ADULT_MONTHS_MIN ? 'child' : 'adult', ...(means && { means }) },
    ...(cuffEveryS && { cuffEveryS }),
    ...(states && { states }),
    ...(rhythms && { rhythms }),
    ...(apnoeas && { apnoeas }),
    ...(artefacts && { artefacts }),
  };
}

/** The body's own judgement, its field as a JSON path. */
function planWrong(patient: ScenarioPatient): string | undefined {
  try {
    checkPlan(bodyPlanOf(patient));
    return undefined;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return error.message.replace(/^plan /, '');
  }
}

const INTERVALS = ['states', 'rhythms', 'apnoeas', 'artefacts', 'happenings'] as const;

/** What begins after the end is a slip: nobody would see it. */
function momentWrong({ lengthS }: Scenario, patient: ScenarioPatient): string | undefined {
  const expected = `expected a moment before the scenario's end (lengthS ${lengthS})`;
  for (const list of INTERVALS) {
    const late = (patient[list] ?? []).findIndex(({ fromS }) => fromS >= lengthS);
    if (late >= 0) return `${list}[${late}].fromS: ${expected}, got ${patient[list]![late]!.fromS}`;
  }
  const { observations = [] } = patient;
  const late = observations.findIndex(({ atS }) => atS >= lengthS);
  if (late >= 0) return `observations[${late}].atS: ${expected}, got ${observations[late]!.atS}`;
  return undefined;
}

/** Happenings that stand in each other's way, and entries no vital sign has. */
function entryWrong({ happenings = [], observations = [] }: ScenarioPatient): string | undefined {
  for (const [index, happening] of happenings.entries()) {
    const { kind, fromS, toS = Infinity } = happening;
    const field = `happenings[${index}]`;
    if (toS <= fromS) return `${field}.toS: expected more than fromS (${fromS}), got ${toS}`;
    const needed = ({ battery: 'percent', link: 'dbm', silent: undefined } as const)[kind];
    if (needed !== undefined && happening[needed] === undefined) {
      return `${field}.${needed}: expected it for ${kind}, got nothing`;
    }
    const other = happenings.findIndex(
      (one, at) =>
        at < index && one.kind === kind && one.fromS < toS && fromS < (one.toS ?? Infinity),
    );
    if (other >= 0) {
      return `${field}.fromS: expected no overlap of ${kind} with happenings[${other}], got ${fromS}`;
    }
  }
  for (const [index, { vital, value }] of observations.entries()) {
    const { min, max } = findVital(vital)!;
    if (value >= min && value <= max) continue;
    return `observations[${index}].value: expected ${vital} from ${min} to ${max}, got ${value}`;
  }
  return undefined;
}

/**
 * Every condition that can be an alarm: its topic, its priority, and which of a topic is worse.
 *
 * Priorities by IEC 60601-1-8, table 1: high where death or lasting harm may come at once or promptly,
 * medium where harm that can be undone may come promptly, low where it comes late. NEWS2 of 7 asks for
 * an emergency response, 5 or a single 3 for an urgent one. A sensor's failure is low: it harms nobody
 * yet; a battery that is empty will take a patient's numbers away within minutes.
 *
 * Covered: while an alarm of the topics named stands, a topic raises none, because it is the same thing
 * seen twice. A heart in VT is fast.
 */
import type { PatientAlarm, Priority, TechnicalAlarm } from './alarm.ts';

type What = PatientAlarm | TechnicalAlarm;

interface Row {
  readonly topic: string;
  readonly priority: Priority;
  /** Of one topic the higher is the worse; 3 and above are high, 2 medium, 1 low. */
  readonly severity: number;
  /** It stays until it is acknowledged, whatever its priority. */
  readonly latches?: true;
}

const high = (topic: string, severity = 3): Row => ({ topic, priority: 'high', severity });
const medium = (topic: string): Row => ({ topic, priority: 'medium', severity: 2 });
const low = (topic: string): Row => ({ topic, priority: 'low', severity: 1 });

const TABLE: Readonly<Record<What, Row>> = {
  asystole: high('asystole'),
  vf: high('vf'),
  vt: high('vt'),
  'extreme-bradycardia': high('rate-low'),
  'extreme-tachycardia': high('rate-high'),
  af: low('af'),
  'rate-low': medium('rate-low'),
  'rate-high': medium('rate-high'),
  'spo2-low': medium('spo2-low'),
  'spo2-high': low('spo2-high'),
  desaturation: high('spo2-low'),
  apnea: high('respiratory-rate-low', 4),
  'extreme-bradypnea': high('respiratory-rate-low'),
  'respiratory-rate-low': medium('respiratory-rate-low'),
  'respiratory-rate-high': medium('respiratory-rate-high'),
  'extreme-tachypnea': high('respiratory-rate-high'),
  'temperature-low': medium('temperature-low'),
  'temperature-high': medium('temperature-high'),
  'pressure-low': medium('pressure-low'),
  'pressure-high': medium('pressure-high'),
  'news2-urgent': medium('news2'),
  'news2-emergency': high('news2'),
  // The topic of these is the problem and its source.
  silent: low('silent'),
  'lead-off': low('lead-off'),
  'no-finger': low('no-finger'),
  'probe-off': low('probe-off'),
  'battery-low': low('battery'),
  'battery-empty': medium('battery'),
  'link-weak': low('link'),
  'sensor-fault': low('sensor'),
  'nurse-call': { ...medium('nurse-call'), latches: true },
  'no-number': low('no-number'),
  'too-many': medium('too-many'),
};

/** Topics of patients; those of sensors are made as their sources come. */
export const PATIENT_TOPICS: readonly string[] = [
  ...new Set(Object.values(TABLE).map(({ topic }) => topic)),
].filter((topic) => !isSensors(topic));

function isSensors(topic: string): boolean {
  const off = ['lead-off', 'no-finger', 'probe-off', 'silent', 'sensor', 'battery', 'link'];
  return [...off, 'nurse-call', 'no-number', 'too-many'].includes(topic);
}

const LETHAL = ['asystole', 'vf', 'vt'] as const;
export const COVERED_BY: Readonly<Record<string, readonly string[]>> = {
  'rate-low': LETHAL,
  'rate-high': LETHAL,
  'no-number heart-rate': LETHAL,
};

export interface Condition extends Row {
  readonly what: What;
  readonly vital?: string;
  readonly limit?: number;
  readonly source?: string;
}

export type Details = Pick<Condition, 'vital' | 'limit' | 'source'>;

export function conditionOf(what: What, details: Details = {}): Condition {
  const row = TABLE[what];
  const about = details.source ?? (what === 'no-number' ? details.vital : undefined);
  const topic = about === undefined ? row.topic : `${row.topic} ${about}`;
  return { ...row, topic, what, ...details };
}

export const isWhat = (what: unknown): what is What =>
  typeof what === 'string' && Object.hasOwn(TABLE, what);

/**
 * The limits of one patient, and what a limit must be.
 *
 *   extremeLow < low < high < extremeHigh      each may be absent; a reading beyond one, not on it,
 *                                              crosses it
 *
 * A limit lies in the plausible range of its vital sign. What does not is refused by name and the
 * limits before stand on. The defaults are in `defaults.ts`.
 */
import { findVital } from '../vital/vital.ts';
import { AlarmError, type PatientAlarm } from './alarm.ts';

/** In the unit of the vital sign. */
export interface Limits {
  readonly extremeLow?: number;
  readonly low?: number;
  readonly high?: number;
  readonly extremeHigh?: number;
}
const ORDER = ['extremeLow', 'low', 'high', 'extremeHigh'] as const;
export type LimitName = (typeof ORDER)[number];

/** Vital signs with limits. The pulse rate obeys those of the heart rate: there is one heart. */
export const LIMITED_VITALS = [
  'heart-rate',
  'spo2',
  'respiratory-rate',
  'body-temperature',
  'systolic-pressure',
] as const;
export type LimitedVital = (typeof LIMITED_VITALS)[number];

export const isLimited = (vital: string): vital is LimitedVital =>
  (LIMITED_VITALS as readonly string[]).includes(vital);

export type PatientLimits = Readonly<Record<LimitedVital, Limits>>;

/** What a crossed limit is called; a vital sign has no limits but these. */
export const LIMIT_ALARMS: Readonly<
  Record<LimitedVital, Readonly<Partial<Record<LimitName, PatientAlarm>>>>
> = {
  'heart-rate': {
    extremeLow: 'extreme-bradycardia',
    low: 'rate-low',
    high: 'rate-high',
    extremeHigh: 'extreme-tachycardia',
  },
  spo2: { extremeLow: 'desaturation', low: 'spo2-low', high: 'spo2-high' },
  'respiratory-rate': {
    extremeLow: 'extreme-bradypnea',
    low: 'respiratory-rate-low',
    high: 'respiratory-rate-high',
    extremeHigh: 'extreme-tachypnea',
  },
  'body-temperature': { low: 'temperature-low', high: 'temperature-high' },
  'systolic-pressure': { low: 'pressure-low', high: 'pressure-high' },
};

/** Throws AlarmError where they cross, or one lies outside the vital sign's range. */
export function checkLimits(vital: LimitedVital, limits: Limits): Limits {
  const { label, min, max } = findVital(vital)!;
  const given = ORDER.filter((name) => limits[name] !== undefined);
  for (const name of given) {
    const limit = limits[name]!;
    if (LIMIT_ALARMS[vital][name] === undefined) {
      throw new AlarmError('limits-unknown', `${label}: there is no limit called ${name}`);
    }
    if (Number.isFinite(limit) && limit >= min && limit <= max) continue;
    const where = `expected ${min} to ${max}`;
    throw new AlarmError('limits-out-of-range', `${label}: limit ${name}: ${where}`);
  }
  for (const [index, name] of given.entries()) {
    const next = given[index + 1];
    if (next === undefined || limits[name]! < limits[next]!) continue;
    const got = `got ${limits[name]!} and ${limits[next]!}`;
    throw new AlarmError('limits-cross', `${label}: expected ${name} below ${next}, ${got}`);
  }
  return Object.fromEntries(given.map((name) => [name, limits[name]!]));
}

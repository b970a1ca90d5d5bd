/**
 * The alarms of a bed as plain JSON, for a gateway that starts again. No reading is in it, so that it may
 * lie on a disk: what was entered by hand must be told again, and NEWS2 is partial until it is.
 *
 * It is read as a stranger's: total, bounded, and refused by name where it is not what was written.
 * A condition is written as its name and details; topic and priority follow from the code that reads it.
 */
import {
  ALARM_SNAPSHOT_CHARS_MAX,
  ALARM_SOURCES_MAX,
  ALARMS_OFF_MAX,
  IDENTITY_NAME_CHARS_MAX,
  PATIENT_AGE_MONTHS_MAX,
  SOURCE_CHARS_MAX,
} from '../limits.ts';
import { AlarmError } from './alarm.ts';
import type { Held, StatesKept } from './alarm-states.ts';
import { type Condition, conditionOf, type Details, isWhat, PATIENT_TOPICS } from './conditions.ts';
import { checkLimits, isLimited, type Limits, type PatientLimits } from './limits.ts';
import type { Spo2Scale } from './news2.ts';

export interface Patient {
  /** Absent: an adult. Below 16 years the limits are of the age and there is no NEWS2. */
  readonly ageMonths?: number;
  readonly spo2Scale?: Spo2Scale;
}

export interface Kept {
  readonly savedMs: number;
  readonly elapsedMs: number;
  readonly patient: Patient;
  readonly limits: Partial<PatientLimits>;
  readonly expected: readonly string[];
  readonly states: StatesKept;
}

export interface AlarmSnapshot {
  readonly version: 1;
  readonly savedMs: number;
  readonly [field: string]: unknown;
}

/** Throws AlarmError `patient`. */
export function checkPatient(patient: Readonly<Partial<Record<keyof Patient, unknown>>>): Patient {
  const { ageMonths, spo2Scale } = patient;
  const isAge =
    typeof ageMonths === 'number' && ageMonths >= 0 && ageMonths <= PATIENT_AGE_MONTHS_MAX;
  if (ageMonths !== undefined && !isAge) {
    const expected = `expected an age of 0 to ${PATIENT_AGE_MONTHS_MAX} months`;
    throw new AlarmError('patient', `patient: ${expected}`);
  }
  const isScale = spo2Scale === 1 || spo2Scale === 2;
  if (spo2Scale !== undefined && !isScale) {
    throw new AlarmError('patient', 'patient: expected SpO₂ scale 1 or 2');
  }
  return { ...(isAge && { ageMonths }), ...(isScale && { spo2Scale }) };
}

export function writeSnapshot({ states, ...kept }: Kept): AlarmSnapshot {
  const held = states.held.map((each) => ({ ...each, condition: written(each.condition) }));
  const standing = states.standing.map(([key, condition]) => [key, written(condition)]);
  return { version: 1, ...kept, states: { ...states, held, standing } };
}

const written = ({ what, vital, limit, source }: Condition) => ({
  what,
  ...(vital !== undefined && { vital }),
  ...(limit !== undefined && { limit }),
  ...(source !== undefined && { source }),
});

/** Throws AlarmError `snapshot`. */
export function readSnapshot(snapshot: unknown): Kept {
  try {
    if (JSON.stringify(snapshot).length > ALARM_SNAPSHOT_CHARS_MAX) throw bad('its size');
    const from = object(snapshot, 'snapshot');
    if (from.version !== 1) throw bad('version 1');
    return {
      savedMs: finite(from.savedMs, 'savedMs'),
      elapsedMs: finite(from.elapsedMs, 'elapsedMs'),
      patient: checkPatient(object(from.patient, 'patient')),
      limits: readLimits(object(from.limits, 'limits')),
      expected: list(from.expected, 'expected', 16).map((one) => text(one, 'expected')),
      states: readStates(object(from.states, 'states')),
    };
  } catch (error) {
    if (error instanceof AlarmError && error.code === 'snapshot') throw error;
    throw new AlarmError('snapshot', `snapshot: ${error instanceof Error ? error.message : ''}`);
  }
}

function readLimits(from: Record<string, unknown>): Partial<PatientLimits> {
  const read: Record<string, Limits> = {};
  for (const [vital, limits] of Object.entries(from)) {
    if (!isLimited(vital)) throw bad('limits of a vital sign that has some');
    read[vital] = checkLimits(vital, object(limits, vital));
  }
  return read;
}

const TOPICS_MAX = PATIENT_TOPICS.length + ALARM_SOURCES_MAX + 8;

function readStates(from: Record<string, unknown>): StatesKept {
  const held = list(from.held, 'held', TOPICS_MAX).map(readHeld);
  const nextId = finite(from.nextId, 'nextId');
  if (new Set(held.map(({ condition }) => condition.topic)).size < held.length) {
    throw bad('one alarm of a topic');
  }
  if (held.some(({ id }) => !(id < nextId))) throw bad('every id below nextId');
  const standing = list(from.standing, 'standing', 2 * TOPICS_MAX).map((one) => {
    const [key, condition] = list(one, 'standing', 2);
    return [text(key, 'key'), readCondition(condition)] as const;
  });
  const off = list(from.off, 'off', ALARMS_OFF_MAX).map((one) => {
    const each = object(one, 'off');
    return { topic: text(each.topic, 'topic'), ...readEnding(each) };
  });
  const pause = from.pause === null ? null : readEnding(object(from.pause, 'pause'));
  return { nextId, held, standing, off, pause, standby: readStandby(from.standby) };
}

function readHeld(value: unknown): Held {
  const from = object(value, 'held');
  const { state } = from;
  if (state !== 'active' && state !== 'acknowledged' && state !== 'latched') throw bad('a state');
  const acknowledged =
    from.acknowledged === null ? null : readAct(object(from.acknowledged, 'act'));
  if ((state === 'acknowledged') !== (acknowledged !== null)) throw bad('who acknowledged');
  return {
    id: finite(from.id, 'id'),
    condition: readCondition(from.condition),
    ...{ state, acknowledged },
    sinceMs: finite(from.sinceMs, 'sinceMs'),
    endedMs: from.endedMs === null ? null : finite(from.endedMs, 'endedMs'),
    isEscalated: from.isEscalated === true,
    loudAt: finite(from.loudAt, 'loudAt'),
    quietAt: finite(from.quietAt, 'quietAt'),
  };
}

function readCondition(value: unknown): Condition {
  const { what, vital, limit, source } = object(value, 'condition');
  if (!isWhat(what)) throw bad('an alarm that is known');
  const details: Details = {
    ...(vital !== undefined && { vital: text(vital, 'vital') }),
    ...(limit !== undefined && { limit: finite(limit, 'limit') }),
    ...(source !== undefined && { source: text(source, 'source') }),
  };
  return conditionOf(what, details);
}

const readAct = (from: Record<string, unknown>) => ({
  by: text(from.by, 'by'),
  atMs: finite(from.atMs, 'atMs'),
});

const readEnding = (from: Record<string, unknown>) => ({
  ...readAct(from),
  untilAt: finite(from.untilAt, 'untilAt'),
});

function readStandby(value: unknown): StatesKept['standby'] {
  if (value === null) return null;
  const from = object(value, 'standby');
  return { ...readAct(from), why: text(from.why, 'why', 0) };
}

const bad = (expected: string): AlarmError =>
  new AlarmError('snapshot', `snapshot: expected ${expected}`);

function object(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(name);
  return value as Record<string, unknown>;
}

function list(value: unknown, name: string, lengthMax: number): unknown[] {
  if (!Array.isArray(value) || value.length > lengthMax) throw bad(name);
  return value as unknown[];
}

function finite(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw bad(name);
  return value;
}

/** A key is a source's name and what is said of it. */
const TEXT_CHARS_MAX = SOURCE_CHARS_MAX + IDENTITY_NAME_CHARS_MAX;

function text(value: unknown, name: string, charsMin = 1): string {
  const isText = typeof value === 'string';
  if (!isText || value.length < charsMin || value.length > TEXT_CHARS_MAX) throw bad(name);
  return value;
}

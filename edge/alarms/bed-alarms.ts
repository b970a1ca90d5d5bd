/** The alarms of one bed. */
import type { OnRecord, Alarm, AlarmOff, AudioPause, Priority, Standby } from './alarm.ts';
import type { RhythmFlag } from '../vital/vital.ts';
import type { Limits, LimitedVital, PatientLimits } from './limits.ts';
import type { News2, Spo2Scale } from './news2.ts';

export interface Patient {
  /** Absent: an adult. Below 16 years the limits are of the age and there is no NEWS2. */
  readonly ageMonths?: number;
  readonly spo2Scale?: Spo2Scale;
}

/** What a node or the gateway knows of a sensor. */
export const PROBLEMS = [
  'silent',
  'lead-off',
  'no-finger',
  'probe-off',
  'battery-low',
  'battery-empty',
  'link-weak',
  'sensor-fault',
] as const;
export type Problem = (typeof PROBLEMS)[number];

export interface Technical {
  readonly problem: Problem;
  /** Node, or node and channel: `strap-07`, `strap-07 ecg.II`. */
  readonly source: string;
}

/** Entered by hand. */
export interface Observation {
  /** Any vital sign of edge/vital. */
  readonly vital: string;
  readonly value: number;
  /** When it was observed. */
  readonly atMs: number;
  readonly by: string;
}

/** Plain JSON, without a reading. */
export interface AlarmSnapshot {
  readonly version: 1;
  readonly savedMs: number;
  readonly [field: string]: unknown;
}

export interface BedAlarmsOptions {
  readonly nowMs: number;
  readonly patient?: Patient;
  readonly onRecord?: OnRecord;
  /** Of an earlier run; throws AlarmError `snapshot` where it is none. */
  readonly snapshot?: unknown;
}

/** Inputs never throw but `observation`; acts throw AlarmError, and then nothing has changed. */
export declare class BedAlarms {
  constructor(options: BedAlarmsOptions);

  // What comes in. `atMs` is the reading's time; its age is counted from the last tick.
  /** `value` null: there is none at this second; `bars` 0 to 4, 255 not known. */
  number(vital: string, value: number | null, atMs: number, bars: number, reason?: string): void;
  /** The flags that stand, none included; null: the ECG cannot be judged. */
  rhythm(flags: readonly RhythmFlag[] | null, atMs: number): void;
  technical(technical: Technical, lasts: boolean): void;
  /** Throws AlarmError: unknown, out of range, from the future, too old. */
  observation(observation: Observation, nowMs: number): void;
  /** Once a second, and before what comes in after a pause. */
  tick(nowMs: number): void;

  // What people do. `by` is a name; '' is refused.
  acknowledge(id: number, by: string, nowMs: number): void;
  pauseAudio(by: string, nowMs: number): void;
  resumeAudio(by: string, nowMs: number): void;
  alarmOff(topic: string, by: string, untilMs: number, nowMs: number): void;
  alarmOn(topic: string, by: string, nowMs: number): void;
  setLimits(vital: LimitedVital, limits: Limits, by: string, nowMs: number): void;
  /** Age or scale; limits that were set by hand stay. */
  setPatient(patient: Patient, by: string, nowMs: number): void;
  /** Refused while a high-priority alarm is unacknowledged. */
  standby(by: string, why: string, nowMs: number): void;
  resume(by: string, nowMs: number): void;

  // What stands. Highest priority first, then the newest.
  get alarms(): readonly Alarm[];
  /** The highest that is to be heard now. */
  get sounds(): Priority | null;
  get audioPause(): AudioPause | null;
  get off(): readonly AlarmOff[];
  get inStandby(): Standby | null;
  /** Null: it is not made for this patient. */
  get news2(): News2 | null;
  get limits(): PatientLimits;
  /** Changes whenever something above does. */
  get version(): number;

  snapshot(): AlarmSnapshot;
}

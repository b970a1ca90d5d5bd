/**
 * What an alarm is, and what is written down of it. Words of IEC 60601-1-8; the states stand in
 * `alarm-state.ts`, every figure in `constants.ts`.
 *
 *   condition   something that is so: a limit crossed for its delay, a rhythm, a silent sensor
 *   topic       what a condition is about; one alarm of a topic stands at a time, so that a tachycardia
 *               told by beats, by the heart rate and by the pulse is one alarm
 *   record      a change of an alarm or of a bed's alarm system: when, what, why and by whom
 *
 * No reading stands in any of these: a record may lie in a log and a snapshot on a disk.
 */
export const PRIORITIES = ['low', 'medium', 'high'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** An alarm that is `inactive` is not there. */
export const ALARM_STATES = ['inactive', 'active', 'acknowledged', 'latched'] as const;
export type AlarmState = (typeof ALARM_STATES)[number];

/** What a person did, and when. */
export interface Act {
  readonly by: string;
  readonly atMs: number;
}

/** Of patients; a page has words for each. */
export const PATIENT_ALARMS = [
  'asystole',
  'vf',
  'vt',
  'extreme-bradycardia',
  'extreme-tachycardia',
  'af',
  'rate-low',
  'rate-high',
  'spo2-low',
  'spo2-high',
  'desaturation',
  'apnea',
  'extreme-bradypnea',
  'respiratory-rate-low',
  'respiratory-rate-high',
  'extreme-tachypnea',
  'temperature-low',
  'temperature-high',
  'pressure-low',
  'pressure-high',
  'news2-urgent',
  'news2-emergency',
] as const;
export type PatientAlarm = (typeof PATIENT_ALARMS)[number];

/**
 * Of sensors, and what comes from one. `no-number`: a vital sign that was there has had no number to be
 * trusted for long. `nurse-call`: a button; it stays until it is acknowledged.
 */
export const TECHNICAL_ALARMS = [
  'silent',
  'lead-off',
  'no-finger',
  'probe-off',
  'battery-low',
  'battery-empty',
  'link-weak',
  'sensor-fault',
  'nurse-call',
  'no-number',
  'too-many',
] as const;
export type TechnicalAlarm = (typeof TECHNICAL_ALARMS)[number];

export interface Alarm {
  /** Rises within a bed and is never given twice, restarts by snapshot included. */
  readonly id: number;
  /** `rate-high`, `vt`, `silent strap-07`. */
  readonly topic: string;
  /** The worst of the topic since it was last acknowledged. */
  readonly what: PatientAlarm | TechnicalAlarm;
  readonly priority: Priority;
  readonly state: Exclude<AlarmState, 'inactive'>;
  /** The vital sign whose number is marked. */
  readonly vital?: string;
  /** Of a limit alarm, in the vital sign's unit. */
  readonly limit?: number;
  /** Of a technical alarm: the node or channel. */
  readonly source?: string;
  readonly sinceMs: number;
  /** When the condition was over: of a latched alarm. */
  readonly endedMs: number | null;
  readonly acknowledged: Act | null;
  /** Nobody acknowledged it for so long that more people are told. */
  readonly isEscalated: boolean;
  /** It sounds now: neither acknowledged nor paused. */
  readonly isAudible: boolean;
}

/** Why something changed. */
export const CAUSES = [
  // An alarm's condition.
  'began',
  'ended',
  'data-lost',
  'again',
  'worse',
  'better',
  // Time.
  'escalated',
  'reminder',
  'pause-over',
  'off-over',
  'clock-jump',
  // People.
  'acknowledged',
  'audio-paused',
  'audio-resumed',
  'alarm-off',
  'alarm-on',
  'limits',
  'patient',
  'observation',
  'standby',
  'standby-over',
  // A high-priority alarm is heard in spite of a pause.
  'pause-broken',
  'restored',
] as const;
export type Cause = (typeof CAUSES)[number];

export interface AlarmRecord {
  readonly atMs: number;
  readonly cause: Cause;
  readonly by?: string;
  /** Absent where the bed's alarm system changed and no alarm of it. */
  readonly alarm?: {
    readonly id: number;
    readonly topic: string;
    readonly what: PatientAlarm | TechnicalAlarm;
    readonly priority: Priority;
    readonly from: AlarmState;
    readonly to: AlarmState;
  };
  /** Of `alarm-off` and `alarm-on`: the topic; of `limits` and `observation`: the vital sign. */
  readonly topic?: string;
  /** Until when sound is paused, or an alarm off. */
  readonly untilMs?: number;
  /** Of `clock-jump`: how far, back is negative. */
  readonly jumpMs?: number;
}

export type OnRecord = (record: AlarmRecord) => void;

/** One topic that raises no alarm. */
export interface AlarmOff extends Act {
  readonly topic: string;
  readonly untilMs: number;
}

export interface AudioPause extends Act {
  readonly untilMs: number;
}

export interface Standby extends Act {
  readonly why: string;
  /** Readings come: the page asks whether to resume. */
  readonly hasData: boolean;
}

export const ALARM_ERRORS = [
  'unknown-alarm',
  'unknown-topic',
  'unknown-vital',
  'nobody',
  'already',
  'too-long',
  'unacknowledged',
  'too-many',
  'limits-cross',
  'limits-out-of-range',
  'limits-unknown',
  'observation-out-of-range',
  'observation-from-future',
  'observation-too-old',
  'patient',
  'snapshot',
] as const;
export type AlarmErrorCode = (typeof ALARM_ERRORS)[number];

/** An act or an input that is refused; all stays as it was. Never says a reading. */
export class AlarmError extends Error {
  readonly code: AlarmErrorCode;

  constructor(code: AlarmErrorCode, message: string) {
    super(message);
    this.name = 'AlarmError';
    this.code = code;
  }
}

/**
 * Door `@vitalshare/edge/alarms`: what a bed's numbers, rhythms and sensors are worth calling for.
 *
 *   alarm.ts         what an alarm and a record are; refusals          Alarm, AlarmRecord, AlarmError
 *   bed-alarms.ts    all alarms of one bed                             BedAlarms
 *   limits.ts        the limits of a patient                           Limits, checkLimits
 *   news2.ts         NEWS2 © Royal College of Physicians 2017          News2
 */
export { ALARM_ERRORS, ALARM_STATES, AlarmError, CAUSES, PRIORITIES } from './alarm.ts';
export type {
  Act,
  Alarm,
  AlarmErrorCode,
  AlarmOff,
  AlarmRecord,
  AlarmState,
  AudioPause,
  Cause,
  OnRecord,
  PatientAlarm,
  Priority,
  Standby,
  TechnicalAlarm,
} from './alarm.ts';
export { BedAlarms, PROBLEMS } from './bed-alarms.ts';
export type {
  AlarmSnapshot,
  BedAlarmsOptions,
  Observation,
  Patient,
  Problem,
  Technical,
} from './bed-alarms.ts';
export { LIMITED_VITALS, checkLimits } from './limits.ts';
export type { LimitedVital, Limits, PatientLimits } from './limits.ts';
export { NEWS2_PARTS, NEWS2_RISKS } from './news2.ts';
export type { News2, News2Part, News2Risk, News2Values, Points, Spo2Scale } from './news2.ts';

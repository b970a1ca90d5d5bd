/**
 * Door `@vitalshare/edge/alarms`: what a bed's numbers, rhythms and sensors are worth calling for.
 *
 *   bed-alarms.ts       all alarms of one bed: what comes in, what people do     BedAlarms
 *   alarm.ts            what an alarm and a record of it are; refusals           Alarm, AlarmRecord, AlarmError
 *   conditions.ts       every alarm: its priority, topic, and what covers it
 *   alarm-states.ts     the state machine, after IEC 60601-1-8
 *   constants.ts        every figure, each with its source                       SIGNALS, AUDIO_PAUSE_MS …
 *   limits.ts           the limits of a patient                                  Limits, checkLimits
 *   defaults.ts         those nobody has set, by age                             defaultLimits
 *   news2.ts            NEWS2 © Royal College of Physicians 2017                 news2Of
 *   limit-watch.ts      numbers to alarms: delay, hysteresis
 *   rhythm-watch.ts     flags to alarms
 *   technical-watch.ts  sensors and missing numbers to alarms                    Technical, PROBLEMS
 *   news2-watch.ts      the score of a bed, and its alarms                       BedNews2
 *   watched.ts          a trigger and its condition; trigger.ts: delay, clearing; elapsed.ts: time
 *   snapshot.ts         all of it as JSON without a reading                      AlarmSnapshot
 *   sound.ts            when the pulses of a burst sound                         burstMs
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
export { BedAlarms } from './bed-alarms.ts';
export type { BedAlarmsOptions, Observation } from './bed-alarms.ts';
export { PATIENT_TOPICS } from './conditions.ts';
export {
  ALARM_OFF_MS_MAX,
  AUDIO_PAUSE_MS,
  BATTERY_EMPTY_PERCENT,
  BATTERY_LOW_PERCENT,
  ESCALATE_MS,
  LINK_WEAK_DBM,
  LOST_MS,
  SIGNALS,
  STALE_MS,
  TONE,
} from './constants.ts';
export { defaultLimits } from './defaults.ts';
export { LIMITED_VITALS, checkLimits, isLimited } from './limits.ts';
export type { LimitName, LimitedVital, Limits, PatientLimits } from './limits.ts';
export { NEWS2_PARTS, NEWS2_RISKS, news2Of } from './news2.ts';
export type { News2, News2Part, News2Risk, News2Values, Points, Spo2Scale } from './news2.ts';
export type { BedNews2 } from './news2-watch.ts';
export type { AlarmSnapshot, Patient } from './snapshot.ts';
export { burstMs } from './sound.ts';
export { PROBLEMS } from './technical-watch.ts';
export type { Problem, Technical } from './technical-watch.ts';

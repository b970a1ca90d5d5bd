/**
 * The alarms of one bed.
 *
 *   number ──► age and quality ──► LimitWatch ─────┐
 *   rhythm ───────────┘ └────────► RhythmWatch ────┤
 *   technical ───────────────────► TechnicalWatch ─┼─► AlarmStates ──► alarms, records
 *   observation ─────────────────► News2Watch ─────┘        ▲
 *   tick: time passes ───────────► all of them              └── acts of people
 *
 * A number of fewer than BARS_TRUSTED_MIN bars raises no alarm and ends none; one that comes later than
 * STALE_MS is from a node's memory and is passed over. What is entered by hand counts for NEWS2 alone:
 * whoever measured it knows. A clock that jumps is named in a record; pauses and delays go on as they
 * were, and how old a reading is counts anew. Everything is bounded: topics of patients are fixed, those
 * of sensors are ALARM_SOURCES_MAX.
 */
import { IDENTITY_NAME_CHARS_MAX } from '../limits.ts';
import { BARS_TRUSTED_MIN } from '../signals/stream.ts';
import { findVital, inRange, type RhythmFlag, toFixedPoint, type Vital } from '../vital/vital.ts';
import {
  type Alarm,
  AlarmError,
  type AlarmOff,
  type AudioPause,
  type OnRecord,
  type Priority,
  type Standby,
} from './alarm.ts';
import { AlarmStates } from './alarm-states.ts';
import { OBSERVATION_AHEAD_MS, OXYGEN_MS, SPOT_MS, STALE_MS } from './constants.ts';
import { ADULT_FROM_MONTHS, defaultLimits } from './defaults.ts';
import { Elapsed } from './elapsed.ts';
import { LimitWatch } from './limit-watch.ts';
import {
  checkLimits,
  isLimited,
  type LimitedVital,
  type Limits,
  type PatientLimits,
} from './limits.ts';
import { type BedNews2, isSpot, News2Watch } from './news2-watch.ts';
import { RhythmWatch } from './rhythm-watch.ts';
import {
  type AlarmSnapshot,
  checkPatient,
  type Patient,
  readSnapshot,
  writeSnapshot,
} from './snapshot.ts';
import { PROBLEMS, type Technical, TechnicalWatch } from './technical-watch.ts';

/** Entered by hand. */
export interface Observation {
  /** Any vital sign of edge/vital. */
  readonly vital: string;
  readonly value: number;
  /** When it was observed. */
  readonly atMs: number;
  readonly by: string;
}

export interface BedAlarmsOptions {
  readonly nowMs: number;
  /** By default the snapshot's, or an adult. */
  readonly patient?: Patient;
  readonly onRecord?: OnRecord;
  /** Of an earlier run; throws AlarmError `snapshot` where it is none. */
  readonly snapshot?: unknown;
}

const QUALITY_UNKNOWN = 255;

/** Inputs never throw but `observation`; acts throw AlarmError, and then nothing has changed. */
export class BedAlarms {
  readonly #time: Elapsed;
  readonly #states: AlarmStates;
  readonly #limitWatch: LimitWatch;
  readonly #rhythmWatch: RhythmWatch;
  readonly #technicalWatch: TechnicalWatch;
  readonly #news2Watch: News2Watch;
  /** By vital sign, when its newest trusted reading was made. */
  readonly #newest = new Map<string, number>();
  #patient: Patient;
  /** Set by hand. */
  #ownLimits: Partial<PatientLimits>;
  #limits: PatientLimits;
  #news2: BedNews2 | null = null;
  #hasDataInStandby = false;
  #version = 0;

  constructor({ nowMs, patient, onRecord = () => undefined, snapshot }: BedAlarmsOptions) {
    const kept = snapshot === undefined ? undefined : readSnapshot(snapshot);
    this.#time = new Elapsed(kept?.savedMs ?? nowMs, kept?.elapsedMs);
    const wentBack = this.#time.read(nowMs) < 0;
    this.#patient = checkPatient(patient ?? kept?.patient ?? {});
    this.#ownLimits = kept?.limits ?? {};
    this.#limits = this.#patientLimits();
    this.#states = new AlarmStates(this.#time, onRecord, kept?.states);
    const at = this.#time.ms;
    this.#limitWatch = new LimitWatch(this.#states, at);
    this.#rhythmWatch = new RhythmWatch(this.#states, at);
    this.#technicalWatch = new TechnicalWatch(this.#states, at, kept?.expected ?? []);
    this.#news2Watch = new News2Watch(this.#states, at);
    if (kept === undefined) return;
    this.#states.note('restored');
    if (wentBack) this.#states.note('clock-jump', { jumpMs: nowMs - kept.savedMs });
  }

  // What comes in. `atMs` is the reading's time; its age is counted from the last tick.

  /** `value` null: there is none at this second; `bars` 0 to 4, 255 not known. */
  number(vital: string, value: number | null, atMs: number, bars: number, reason?: string): void {
    const known = findVital(vital);
    const at = this.#time.of(atMs);
    if (known === undefined || !this.#isFresh(vital, at)) return;
    if (at < (this.#newest.get(vital) ?? -Infinity)) return;
    if (value === null || !isTrusted(known, value, bars)) {
      if (vital === 'respiratory-rate' && reason === 'apnea') this.#limitWatch.apnea(at);
      return;
    }
    this.#newest.set(vital, at);
    this.#hasDataInStandby = true;
    this.#technicalWatch.read(vital, at);
    this.#limitWatch.read(vital, value, at, this.#limits);
    this.#news2Watch.read(vital, value, at);
  }

  /** The flags that stand, none included; null: the ECG cannot be judged. */
  rhythm(flags: readonly RhythmFlag[] | null, atMs: number): void {
    const at = this.#time.of(atMs);
    if (flags === null || !this.#isFresh('rhythm', at)) return;
    if (at < (this.#newest.get('rhythm') ?? -Infinity)) return;
    this.#newest.set('rhythm', at);
    this.#hasDataInStandby = true;
    this.#rhythmWatch.read(flags, at, this.#limits);
  }

  technical(technical: Technical, lasts: boolean): void {
    if (!PROBLEMS.includes(technical.problem)) return;
    this.#technicalWatch.tell(technical, lasts, this.#time.ms);
  }

  /** Throws AlarmError: unknown, out of range, from the future, too old. */
  observation({ vital, value, atMs, by }: Observation, nowMs: number): void {
    const known = findVital(vital);
    if (known === undefined) {
      throw new AlarmError('unknown-vital', `observation: no vital sign is called ${vital}`);
    }
    checkObserved(known, value);
    this.#act(by, nowMs);
    const agoMs = nowMs - atMs;
    const agoMsMax = vital === 'oxygen' ? OXYGEN_MS : SPOT_MS;
    if (!(agoMs >= -OBSERVATION_AHEAD_MS)) {
      throw new AlarmError('observation-from-future', `${known.label}: observed in the future`);
    }
    if (agoMs > agoMsMax) {
      const expected = `expected one of the last ${agoMsMax / 3_600_000} h`;
      throw new AlarmError('observation-too-old', `${known.label}: ${expected}`);
    }
    this.#news2Watch.observe(vital, value, this.#time.of(atMs));
    this.#states.note('observation', { by, topic: vital });
  }

  /** Once a second, and before what comes in after a pause. */
  tick(nowMs: number): void {
    this.#pass(nowMs);
    const at = this.#time.ms;
    this.#limitWatch.tick(at);
    this.#rhythmWatch.tick(at);
    this.#technicalWatch.tick(at);
    this.#score(at);
    this.#states.tick();
  }

  // What people do. `by` is a name; '' is refused.

  acknowledge(id: number, by: string, nowMs: number): void {
    this.#act(by, nowMs);
    this.#states.acknowledge(id, by);
  }

  pauseAudio(by: string, nowMs: number): void {
    this.#act(by, nowMs);
    this.#states.pauseAudio(by);
  }

  resumeAudio(by: string, nowMs: number): void {
    this.#act(by, nowMs);
    this.#states.resumeAudio(by);
  }

  /** Refused while an alarm of the topic is of high priority and unacknowledged. */
  alarmOff(topic: string, by: string, untilMs: number, nowMs: number): void {
    this.#act(by, nowMs);
    this.#states.alarmOff(topic, by, untilMs);
  }

  alarmOn(topic: string, by: string, nowMs: number): void {
    this.#act(by, nowMs);
    this.#states.alarmOn(topic, by);
  }

  setLimits(vital: LimitedVital, limits: Limits, by: string, nowMs: number): void {
    if (!isLimited(vital)) {
      throw new AlarmError('unknown-vital', `limits: ${String(vital)} has none`);
    }
    const checked = checkLimits(vital, limits);
    this.#act(by, nowMs);
    this.#ownLimits = { ...this.#ownLimits, [vital]: checked };
    this.#change();
    this.#states.note('limits', { by, topic: vital });
  }

  /** Age or scale; limits that were set by hand stay. */
  setPatient(patient: Patient, by: string, nowMs: number): void {
    const checked = checkPatient(patient);
    this.#act(by, nowMs);
    this.#patient = checked;
    this.#change();
    this.#states.note('patient', { by });
  }

  /** Refused while a high-priority alarm is unacknowledged. */
  standby(by: string, why: string, nowMs: number): void {
    this.#act(by, nowMs);
    this.#states.standby(by, why.slice(0, IDENTITY_NAME_CHARS_MAX));
    this.#hasDataInStandby = false;
  }

  resume(by: string, nowMs: number): void {
    this.#act(by, nowMs);
    this.#states.resume(by);
  }

  // What stands.

  /** Highest priority first, then the newest. */
  get alarms(): readonly Alarm[] {
    return this.#states.alarms;
  }

  /** The highest priority that is to be heard now. */
  get sounds(): Priority | null {
    return this.#states.sounds;
  }

  get audioPause(): AudioPause | null {
    return this.#states.audioPause;
  }

  get off(): readonly AlarmOff[] {
    return this.#states.off;
  }

  get inStandby(): Standby | null {
    const standby = this.#states.inStandby;
    return standby === null ? null : { ...standby, hasData: this.#hasDataInStandby };
  }

  /** Of the last tick. Null: it is not made for this patient. */
  get news2(): BedNews2 | null {
    return this.#news2;
  }

  get patient(): Patient {
    return this.#patient;
  }

  get limits(): PatientLimits {
    return this.#limits;
  }

  /** Changes whenever something above does, ages aside. */
  get version(): number {
    return this.#version + this.#states.version;
  }

  snapshot(): AlarmSnapshot {
    return writeSnapshot({
      savedMs: this.#time.nowMs,
      elapsedMs: this.#time.ms,
      patient: this.#patient,
      limits: this.#ownLimits,
      expected: this.#technicalWatch.expected,
      states: this.#states.kept(),
    });
  }

  #isFresh(vital: string, at: number): boolean {
    return this.#time.ms - at <= (isSpot(vital) ? SPOT_MS : STALE_MS);
  }

  #act(by: string, nowMs: number): void {
    if (by.trim() === '' || by.length > IDENTITY_NAME_CHARS_MAX) {
      const expected = `expected a name of 1 to ${IDENTITY_NAME_CHARS_MAX} characters`;
      throw new AlarmError('nobody', `by: ${expected}`);
    }
    this.#pass(nowMs);
  }

  #pass(nowMs: number): void {
    const jumpMs = this.#time.read(nowMs);
    if (jumpMs === 0) return;
    const at = this.#time.ms;
    for (const watch of [this.#limitWatch, this.#rhythmWatch, this.#technicalWatch]) {
      watch.excuse(at);
    }
    this.#states.note('clock-jump', { jumpMs });
  }

  #score(at: number): void {
    const { ageMonths = Infinity, spo2Scale = 1 } = this.#patient;
    const before = this.#news2;
    this.#news2 = ageMonths < ADULT_FROM_MONTHS ? null : this.#news2Watch.tick(at, spo2Scale);
    if (this.#news2 === null) this.#news2Watch.none(at);
    const same = before?.score === this.#news2?.score && before?.known === this.#news2?.known;
    if (!same) this.#version += 1;
  }

  #change(): void {
    this.#limits = this.#patientLimits();
    this.#version += 1;
  }

  #patientLimits(): PatientLimits {
    const { ageMonths, spo2Scale } = this.#patient;
    return { ...defaultLimits(ageMonths, spo2Scale), ...this.#ownLimits };
  }
}

function isTrusted(vital: Vital, value: number, bars: number): boolean {
  const isGood = bars === QUALITY_UNKNOWN || bars >= BARS_TRUSTED_MIN;
  return isGood && Number.isFinite(value) && inRange(vital, toFixedPoint(vital, value));
}

function checkObserved(vital: Vital, value: number): void {
  const isWhole = vital.scale > 1 || Number.isInteger(value);
  if (Number.isFinite(value) && isWhole && inRange(vital, toFixedPoint(vital, value))) return;
  const kind = vital.scale === 1 ? 'a whole number' : 'a number';
  const expected = `expected ${kind} from ${vital.min} to ${vital.max} ${vital.unit}`;
  throw new AlarmError('observation-out-of-range', `${vital.label}: ${expected}`);
}

/**
 * The beat clock and the circulation it drives: one beat after the other, as far ahead as somebody asks.
 *
 *   rhythm ─► RR, form ─► strength ─┬─► pulse at the finger, or none
 *                                   └─► output ─► pressure ─► transit time
 *
 * Strength is how full the ventricle was, 1 at rest: 1 − exp(−(RR − 220 ms)/140 ms) of a beat that the
 * atria led, two fifths of it of a ventricular one; chosen so that sinus rhythm up to 165 a minute has
 * full pulses, fast VT weak ones and an early beat nearly none. Output follows strength with a time
 * constant of 4 s and falls where no beat comes. Pressure falls with it to what the vessels hold
 * without a heart: 12 mmHg, Jellinek et al., J Appl Physiol 88:774–778 (2000).
 *
 * Pulse wave velocity goes with √E (Moens, Korteweg) and E with exp(0.017·P/mmHg) (Hughes et al.,
 * Ultrasonic Imaging 1:356–367, 1979), so the time from the heart to the finger goes with
 * exp(−0.0085·P). The patient's transit time holds at a mean pressure of 92 mmHg; a quarter of it is the
 * ventricle's own and does not change.
 */
import type { Lungs, Span } from './lungs.ts';
import type { Patient } from './patient.ts';
import type { Random } from './random.ts';
import { type RhythmModel, SINUS_RHYTHM } from './rhythms.ts';
import type { BeatForm } from './shapes.ts';

export interface HeartBeat {
  readonly atMs: number;
  readonly form: BeatForm;
  /** From the beat before, cut to what shapes stretch by. */
  readonly rrMs: number;
  /** Of the pulse, 0 to 1; 0 where it does not reach the finger. */
  readonly strength: number;
  /** When the pulse begins to rise at the finger. */
  readonly arrivesMs: number;
  readonly systolic: number;
  readonly diastolic: number;
}

export interface Episode extends Span {
  readonly model: RhythmModel;
}

const SINUS_JITTER = 0.01;
const RR_MS_MIN = 250;
const RR_MS_MAX = 1_500;
const FILLING_FROM_MS = 220;
const FILLING_MS = 140;
const FULL_AT = 0.6;
const VENTRICULAR_PART = 0.4;
/** A weaker pulse does not reach the finger. */
const STRENGTH_MIN = 0.2;
const OUTPUT_MS = 4_000;
/** A pause of so long is only a slow heart. */
const PAUSE_MS = 2_500;
const PRESSURE_WITHOUT_HEART = 12;
const MEAN_PRESSURE_USUAL = 92;
const STIFFNESS_PER_MMHG = 0.017 / 2;
const VENTRICLES_PART = 0.25;
const KEPT_MS = 30_000;

export class Heart {
  readonly beats: HeartBeat[];
  readonly #patient: Patient;
  readonly #lungs: Lungs;
  readonly #random: Random;
  /** In order of time; sinus rhythm between them. */
  readonly #episodes: readonly Episode[];
  #next: HeartBeat;
  #output = 1;

  constructor(
    startMs: number,
    patient: Patient,
    lungs: Lungs,
    episodes: readonly Episode[],
    random: Random,
  ) {
    this.#patient = patient;
    this.#lungs = lungs;
    this.#random = random;
    this.#episodes = episodes.toSorted((a, b) => a.fromMs - b.fromMs);
    this.beats = [];
    this.#next = this.#beatAt(startMs, 'sinus', 1000);
  }

  /** Makes the beats before a moment and gives those that are new. */
  until(toMs: number): HeartBeat[] {
    const made: HeartBeat[] = [];
    while (this.#next.atMs < toMs) {
      made.push(this.#next);
      this.#next = this.#after(this.#next);
    }
    this.beats.push(...made);
    return made;
  }

  forget(nowMs: number): void {
    const keep = this.beats.findIndex(({ atMs }) => atMs >= nowMs - KEPT_MS);
    if (keep > 0) this.beats.splice(0, keep);
  }

  /** Systolic and diastolic pressure at a moment whose beats are made. */
  pressure(atMs: number): { systolic: number; diastolic: number } {
    const last = this.beats.findLast((beat) => beat.atMs <= atMs);
    const { systolic, diastolic } = last ?? this.#next;
    const fallen = pauseFactor(atMs - (last?.atMs ?? -Infinity));
    const after = (pressure: number): number =>
      PRESSURE_WITHOUT_HEART + (pressure - PRESSURE_WITHOUT_HEART) * fallen;
    return { systolic: after(systolic), diastolic: after(diastolic) };
  }

  /** The episode that stands at a moment; null is sinus rhythm. */
  episodeAt(atMs: number): Episode | null {
    return this.#episodes.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs) ?? null;
  }

  /** The first moment after this one at which the rhythm may be another. */
  #turnAfter(atMs: number): number {
    let turnMs = Infinity;
    for (const { fromMs, toMs } of this.#episodes) {
      if (fromMs > atMs && fromMs < turnMs) turnMs = fromMs;
      if (toMs > atMs && toMs < turnMs) turnMs = toMs;
    }
    return turnMs;
  }

  /**
   * The beat that would come after the rhythm has turned is the first of the new rhythm, and no
   * earlier than the turn; after a rhythm without beats it comes an interval after the turn.
   */
  #after(last: HeartBeat): HeartBeat {
    let [momentMs, fromMs] = [last.atMs, last.atMs];
    for (;;) {
      const model = this.episodeAt(momentMs)?.model ?? SINUS_RHYTHM;
      const { afterMs, form } = model.next(this.#sinusMs(momentMs, model));
      const atMs = Math.max(momentMs, fromMs + afterMs);
      const turnMs = this.#turnAfter(momentMs);
      if (atMs < turnMs) return this.#beatAt(atMs, form, atMs - last.atMs);
      if (turnMs === Infinity) return { ...last, atMs: Infinity };
      if (afterMs === Infinity) fromMs = turnMs;
      momentMs = turnMs;
    }
  }

  #sinusMs(atMs: number, { sinusPerMin }: RhythmModel): number {
    const perMin = sinusPerMin ?? this.#patient.number('heart-rate', atMs / 1000);
    const sway = 1 - this.#patient.sinusArrhythmia * this.#lungs.chest(atMs);
    return (60_000 / perMin) * sway * (1 + SINUS_JITTER * this.#random.normal());
  }

  #beatAt(atMs: number, form: BeatForm, rrMs: number): HeartBeat {
    const filling = 1 - Math.exp(-Math.max(0, rrMs - FILLING_FROM_MS) / FILLING_MS);
    const part = form === 'ventricular' ? VENTRICULAR_PART : 1;
    const full = Math.min(1, (part * filling) / FULL_AT);
    const before = this.#output * pauseFactor(rrMs);
    this.#output = before + (full - before) * (1 - Math.exp(-rrMs / OUTPUT_MS));
    const patient = this.#patient;
    const pressure = (name: 'systolic-pressure' | 'diastolic-pressure'): number =>
      PRESSURE_WITHOUT_HEART +
      (patient.number(name, atMs / 1000) - PRESSURE_WITHOUT_HEART) * this.#output;
    const [systolic, diastolic] = [pressure('systolic-pressure'), pressure('diastolic-pressure')];
    const meanPressure = diastolic + (systolic - diastolic) / 3;
    const stiffness = Math.exp(-STIFFNESS_PER_MMHG * (meanPressure - MEAN_PRESSURE_USUAL));
    const transitMs = patient.transitMs * (VENTRICLES_PART + (1 - VENTRICLES_PART) * stiffness);
    return {
      atMs,
      form,
      rrMs: Math.min(RR_MS_MAX, Math.max(RR_MS_MIN, rrMs)),
      strength: full < STRENGTH_MIN ? 0 : full,
      arrivesMs: atMs + transitMs,
      systolic,
      diastolic,
    };
  }
}

/** What is left of the output after a pause. */
const pauseFactor = (pauseMs: number): number =>
  Math.exp(-Math.max(0, pauseMs - PAUSE_MS) / OUTPUT_MS);

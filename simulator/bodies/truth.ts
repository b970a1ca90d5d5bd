/**
 * The numbers that are true of a body at a second, by the definitions of those a bed shows: on the
 * beats, pulses and breaths that were, and on nothing measured. NaN where there is none.
 *
 *   heart-rate        HeartRate of edge/signals on the beats so far; none in vf and asystole
 *   pulse-rate        between the first and the last pulse that arrived in 12 s; none 4 s after the last
 *   respiratory-rate  between the first and the last breath in 30 s; none 20 s after the last
 *   spo2              mean of 10 s
 */
import { HeartRate } from '@vitalshare/edge/signals';
import type { Heart } from './heart.ts';
import type { Lungs } from './lungs.ts';
import type { Patient } from './patient.ts';
import type { TruthName } from './slice.ts';

const PULSE_WINDOW_MS = 12_000;
const PULSE_PAUSE_MS = 4_000;
const BREATH_WINDOW_MS = 30_000;
const BREATH_PAUSE_MS = 20_000;
const SPO2_WINDOW_S = 10;

export class Truth {
  readonly #patient: Patient;
  readonly #heart: Heart;
  readonly #lungs: Lungs;
  readonly #heartRate = new HeartRate();
  #countedMs = -Infinity;

  constructor(patient: Patient, heart: Heart, lungs: Lungs) {
    this.#patient = patient;
    this.#heart = heart;
    this.#lungs = lungs;
  }

  /** Asked once a second, in order, when the beats and breaths before it are made. */
  at(second: number): Readonly<Record<TruthName, number>> {
    const nowMs = second * 1000;
    const { systolic, diastolic } = this.#heart.pressure(nowMs);
    const now = (name: 'body-temperature' | 'skin-temperature' | 'perfusion'): number =>
      this.#patient.number(name, second);
    return {
      'heart-rate': this.#heartRateAt(nowMs),
      'pulse-rate': this.#pulseRateAt(nowMs),
      'respiratory-rate': this.#breathRateAt(nowMs),
      spo2: this.#spo2At(second),
      'body-temperature': now('body-temperature'),
      'skin-temperature': now('skin-temperature'),
      'systolic-pressure': systolic,
      'diastolic-pressure': diastolic,
      perfusion: now('perfusion'),
    };
  }

  #heartRateAt(nowMs: number): number {
    for (const { atMs } of this.#heart.beats) {
      if (atMs > this.#countedMs && atMs <= nowMs) this.#heartRate.beat(atMs / 1000);
    }
    this.#countedMs = nowMs;
    const model = this.#heart.episodeAt(nowMs)?.model;
    const beats = model === undefined || (model.rhythm !== 'vf' && model.rhythm !== 'asystole');
    return beats ? this.#heartRate.at(nowMs / 1000) : NaN;
  }

  #pulseRateAt(nowMs: number): number {
    const times: number[] = [];
    for (const { arrivesMs, strength } of this.#heart.beats) {
      if (strength > 0 && arrivesMs > nowMs - PULSE_WINDOW_MS && arrivesMs <= nowMs) {
        times.push(arrivesMs);
      }
    }
    return rateOf(times, nowMs, PULSE_PAUSE_MS);
  }

  #breathRateAt(nowMs: number): number {
    // A breath that begins at this very moment is not yet one.
    return rateOf(this.#lungs.between(nowMs - BREATH_WINDOW_MS, nowMs), nowMs, BREATH_PAUSE_MS);
  }

  #spo2At(second: number): number {
    let sum = 0;
    for (let back = 0; back < SPO2_WINDOW_S; back++) {
      sum += this.#patient.number('spo2', second - back);
    }
    return sum / SPO2_WINDOW_S;
  }
}

/** Per minute; NaN below two events, or where the last is so long ago. */
function rateOf(timesMs: readonly number[], nowMs: number, pauseMsMax: number): number {
  const [first, last] = [timesMs[0], timesMs.at(-1)];
  if (first === undefined || last === undefined || timesMs.length < 2) return NaN;
  return nowMs - last > pauseMsMax ? NaN : (60_000 * (timesMs.length - 1)) / (last - first);
}

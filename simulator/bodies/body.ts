/**
 * A patient, from a seed: waveforms and numbers that belong together. At rest in sinus rhythm, or so
 * until an arrhythmia begins.
 *
 *   breaths ──► resp, respiratory-rate
 *      │ sinus arrhythmia, baseline, pulse height
 *      ▼
 *   beats ────► ecg ─ transit time ─► pleth      heart-rate, pulse-rate: the beats of the last 10 s
 *
 * Every bed has its own means, every mean drifts over minutes, and fever quickens the heart by 8 beats
 * a minute per degree (Liebermeister). Same seed and bed: same bytes, however the time is cut.
 * A body knows no clock: its time starts at 0 and moves when asked.
 */
import type { WaveformShape } from '@vitalshare/edge/formats';
import { findVital, fromFixedPoint, toFixedPoint } from '@vitalshare/edge/vital';
import type { Vital } from '@vitalshare/edge/vital';
import { makeArrhythmia } from './arrhythmia.ts';
import type { Onset } from './arrhythmia.ts';
import { makePatient } from './patient.ts';
import type { Patient } from './patient.ts';
import { makeRandom } from './random.ts';
import type { Random } from './random.ts';
import { Train } from './train.ts';
import { ecgAt, plethAt } from './waves.ts';

export const BODY_WAVEFORMS = {
  ecg: {
    channel: 'ecg',
    lead: 'II',
    unit: 'mV',
    sampleRateMilliHz: 250_000,
    gain: 200,
    baseline: 0,
  },
  pleth: {
    channel: 'pleth',
    lead: '',
    unit: '1',
    sampleRateMilliHz: 125_000,
    gain: 1000,
    baseline: 0,
  },
  resp: {
    channel: 'resp',
    lead: '',
    unit: '1',
    sampleRateMilliHz: 25_000,
    gain: 1000,
    baseline: 0,
  },
} as const satisfies Record<string, WaveformShape>;

export interface BodyReading {
  readonly vital: Vital;
  /** The whole second it was read at, in body time. */
  readonly atMs: number;
  /** In the vital's unit, rounded to its scale. */
  readonly value: number;
}

/** What a body did from `fromMs` for the time asked: samples of BODY_WAVEFORMS, readings in order. */
export interface BodySlice {
  readonly fromMs: number;
  readonly ecg: Int16Array;
  readonly pleth: Int16Array;
  readonly resp: Int16Array;
  /** Six at every whole second, four where no heart beats; systolic and diastolic at every cuff time. */
  readonly readings: readonly BodyReading[];
  /** Every beat of this stretch, the truth that a detector is to find. */
  readonly beats: readonly BodyBeat[];
}

export interface BodyBeat {
  /** Of its R peak, body time. */
  readonly atMs: number;
  readonly isVentricular: boolean;
}

export interface Body {
  /** The next stretch of time: a multiple of 40 ms (a resp sample), at most a minute. */
  next(durationMs: number): BodySlice;
}

const SLICE_MS_STEP = 40;
const SLICE_MS_MAX = 60_000;
const HEART_WINDOW_MS = 10_000;
const BREATH_WINDOW_MS = 30_000;
const CUFF_PERIOD_S = 900;
/** Bodies have lived this long at time 0, so that the first rates have their full window. */
const PAST_MS = 60_000;

const vitalNamed = (name: string): Vital => {
  const vital = findVital(name);
  if (vital === undefined) throw new TypeError(`body: expected a vital sign, got ${name}`);
  return vital;
};

const VITAL = {
  heartRate: vitalNamed('heart-rate'),
  pulseRate: vitalNamed('pulse-rate'),
  spo2: vitalNamed('spo2'),
  respiratoryRate: vitalNamed('respiratory-rate'),
  bodyTemperature: vitalNamed('body-temperature'),
  skinTemperature: vitalNamed('skin-temperature'),
  systolic: vitalNamed('systolic-pressure'),
  diastolic: vitalNamed('diastolic-pressure'),
} as const;

/** The two trains and the three signals that hang on them, as functions of body time. */
function makePhysiology(patient: Patient, random: (use: number) => Random, onset?: Onset) {
  const beatRandom = random(2);
  const breathRandom = random(3);
  const breaths = new Train(
    -PAST_MS,
    (atMs) => (60_000 / patient.breathRate(atMs)) * (1 + 0.05 * breathRandom.normal()),
  );
  /** Height of the chest, −1 to 1: up with the first half of a breath. */
  const chest = (atMs: number): number => Math.sin(2 * Math.PI * breaths.phase(atMs));
  const arrhythmia = onset && makeArrhythmia(onset, random(7));
  const inArrhythmia = (atMs: number): boolean => onset !== undefined && atMs >= onset.atMs;
  const beats = new Train(-PAST_MS / 2, (atMs) => {
    const jitter = 1 + 0.01 * beatRandom.normal();
    const sinusMs =
      (60_000 / patient.heartRate(atMs)) * (1 - patient.arrhythmia * chest(atMs)) * jitter;
    // The beat that would come after the onset is the first that comes otherwise.
    if (!arrhythmia || !inArrhythmia(atMs + sinusMs)) return sinusMs;
    return arrhythmia.intervalMs(atMs, sinusMs);
  });
  const isVentricular = (beatMs: number): boolean =>
    inArrhythmia(beatMs) && arrhythmia?.isVentricular(beatMs) === true;
  const formOf = (beatMs: number) => ({
    isVentricular: isVentricular(beatMs),
    hasP: !inArrhythmia(beatMs) || arrhythmia?.hasP !== false,
  });
  const noise = { ecg: random(4), pleth: random(5), resp: random(6) };
  const channels = {
    ecg: (atMs: number) =>
      patient.ecgMv * ecgAt(atMs, beats.around(atMs), formOf) +
      (arrhythmia && inArrhythmia(atMs) ? arrhythmia.baselineMv(atMs) : 0) +
      0.05 * chest(atMs) +
      0.01 * noise.ecg.normal(),
    pleth: (atMs: number) => {
      const arrivedMs = atMs - patient.transitMs;
      const pulse = plethAt(arrivedMs, beats.around(arrivedMs));
      return pulse * (1 + 0.05 * chest(atMs)) + 0.004 * noise.pleth.normal();
    },
    resp: (atMs: number) => chest(atMs) + 0.01 * noise.resp.normal(),
  };
  return { beats, breaths, channels, isVentricular };
}

/** Sinus rhythm throughout where no onset is given. */
export function makeBody(seed: number, bed: number, onset?: Onset): Body {
  // One stream per use; the numbers only need to differ.
  const random = (use: number): Random => makeRandom(seed, bed, use);
  const patient = makePatient(random(1));
  const { beats, breaths, channels, isVentricular } = makePhysiology(patient, random, onset);
  const sampled = (name: keyof typeof channels, fromMs: number, durationMs: number) => {
    const { sampleRateMilliHz, gain } = BODY_WAVEFORMS[name];
    const stepMs = 1e6 / sampleRateMilliHz;
    return Int16Array.from({ length: durationMs / stepMs }, (_, index) =>
      Math.round(gain * channels[name](fromMs + index * stepMs)),
    );
  };
  const readingsAt = (second: number): BodyReading[] => {
    const atMs = second * 1000;
    const heartRate = beats.ratePerMinute(atMs, HEART_WINDOW_MS);
    const reading = (vital: Vital, value: number): BodyReading => ({
      vital,
      atMs,
      value: fromFixedPoint(vital, toFixedPoint(vital, value)),
    });
    const readings = [
      // Every beat reaches the finger, so the oximeter counts what the ECG counts.
      ...(Number.isNaN(heartRate)
        ? []
        : [reading(VITAL.heartRate, heartRate), reading(VITAL.pulseRate, heartRate)]),
      reading(VITAL.spo2, patient.spo2(atMs)),
      reading(VITAL.respiratoryRate, breaths.ratePerMinute(atMs, BREATH_WINDOW_MS)),
      reading(VITAL.bodyTemperature, patient.bodyTemperature(atMs)),
      reading(VITAL.skinTemperature, patient.skinTemperature(atMs)),
    ];
    if (second % CUFF_PERIOD_S === patient.cuffFirstS) {
      readings.push(reading(VITAL.systolic, patient.systolic(atMs)));
      readings.push(reading(VITAL.diastolic, patient.diastolic(atMs)));
    }
    return readings;
  };

  let nowMs = 0;
  return {
    next: (durationMs) => {
      if (!(durationMs > 0 && durationMs <= SLICE_MS_MAX && durationMs % SLICE_MS_STEP === 0)) {
        throw new RangeError(
          `durationMs: expected a multiple of ${SLICE_MS_STEP} in (0, ${SLICE_MS_MAX}], got ${durationMs}`,
        );
      }
      const fromMs = nowMs;
      nowMs += durationMs;
      const ecg = sampled('ecg', fromMs, durationMs);
      const pleth = sampled('pleth', fromMs, durationMs);
      const resp = sampled('resp', fromMs, durationMs);
      const readings: BodyReading[] = [];
      // A second's numbers come with the slice that holds its first moment.
      for (let second = Math.ceil(fromMs / 1000); second * 1000 < nowMs; second++) {
        readings.push(...readingsAt(second));
      }
      const beatsNow = beats
        .between(fromMs, nowMs)
        .map((atMs): BodyBeat => ({ atMs, isVentricular: isVentricular(atMs) }));
      beats.forget(nowMs - 2 * HEART_WINDOW_MS);
      breaths.forget(nowMs - 2 * BREATH_WINDOW_MS);
      return { fromMs, ecg, pleth, resp, readings, beats: beatsNow };
    },
  };
}

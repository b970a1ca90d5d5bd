/**
 * A patient, from a seed and a plan: waveforms and numbers that belong together, and what was true.
 *
 *   plan, seed ─► Patient ─► Lungs ─► Heart ─┬─► Painter ─► a second's samples
 *                 numbers    breaths  beats  └─► Truth ───► a second's numbers
 *
 * A body lives whole seconds, one after the other, and gives them out in the slices asked for: same
 * seed, bed and plan, same bytes, however the time is cut. Every use of chance has a stream of its own,
 * so that one more artefact moves no beat. A body knows no clock: its time starts at 0 and moves when
 * asked; it has lived a minute by then, so that the first numbers have their windows.
 */
import { findVital, fromFixedPoint, toFixedPoint } from '@vitalshare/edge/vital';
import type { Vital } from '@vitalshare/edge/vital';
import { SLICE_MS_MAX } from '../limits.ts';
import { Artefact } from './artefacts.ts';
import { Flutter } from './flutter.ts';
import { type Episode, Heart, type HeartBeat } from './heart.ts';
import { Lungs } from './lungs.ts';
import { AHEAD_MS, Painter } from './painter.ts';
import { makePatient, type Patient } from './patient.ts';
import { type BodyPlan, checkPlan, type PlanInterval } from './plan.ts';
import { makeRandom, type Random } from './random.ts';
import { makeRhythm } from './rhythms.ts';
import {
  BODY_WAVEFORMS,
  type Body,
  type BodyBeat,
  type BodyReading,
  type BodySlice,
  type BodyWaveform,
  type ExtraWaveform,
  type TruthInterval,
  type TruthSecond,
} from './slice.ts';
import { Truth } from './truth.ts';

const SLICE_MS_STEP = 40;
const CUFF_EVERY_S = 900;
const PAST_MS = 60_000;
/** A cuff hears nothing below this pulse pressure, mmHg. */
const CUFF_PULSE_PRESSURE_MIN = 8;
/** Streams of chance: one a use, and of an interval its place in its list added. */
const USE = { patient: 1, beats: 2, breaths: 3, noise: 10, rhythms: 10_000, artefacts: 20_000 };

const vitalNamed = (name: string): Vital => {
  const vital = findVital(name);
  if (vital === undefined) throw new TypeError(`body: expected a vital sign, got ${name}`);
  return vital;
};
const BODY_TEMPERATURE = vitalNamed('body-temperature');
const SYSTOLIC = vitalNamed('systolic-pressure');
const DIASTOLIC = vitalNamed('diastolic-pressure');
const WAVEFORM_NAMES = Object.keys(BODY_WAVEFORMS) as BodyWaveform[];

/** Throws RangeError where the plan cannot be lived. */
export function makeBody(
  seed: number,
  bed: number,
  plan: BodyPlan = {},
  extra: readonly ExtraWaveform[] = [],
): Body {
  checkPlan(plan);
  const life = new Life(plan, extra, (use) => makeRandom(seed, bed, use));
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
      return life.slice(fromMs, nowMs);
    },
  };
}

interface LivedSecond extends TruthSecond {
  readonly samples: Readonly<Record<BodyWaveform, Int16Array>>;
}

class Life {
  readonly #plan: BodyPlan;
  readonly #patient: Patient;
  readonly #lungs: Lungs;
  readonly #heart: Heart;
  readonly #artefacts: readonly Artefact[];
  readonly #episodes: readonly Episode[];
  readonly #painter: Painter;
  readonly #truth: Truth;
  /** Lived, and not yet wholly given. */
  #seconds: LivedSecond[] = [];
  #lived = 0;

  constructor(plan: BodyPlan, extra: readonly ExtraWaveform[], random: (use: number) => Random) {
    this.#plan = plan;
    const patient = makePatient(plan, random(USE.patient));
    const apnoeas = (plan.apnoeas ?? []).map(spanOf);
    const lungs = new Lungs(-PAST_MS, patient, apnoeas, random(USE.breaths));
    const { rhythms = [], artefacts = [] } = plan;
    const chance = rhythms.map((_, index) => random(USE.rhythms + index));
    const episodes = rhythms.map((planned, index) => ({
      ...spanOf(planned),
      model: makeRhythm(planned, chance[index]!),
    }));
    const heart = new Heart(-PAST_MS / 2, patient, lungs, episodes, random(USE.beats));
    this.#artefacts = artefacts.map((one, i) => new Artefact(one, random(USE.artefacts + i)));
    const flutters = episodes.flatMap(({ fromMs, toMs, model }, index) =>
      model.flutter ? [{ fromMs, toMs, flutter: new Flutter(model.flutter, chance[index]!) }] : [],
    );
    this.#painter = new Painter(
      { patient, heart, lungs, artefacts: this.#artefacts, flutters },
      extra,
      (use) => random(USE.noise + use),
    );
    this.#truth = new Truth(patient, heart, lungs);
    [this.#patient, this.#lungs, this.#heart] = [patient, lungs, heart];
    this.#episodes = episodes;
  }

  slice(fromMs: number, toMs: number): BodySlice {
    while (this.#lived * 1000 < toMs) this.#live();
    const seconds = this.#seconds.filter(({ atMs }) => atMs >= fromMs);
    const samples = Object.fromEntries(
      WAVEFORM_NAMES.map((name) => [name, this.#cut(name, fromMs, toMs)]),
    ) as Record<BodyWaveform, Int16Array>;
    const touching = ({ fromMs: start, toMs: end }: { fromMs: number; toMs: number }): boolean =>
      start < toMs && end > fromMs;
    const slice: BodySlice = {
      ...samples,
      fromMs,
      durationMs: toMs - fromMs,
      readings: seconds.flatMap((second) => this.#readings(second)),
      truth: {
        beats: this.#heart.beats
          .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
          .map(bodyBeatOf),
        breathsMs: this.#lungs.between(fromMs, toMs),
        seconds: seconds.map(({ atMs, numbers }) => ({ atMs, numbers })),
        rhythms: this.#episodes
          .filter(touching)
          .map(({ model, ...span }) => intervalOf(model.rhythm, span)),
        apnoeas: (this.#plan.apnoeas ?? [])
          .map(spanOf)
          .filter(touching)
          .map((span) => intervalOf('apnoea', span)),
        artefacts: this.#artefacts.filter(touching).map((one) => intervalOf(one.kind, one)),
      },
    };
    this.#seconds = this.#seconds.filter(({ atMs }) => atMs + 1000 > toMs);
    this.#heart.forget(toMs);
    this.#lungs.forget(toMs);
    return slice;
  }

  #live(): void {
    const second = this.#lived++;
    const atMs = second * 1000;
    for (const beat of this.#heart.until(atMs + 1000 + AHEAD_MS)) this.#painter.draw(beat, atMs);
    this.#lungs.until(atMs + 1000);
    const numbers = this.#truth.at(second);
    this.#seconds.push({ atMs, numbers, samples: this.#painter.second(second) });
  }

  /** Samples of the lived seconds whose time lies in [fromMs, toMs). */
  #cut(name: BodyWaveform, fromMs: number, toMs: number): Int16Array {
    const rateHz = BODY_WAVEFORMS[name].sampleRateMilliHz / 1000;
    const index = (atMs: number): number => Math.ceil((atMs * rateHz) / 1000);
    const [from, to] = [index(fromMs), index(toMs)];
    if (this.#seconds[0]!.samples[name].length === 0) return new Int16Array(0);
    const out = new Int16Array(to - from);
    for (const { atMs, samples } of this.#seconds) {
      const start = (atMs * rateHz) / 1000;
      const [first, end] = [Math.max(from, start), Math.min(to, start + rateHz)];
      if (first < end) out.set(samples[name].subarray(first - start, end - start), first - from);
    }
    return out;
  }

  #readings({ atMs, numbers }: TruthSecond): BodyReading[] {
    const reading = (vital: Vital, value: number): BodyReading => ({
      ...{ vital, atMs },
      value: fromFixedPoint(vital, toFixedPoint(vital, value)),
    });
    const temperature = reading(BODY_TEMPERATURE, numbers['body-temperature']);
    const { 'systolic-pressure': systolic, 'diastolic-pressure': diastolic } = numbers;
    const { cuffEveryS = CUFF_EVERY_S } = this.#plan;
    const isCuff = (atMs / 1000) % cuffEveryS === this.#patient.cuffFirstS % cuffEveryS;
    if (!isCuff || systolic - diastolic < CUFF_PULSE_PRESSURE_MIN) return [temperature];
    return [temperature, reading(SYSTOLIC, systolic), reading(DIASTOLIC, diastolic)];
  }
}

const spanOf = ({ fromS, toS = Infinity }: PlanInterval) => ({
  fromMs: fromS * 1000,
  toMs: toS * 1000,
});

const intervalOf = <Kind>(
  kind: Kind,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): TruthInterval<Kind> => ({ kind, fromMs, toMs });

const bodyBeatOf = ({ atMs, form, strength, arrivesMs }: HeartBeat): BodyBeat => ({
  atMs,
  isVentricular: form === 'ventricular',
  isPaced: form === 'paced',
  pulseMs: strength > 0 ? arrivesMs : NaN,
});

/**
 * What a body gives for a stretch of its time: samples as a node would have them, and the truth beside
 * them, which no node has.
 *
 *   samples    of each channel, those whose time lies in [fromMs, fromMs + durationMs)
 *   readings   what has no waveform and is read now and then: the cuff, the core's temperature
 *   truth      every beat, breath and second of the stretch, and the intervals that touch it
 *
 * Numbers of the truth have the definitions of those a bed shows, on the beats and breaths that were:
 * heart-rate as edge/signals/heart-rate.ts, the pulse over 12 s, breathing over 30 s, saturation over
 * 10 s; the others are of the moment. NaN where there is none.
 */
import type { WaveformShape } from '@vitalshare/edge/formats';
import type { Vital } from '@vitalshare/edge/vital';
import type { BodyArtefact, BodyNumeric, BodyRhythm } from './plan.ts';

const ECG = {
  channel: 'ecg',
  unit: 'mV',
  sampleRateMilliHz: 250_000,
  gain: 200,
  baseline: 0,
} as const;
const LIGHT = { lead: '', unit: '1', sampleRateMilliHz: 125_000, gain: 1, baseline: 0 } as const;

export const BODY_WAVEFORMS = {
  ecg: { ...ECG, lead: 'II' },
  ecgI: { ...ECG, lead: 'I' },
  ecgIII: { ...ECG, lead: 'III' },
  pleth: { ...LIGHT, channel: 'pleth', gain: 1000 },
  red: { ...LIGHT, channel: 'red' },
  infrared: { ...LIGHT, channel: 'infrared' },
  resp: { ...LIGHT, channel: 'resp', sampleRateMilliHz: 25_000, gain: 1000 },
  abp: { ...LIGHT, channel: 'abp', unit: 'mm[Hg]', gain: 20 },
  skin: {
    channel: 'skin-probe',
    lead: '',
    unit: 'Cel',
    sampleRateMilliHz: 1_000,
    gain: 100,
    baseline: 0,
  },
} as const satisfies Record<string, WaveformShape>;
export type BodyWaveform = keyof typeof BODY_WAVEFORMS;

/** Channels a body makes only where they are asked for. */
export const EXTRA_WAVEFORMS = ['ecgI', 'ecgIII', 'abp'] as const satisfies BodyWaveform[];
export type ExtraWaveform = (typeof EXTRA_WAVEFORMS)[number];

export interface BodyReading {
  readonly vital: Vital;
  /** The whole second it was read at, in body time. */
  readonly atMs: number;
  /** In the vital's unit, rounded to its scale. */
  readonly value: number;
}

export interface BodyBeat {
  /** Of its R peak, body time. */
  readonly atMs: number;
  /** From a ventricle, and not by a pacemaker. */
  readonly isVentricular: boolean;
  readonly isPaced: boolean;
  /** When its pulse begins to rise at the finger; NaN where it is too weak to arrive. */
  readonly pulseMs: number;
}

export type TruthName = BodyNumeric | 'pulse-rate';

export interface TruthSecond {
  /** The whole second, body time. */
  readonly atMs: number;
  readonly numbers: Readonly<Record<TruthName, number>>;
}

/** Body time; Infinity where it lasts for ever. */
export interface TruthInterval<Kind> {
  readonly kind: Kind;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface BodyTruth {
  readonly beats: readonly BodyBeat[];
  /** When each breath in begins. */
  readonly breathsMs: readonly number[];
  readonly seconds: readonly TruthSecond[];
  /** Other than sinus rhythm. */
  readonly rhythms: readonly TruthInterval<BodyRhythm>[];
  readonly apnoeas: readonly TruthInterval<'apnoea'>[];
  readonly artefacts: readonly TruthInterval<BodyArtefact>[];
}

export interface BodySlice extends Readonly<Record<BodyWaveform, Int16Array>> {
  readonly fromMs: number;
  readonly durationMs: number;
  readonly readings: readonly BodyReading[];
  readonly truth: BodyTruth;
}

export interface Body {
  /** The next stretch of time: a multiple of 40 ms (a resp sample), at most a minute. */
  next(durationMs: number): BodySlice;
}

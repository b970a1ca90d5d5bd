/**
 * A recording made harder in known ways: the same beats, worse to see. For a detector that is to
 * hold on records nobody has tuned it to.
 *
 *   noise    in stretches of two minutes, two minutes free, as in the Noise Stress Test (Moody, Muldrow, Mark,
 *            Computers in Cardiology 11:381–384, 1984); SNR = 10·log10(p²/8 / mean noise²), p from the
 *            median peak-to-peak of the beats
 *   muscle   white noise above 15 Hz             motion   bursts of 1 to 10 Hz, like an electrode pulled
 *   wander   0.05 to 0.5 Hz, some millivolts     mains    60 Hz
 *
 * Everything is drawn from a seed.
 */
import { isBeat, type Annotation } from '@vitalshare/edge/formats';
import { Biquad, median } from '@vitalshare/edge/signals';
import { makeRandom, type Random } from '../bodies/bodies.ts';
import { beatsOf } from './beats.ts';
import { scoreBeats, type BeatScore } from './ec57.ts';

/** One lead in its unit, and where its beats are. */
export interface Annotated {
  readonly rateHz: number;
  readonly values: Float64Array;
  readonly annotations: readonly Annotation[];
}

export type Stress = (signal: Annotated, seed: number) => Annotated;

const STRETCH_S = 120;

/** What a detector finds in a signal, scored. */
export function scoreStress(signal: Annotated, detector: string): BeatScore {
  const { rateHz, values } = signal;
  const segment = { rateMilliHz: rateHz * 1000, gain: 1, baseline: 0, samples: values };
  const found = beatsOf(segment, detector);
  return scoreBeats(signal.annotations, found, rateHz);
}

export const STRESSES: Readonly<Record<string, Stress>> = {
  none: (signal) => signal,
  inverted: (signal) => changed(signal, (value) => -value),
  'a tenth as large': (signal) => changed(signal, (value) => value / 10),
  'steps of 3 every minute': (signal) =>
    changed(signal, (value, atS) => value * [1, 3, 1, 1 / 3][Math.floor(atS / 60) % 4]!),
  'fading to 0.3 and back': (signal) =>
    changed(signal, (value, atS) => value * (0.65 + 0.35 * Math.cos((2 * Math.PI * atS) / 40))),
  'jumps of 5 mV every 10 s': (signal) =>
    changed(signal, (value, atS) => value + 5 * (Math.floor(atS / 10) % 2)),
  wander: (signal, seed) => noisy(signal, seed, -6, wander),
  mains: (signal, seed) => noisy(signal, seed, 6, mains),
  'muscle 12 dB': (signal, seed) => noisy(signal, seed, 12, muscle),
  'muscle 6 dB': (signal, seed) => noisy(signal, seed, 6, muscle),
  'motion 18 dB': (signal, seed) => noisy(signal, seed, 18, motion),
  'motion 12 dB': (signal, seed) => noisy(signal, seed, 12, motion),
  'motion 6 dB': (signal, seed) => noisy(signal, seed, 6, motion),
  'V beats three times as large': (signal) => scaledBeats(signal, (symbol) => symbol === 'V', 3),
  'V beats a third as large': (signal) => scaledBeats(signal, (symbol) => symbol === 'V', 1 / 3),
  'every other beat a third': (signal) => scaledBeats(signal, (_, index) => index % 2 === 0, 1 / 3),
  'pauses of 5 s every 30 s': pauses,
  '128 Hz': (signal) => resampled(signal, 128),
  '250 Hz': (signal) => resampled(signal, 250),
  '500 Hz': (signal) => resampled(signal, 500),
  '1000 Hz': (signal) => resampled(signal, 1000),
};

function changed(signal: Annotated, change: (value: number, atS: number) => number): Annotated {
  return { ...signal, values: signal.values.map((value, i) => change(value, i / signal.rateHz)) };
}

type NoiseSource = (random: Random, rateHz: number) => () => number;

function noisy(signal: Annotated, seed: number, snrDb: number, source: NoiseSource): Annotated {
  const next = source(makeRandom(seed), signal.rateHz);
  const noise = signal.values.map(() => next());
  const power = noise.reduce((sum, value) => sum + value * value, 0) / noise.length;
  const factor = Math.sqrt(peakToPeak(signal) ** 2 / 8 / power / 10 ** (snrDb / 10));
  return changed(signal, (value, atS) =>
    Math.floor(atS / STRETCH_S) % 2 === 0
      ? value
      : value + factor * noise[Math.round(atS * signal.rateHz)]!,
  );
}

const muscle: NoiseSource = (random, rateHz) => {
  const high = new Biquad('high-pass', 15, rateHz);
  return () => high.step(random.normal());
};

const motion: NoiseSource = (random, rateHz) => {
  const low = new Biquad('low-pass', 10, rateHz);
  const high = new Biquad('high-pass', 1, rateHz);
  const envelope = new Biquad('low-pass', 0.3, rateHz);
  return () => {
    const burst = Math.max(0, envelope.step(random.normal() * Math.sqrt(rateHz)));
    return burst * high.step(low.step(random.normal()));
  };
};

const wander: NoiseSource = (random, rateHz) => {
  const waves = Array.from({ length: 12 }, () => ({
    frequencyHz: 0.05 + 0.45 * random.uniform(),
    phase: 2 * Math.PI * random.uniform(),
  }));
  let index = 0;
  return () => {
    const atS = index++ / rateHz;
    return waves.reduce(
      (sum, { frequencyHz, phase }) => sum + Math.sin(2 * Math.PI * frequencyHz * atS + phase),
      0,
    );
  };
};

const mains: NoiseSource = (_, rateHz) => {
  let index = 0;
  return () => Math.sin((2 * Math.PI * 60 * index++) / rateHz);
};

const annotatedBeats = ({ annotations }: Annotated): Annotation[] =>
  annotations.filter(({ code }) => isBeat(code));

/** Median over the beats of the highest minus the lowest within 50 ms. */
function peakToPeak(signal: Annotated): number {
  const half = Math.round(0.05 * signal.rateHz);
  return median(
    annotatedBeats(signal).map(({ sample }) => {
      const around = signal.values.subarray(Math.max(0, sample - half), sample + half);
      return Math.max(...around) - Math.min(...around);
    }),
  );
}

/**
 * The 400 ms around the chosen beats times `factor`, blended over 100 ms on the line between their
 * ends.
 */
function scaledBeats(
  signal: Annotated,
  chosen: (symbol: string, index: number) => boolean,
  factor: number,
): Annotated {
  const values = signal.values.slice();
  const half = Math.round(0.25 * signal.rateHz);
  const edge = Math.round(0.1 * signal.rateHz);
  annotatedBeats(signal).forEach(({ symbol, sample }, index) => {
    if (!chosen(symbol, index) || sample < half || sample + half >= values.length) return;
    const [first, last] = [signal.values[sample - half]!, signal.values[sample + half]!];
    for (let i = -half; i <= half; i++) {
      const base = first + ((last - first) * (i + half)) / (2 * half);
      const weight = Math.min(1, (half - Math.abs(i)) / edge);
      const gain = 1 + (factor - 1) * weight;
      values[sample + i] = base + gain * (signal.values[sample + i]! - base);
    }
  });
  return { ...signal, values };
}

/** Five seconds of what lies before a P wave, to and fro, put in once every 30 s. */
function pauses(signal: Annotated): Annotated {
  const { rateHz } = signal;
  const out: number[] = [];
  const annotations: Annotation[] = [];
  let from = 0;
  let nextS = 30;
  const beats = annotatedBeats(signal);
  for (const [index, beat] of beats.entries()) {
    annotations.push({ ...beat, sample: beat.sample + out.length - from });
    const following = beats[index + 1];
    if (following === undefined || beat.sample / rateHz < nextS) continue;
    const gap = following.sample - beat.sample;
    if (gap < 0.7 * rateHz) continue;
    const at = Math.round(following.sample - 0.32 * rateHz);
    const quiet = Math.max(2, Math.round(0.05 * rateHz));
    for (; from < at; from++) out.push(signal.values[from]!);
    for (let i = 0; i < 5 * rateHz; i++) {
      const phase = i % (2 * quiet);
      out.push(signal.values[at - 1 - (phase < quiet ? phase : 2 * quiet - 1 - phase)]!);
    }
    nextS += 30;
  }
  for (; from < signal.values.length; from++) out.push(signal.values[from]!);
  return { rateHz, values: Float64Array.from(out), annotations };
}

/** At another rate, on straight lines between the samples. */
function resampled(signal: Annotated, rateHz: number): Annotated {
  const ratio = signal.rateHz / rateHz;
  const count = Math.floor((signal.values.length - 1) / ratio);
  const values = Float64Array.from({ length: count }, (_, i) => {
    const at = i * ratio;
    const left = Math.floor(at);
    const part = at - left;
    return (
      signal.values[left]! * (1 - part) +
      signal.values[Math.min(left + 1, signal.values.length - 1)]! * part
    );
  });
  const annotations = signal.annotations.map((a) => ({
    ...a,
    sample: Math.round(a.sample / ratio),
  }));
  return { rateHz, values, annotations };
}

/**
 * What happens to a body's waveforms now and then: breathing that stops, a hand that moves, a probe
 * that falls off. Each takes samples and gives new ones; times are of the samples' own stretch.
 *
 *   apnoea   the chest stands still: what remains is the heart, a tenth as high, and noise
 *   motion   the hand moves: slow irregular swings several times the pulse
 *   off      the clip lies on the bed: noise of the light, no pulse
 */
import { BODY_WAVEFORMS } from './body.ts';
import type { Random } from './random.ts';

export interface Stretch {
  readonly fromS: number;
  readonly toS: number;
}

/** Noise of a converter, in steps. */
const NOISE_STEPS = 10;
/** The heart in the impedance, over a breath. */
const CARDIOGENIC = 0.1;
/** How fast a hand changes its mind. */
const MOTION_MEMORY_S = 0.25;
const MOTION_OVER_PULSE = 4;

/** `heartRate` a minute: how often the heart moves the chest that does not breathe. */
export function withApnoea(
  resp: Int16Array,
  stretch: Stretch,
  heartRate: number,
  random: Random,
): Int16Array {
  const { gain, sampleRateMilliHz } = BODY_WAVEFORMS.resp;
  return within(resp, sampleRateMilliHz, stretch, (_, atS) => {
    const heart = CARDIOGENIC * Math.sin((2 * Math.PI * heartRate * atS) / 60);
    return gain * heart + NOISE_STEPS * random.normal();
  });
}

export function withMotion(pleth: Int16Array, stretch: Stretch, random: Random): Int16Array {
  const { gain, sampleRateMilliHz } = BODY_WAVEFORMS.pleth;
  const keep = Math.exp(-1000 / (sampleRateMilliHz * MOTION_MEMORY_S));
  let hand = 0;
  return within(pleth, sampleRateMilliHz, stretch, (sample) => {
    hand = keep * hand + Math.sqrt(1 - keep * keep) * random.normal();
    return sample + MOTION_OVER_PULSE * gain * hand;
  });
}

export function withoutFinger(pleth: Int16Array, stretch: Stretch, random: Random): Int16Array {
  const { sampleRateMilliHz } = BODY_WAVEFORMS.pleth;
  return within(pleth, sampleRateMilliHz, stretch, () => NOISE_STEPS * random.normal());
}

function within(
  samples: Int16Array,
  rateMilliHz: number,
  { fromS, toS }: Stretch,
  change: (sample: number, atS: number) => number,
): Int16Array {
  const index = (atS: number): number => Math.round((atS * rateMilliHz) / 1000);
  return samples.map((sample, i) =>
    i >= index(fromS) && i < index(toS)
      ? Math.round(change(sample, (1000 * i) / rateMilliHz))
      : sample,
  );
}

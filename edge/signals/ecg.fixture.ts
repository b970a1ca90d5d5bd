/** ECGs drawn by hand for tests: beats of chosen shape at chosen times, in millivolts. */

export interface DrawnBeat {
  readonly atS: number;
  /** Height of R, mV. */
  readonly mV?: number;
  /** A ventricular beat: wide, no P wave, T the other way. */
  readonly isWide?: boolean;
}

interface Hump {
  readonly afterS: number;
  readonly sigmaS: number;
  readonly part: number;
}

const NARROW: readonly Hump[] = [
  { afterS: -0.16, sigmaS: 0.025, part: 0.12 },
  { afterS: -0.025, sigmaS: 0.008, part: -0.15 },
  { afterS: 0, sigmaS: 0.012, part: 1 },
  { afterS: 0.028, sigmaS: 0.01, part: -0.25 },
  { afterS: 0.27, sigmaS: 0.05, part: 0.25 },
];
const WIDE: readonly Hump[] = [
  { afterS: 0, sigmaS: 0.035, part: 1 },
  { afterS: 0.1, sigmaS: 0.04, part: -0.4 },
  { afterS: 0.32, sigmaS: 0.06, part: -0.35 },
];

/** A sample every 1 / rateHz for `seconds`. `noise` gives millivolts, one call a sample. */
export function drawEcg(
  beats: readonly DrawnBeat[],
  rateHz: number,
  seconds: number,
  noise: () => number = () => 0,
): Float64Array {
  const values = Float64Array.from({ length: Math.round(seconds * rateHz) }, noise);
  for (const { atS, mV = 1, isWide = false } of beats) {
    for (const { afterS, sigmaS, part } of isWide ? WIDE : NARROW) {
      const centre = atS + afterS;
      const from = Math.max(0, Math.ceil((centre - 5 * sigmaS) * rateHz));
      const to = Math.min(values.length - 1, Math.floor((centre + 5 * sigmaS) * rateHz));
      for (let i = from; i <= to; i++) {
        values[i]! += mV * part * Math.exp(-((i / rateHz - centre) ** 2) / (2 * sigmaS ** 2));
      }
    }
  }
  return values;
}

export const every = (
  periodS: number,
  seconds: number,
  beat: (index: number) => Partial<DrawnBeat> = () => ({}),
): DrawnBeat[] =>
  Array.from({ length: Math.floor((seconds - 0.5) / periodS) }, (_, index) => ({
    atS: 0.4 + index * periodS,
    ...beat(index),
  }));

/** Noise from a seed (Park and Miller, CACM 31:1192, 1988), −1 to 1. */
export function makeNoise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return (2 * state) / 2_147_483_647 - 1;
  };
}

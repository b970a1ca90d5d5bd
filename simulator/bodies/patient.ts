/**
 * One patient's means and how they drift: what differs from bed to bed and changes over minutes.
 *
 * Means are drawn around those of adults at rest on a ward and cut off at the limits in the table;
 * a drift is two slow sines of random phase, so it has no steps and needs no memory.
 */
import type { Random } from './random.ts';

type OverTime = (atMs: number) => number;

export interface Patient {
  readonly heartRate: OverTime;
  readonly breathRate: OverTime;
  readonly spo2: OverTime;
  readonly bodyTemperature: OverTime;
  readonly skinTemperature: OverTime;
  readonly systolic: OverTime;
  readonly diastolic: OverTime;
  /** Height of R in lead II, mV. */
  readonly ecgMv: number;
  /** From R to the pulse at the finger. */
  readonly transitMs: number;
  /** Part of the RR interval that breathing takes away and gives back. */
  readonly arrhythmia: number;
  /** Seconds from 0 to the first cuff measurement. */
  readonly cuffFirstS: number;
}

/** Liebermeister's rule. */
const BEATS_PER_DEGREE = 8;
const TEMPERATURE_NORMAL_C = 36.8;

const DRIFT_PERIODS_MS = [
  { min: 4 * 60_000, max: 9 * 60_000 },
  { min: 15 * 60_000, max: 40 * 60_000 },
] as const;

export function makePatient(random: Random): Patient {
  const within = (min: number, max: number): number => min + (max - min) * random.uniform();
  const around = (mean: number, deviation: number, min: number, max: number): number =>
    Math.min(max, Math.max(min, mean + deviation * random.normal()));
  /** `mean` plus a drift of at most `amplitude` up and down. */
  const drifting = (mean: number, amplitude: number): OverTime => {
    const waves = DRIFT_PERIODS_MS.map(({ min, max }) => ({
      periodMs: within(min, max),
      phase: within(0, 2 * Math.PI),
    }));
    return (atMs) =>
      waves.reduce(
        (sum, { periodMs, phase }) =>
          sum + (amplitude / 2) * Math.sin((2 * Math.PI * atMs) / periodMs + phase),
        mean,
      );
  };

  const bodyTemperature = drifting(around(36.9, 0.4, 36, 39), 0.15);
  const restingRate = drifting(around(74, 11, 52, 110), 5);
  const systolicMean = around(122, 14, 95, 165);
  return {
    heartRate: (atMs) =>
      restingRate(atMs) + BEATS_PER_DEGREE * (bodyTemperature(atMs) - TEMPERATURE_NORMAL_C),
    breathRate: drifting(around(15.5, 2.5, 10, 22), 1.5),
    spo2: drifting(around(97, 1.2, 92, 98.8), 0.9),
    bodyTemperature,
    skinTemperature: drifting(around(33, 0.8, 30, 35), 0.4),
    systolic: drifting(systolicMean, 6),
    diastolic: drifting(systolicMean * within(0.58, 0.68), 4),
    ecgMv: within(0.8, 1.4),
    transitMs: within(180, 260),
    arrhythmia: within(0.02, 0.06),
    cuffFirstS: Math.floor(within(5, 60)),
  };
}

/**
 * What a heart can do other than beat in sinus rhythm, from a moment on and from a seed.
 *
 *   kind         beats from the onset on                                           ECG
 *   vt           120 to 220 a minute, nearly regular, all ventricular             wide, no P
 *   vf           none                                                              3 to 7 Hz, disorganised
 *   asystole     none                                                              wander and noise
 *   af           55 to 150 a minute, each interval on its own                     no P, fibrillation waves
 *   bradycardia  26 to 38 a minute                                                 as before
 *   tachycardia  145 to 185 a minute                                               as before
 *   pvcs         every third to sixth beat ventricular, early, then a pause       wide among narrow
 *
 * Rates and shapes are chosen inside the definitions of the monitors' alarms
 * (edge/signals/rhythm.ts), not fitted to patients. VF is the sum of four sines whose frequency and
 * height wander, a picture and no more.
 */
import type { Random } from './random.ts';

export const ARRHYTHMIAS = [
  'vt',
  'vf',
  'asystole',
  'af',
  'bradycardia',
  'tachycardia',
  'pvcs',
] as const;
export type Arrhythmia = (typeof ARRHYTHMIAS)[number];

export interface Onset {
  readonly kind: Arrhythmia;
  /** Body time at which it begins; it lasts. */
  readonly atMs: number;
}

export interface ArrhythmiaModel {
  /** Time from a beat at `atMs`, past the onset, to the next; Infinity where none follows. */
  intervalMs(atMs: number, sinusMs: number): number;
  /** Whether a beat past the onset comes from a ventricle. */
  isVentricular(beatMs: number): boolean;
  readonly hasP: boolean;
  /** What the atria or ventricles add between beats, mV. */
  baselineMv(atMs: number): number;
}

const within = (random: Random, min: number, max: number): number =>
  min + (max - min) * random.uniform();

export function makeArrhythmia({ kind, atMs: onsetMs }: Onset, random: Random): ArrhythmiaModel {
  const draw = (min: number, max: number): number => within(random, min, max);
  const steady = (rate: number, jitter: number) => (): number =>
    (60_000 / rate) * (1 + jitter * random.normal());
  const plain = { isVentricular: () => false, hasP: true, baselineMv: () => 0 };
  const never = (): number => Infinity;
  switch (kind) {
    case 'vt':
      return {
        ...plain,
        intervalMs: steady(draw(120, 220), 0.015),
        isVentricular: () => true,
        hasP: false,
      };
    case 'vf':
      return { ...plain, intervalMs: never, baselineMv: waves(random, 3, 7, draw(0.2, 0.6)) };
    case 'asystole':
      return { ...plain, intervalMs: never, baselineMv: waves(random, 0.1, 0.4, draw(0.02, 0.08)) };
    case 'af': {
      const meanMs = 60_000 / draw(55, 150);
      return {
        ...plain,
        intervalMs: () => Math.max(280, meanMs * (1 + 0.22 * random.normal())),
        hasP: false,
        baselineMv: waves(random, 5, 8, 0.05),
      };
    }
    case 'bradycardia':
      return { ...plain, intervalMs: steady(draw(26, 38), 0.02) };
    case 'tachycardia':
      return { ...plain, intervalMs: steady(draw(145, 185), 0.01) };
    case 'pvcs':
      return premature(onsetMs, Math.floor(draw(3, 7)), draw(0.55, 0.7));
  }
}

/** Every `period`-th beat comes early and is followed by a pause that makes up for it. */
function premature(onsetMs: number, period: number, part: number): ArrhythmiaModel {
  let count = 0;
  const ventricularMs = new Set<number>();
  return {
    intervalMs: (atMs, sinusMs) => {
      if (ventricularMs.has(atMs)) return sinusMs * (2 - part);
      count += 1;
      if (count % period !== 0) return sinusMs;
      const nextMs = atMs + sinusMs * part;
      ventricularMs.add(nextMs);
      // Two minutes are more than a slice and its windows.
      for (const old of ventricularMs) if (old < atMs - 120_000) ventricularMs.delete(old);
      return nextMs - atMs;
    },
    isVentricular: (beatMs) => beatMs >= onsetMs && ventricularMs.has(beatMs),
    hasP: true,
    baselineMv: () => 0,
  };
}

/**
 * Four sines whose frequency wanders in [lowHz, highHz] and whose height comes and goes; `heightMv`
 * in all.
 */
function waves(
  random: Random,
  lowHz: number,
  highHz: number,
  heightMv: number,
): (atMs: number) => number {
  const middleHz = (lowHz + highHz) / 2;
  const swingHz = (highHz - lowHz) / 2;
  const parts = Array.from({ length: 4 }, () => {
    const wanderHz = within(random, 0.1, 0.35);
    return {
      centreHz: middleHz + within(random, -0.5, 0.5) * swingHz,
      swing: (0.5 * swingHz) / wanderHz,
      wanderHz,
      beatHz: within(random, 0.15, 0.6),
      phases: [random.uniform(), random.uniform(), random.uniform()] as const,
    };
  });
  return (atMs) => {
    const t = atMs / 1000;
    let sum = 0;
    for (const { centreHz, swing, wanderHz, beatHz, phases } of parts) {
      const turns =
        centreHz * t + phases[0] + (swing * sin(wanderHz * t + phases[1])) / (2 * Math.PI);
      sum += sin(turns) * (0.6 + 0.4 * sin(beatHz * t + phases[2]));
    }
    return (heightMv * sum) / 2;
  };
}

const sin = (turns: number): number => Math.sin(2 * Math.PI * turns);

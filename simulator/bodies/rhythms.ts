/**
 * What a heart can do, rhythm by rhythm: when its next beat comes, which form it has, and what atria or
 * ventricles draw between beats.
 *
 *   rhythm       beats                                                          ECG
 *   sinus        by heart-rate, swaying with breath                             P before QRS
 *   bradycardia  26 to 38 a minute                                              as in sinus rhythm
 *   tachycardia  145 to 185 a minute                                            as in sinus rhythm
 *   pvcs         every third to sixth ventricular, early, then a pause          wide among narrow
 *   bigeminy     every second so                                                wide, narrow, wide
 *   af           55 to 150 a minute, each interval on its own                   no P, 5 to 8 Hz between
 *   vt           120 to 220 a minute, nearly regular, all ventricular           wide, no P
 *   paced        60 to 80 a minute, exact                                       spike, then wide
 *   vf           none                                                           3 to 7 Hz, disorganised
 *   asystole     none                                                           wander and noise
 *
 * Rates and shapes are chosen inside the definitions of the monitors' alarms (edge/signals/rhythm.ts),
 * not fitted to patients; a plan's own rate takes the place of the drawn one.
 */
import type { BodyRhythm, PlannedRhythm } from './plan.ts';
import type { Random } from './random.ts';
import type { BeatForm } from './shapes.ts';

export interface NextBeat {
  /** From the beat before; Infinity where none follows. */
  readonly afterMs: number;
  readonly form: BeatForm;
}

/** Waves without beats: a band of frequencies and a height. */
export interface FlutterBand {
  readonly lowHz: number;
  readonly highHz: number;
  readonly heightMv: number;
}

export interface RhythmModel {
  readonly rhythm: BodyRhythm;
  /** Asked once a beat, in order; `sinusMs` is what sinus rhythm would do at this moment. */
  next(sinusMs: number): NextBeat;
  readonly flutter?: FlutterBand;
  /** Of `heart-rate`, beats a minute; undefined where that decides. */
  readonly sinusPerMin?: number | undefined;
}

const JITTER = { bradycardia: 0.02, tachycardia: 0.01, vt: 0.015, paced: 0 } as const;
/** Standard deviation over mean of the intervals of atrial fibrillation, and the shortest. */
const AF_SPREAD = 0.22;
const AF_MS_MIN = 280;

/** Sinus rhythm where nothing is planned. */
export const SINUS_RHYTHM: RhythmModel = {
  rhythm: 'sinus',
  next: (sinusMs) => ({ afterMs: sinusMs, form: 'sinus' }),
};

export function makeRhythm({ rhythm, ratePerMin }: PlannedRhythm, random: Random): RhythmModel {
  const draw = (min: number, max: number): number => min + (max - min) * random.uniform();
  const steady = (name: keyof typeof JITTER, form: BeatForm, drawnRate: number): RhythmModel => {
    const meanMs = 60_000 / (ratePerMin ?? drawnRate);
    return {
      rhythm,
      next: () => ({ afterMs: meanMs * (1 + JITTER[name] * random.normal()), form }),
    };
  };
  const never = (lowHz: number, highHz: number, heightMv: number): RhythmModel => ({
    rhythm,
    next: () => ({ afterMs: Infinity, form: 'sinus' }),
    flutter: { lowHz, highHz, heightMv },
  });
  switch (rhythm) {
    case 'sinus':
      return { ...SINUS_RHYTHM, sinusPerMin: ratePerMin };
    case 'bradycardia':
      return steady(rhythm, 'sinus', draw(26, 38));
    case 'tachycardia':
      return steady(rhythm, 'sinus', draw(145, 185));
    case 'vt':
      return steady(rhythm, 'ventricular', draw(120, 220));
    case 'paced':
      return steady(rhythm, 'paced', draw(60, 80));
    case 'pvcs':
    case 'bigeminy': {
      const period = rhythm === 'bigeminy' ? 2 : Math.floor(draw(3, 7));
      return { ...premature(rhythm, period, draw(0.55, 0.7)), sinusPerMin: ratePerMin };
    }
    case 'af': {
      const meanMs = 60_000 / (ratePerMin ?? draw(55, 150));
      const afterMs = (): number => Math.max(AF_MS_MIN, meanMs * (1 + AF_SPREAD * random.normal()));
      return {
        rhythm,
        next: () => ({ afterMs: afterMs(), form: 'no-p' }),
        flutter: { lowHz: 5, highHz: 8, heightMv: 0.05 },
      };
    }
    case 'vf':
      return never(3, 7, draw(0.2, 0.6));
    case 'asystole':
      return never(0.1, 0.4, draw(0.02, 0.08));
  }
}

/**
 * Every `period`-th beat comes after `part` of an interval, and the next makes up for it: the heart
 * rate stays that of the sinus node.
 */
function premature(rhythm: BodyRhythm, period: number, part: number): RhythmModel {
  let count = 0;
  return {
    rhythm,
    next: (sinusMs) => {
      count = (count + 1) % period;
      if (count === period - 1) return { afterMs: sinusMs * part, form: 'ventricular' };
      return { afterMs: count === 0 ? sinusMs * (2 - part) : sinusMs, form: 'sinus' };
    },
  };
}

/**
 * From rhythm flags to alarms. A flag's definition has its own delay (edge/signals/rhythm.ts), so an
 * alarm is raised with the flag; atrial fibrillation, which is no emergency, after AF_DELAY_MS.
 *
 * The flags bradycardia and tachycardia mean 40 and 140 beats a minute. They are the same alarms as the
 * heart rate's extremes, and count only for a patient whose extremes are no wider than that: a limit
 * that was widened by hand, or a child's, is not undone by a flag.
 *
 * Limit: no flag is held against the pulse. The pulse rate is that of 12 s and outlives a heart that
 * stops by up to 9 s, where asystole is told after 4: waiting for it would make every arrest late. So a
 * lead that is all but flat (noise of one step of the converter) is asystole while the finger beats;
 * one that is flat to the step is none.
 */
import { RHYTHM_FLAGS, type RhythmFlag } from '../vital/vital.ts';
import type { PatientAlarm } from './alarm.ts';
import type { AlarmStates } from './alarm-states.ts';
import { conditionOf } from './conditions.ts';
import { AF_CLEAR_MS, AF_DELAY_MS, CLEAR_MS, LOST_MS, STALE_MS } from './constants.ts';
import type { PatientLimits } from './limits.ts';
import { Watched } from './watched.ts';

const BRADYCARDIA_PER_MIN = 40;
const TACHYCARDIA_PER_MIN = 140;

const ALARM_OF: Readonly<Record<RhythmFlag, PatientAlarm>> = {
  asystole: 'asystole',
  vf: 'vf',
  vt: 'vt',
  bradycardia: 'extreme-bradycardia',
  tachycardia: 'extreme-tachycardia',
  af: 'af',
};

export class RhythmWatch {
  readonly #watched: ReadonlyMap<RhythmFlag, Watched>;

  constructor(states: AlarmStates, nowAt: number) {
    this.#watched = new Map(RHYTHM_FLAGS.map((flag) => [flag, watchedOf(states, flag, nowAt)]));
  }

  read(flags: readonly RhythmFlag[], at: number, limits: PatientLimits): void {
    for (const [flag, watched] of this.#watched) {
      const holds = flags.includes(flag) && counts(flag, limits);
      watched.tell(holds, !holds, at);
    }
  }

  excuse(at: number): void {
    for (const watched of this.#watched.values()) watched.excuse(at);
  }

  tick(at: number): void {
    for (const watched of this.#watched.values()) watched.age(at, LOST_MS);
  }
}

function watchedOf(states: AlarmStates, flag: RhythmFlag, nowAt: number): Watched {
  const [delayMs, clearMs] = flag === 'af' ? [AF_DELAY_MS, AF_CLEAR_MS] : [0, CLEAR_MS];
  const condition = conditionOf(ALARM_OF[flag], { vital: 'heart-rate' });
  const times = { delayMs, clearMs, gapMsMax: STALE_MS };
  return new Watched(states, `rhythm ${flag}`, condition, times, nowAt);
}

function counts(flag: RhythmFlag, limits: PatientLimits): boolean {
  const { extremeLow = -Infinity, extremeHigh = Infinity } = limits['heart-rate'];
  if (flag === 'bradycardia') return extremeLow >= BRADYCARDIA_PER_MIN;
  return flag !== 'tachycardia' || extremeHigh <= TACHYCARDIA_PER_MIN;
}

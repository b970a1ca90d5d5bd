/**
 * From numbers to limit alarms: one trigger for each limit of a vital sign, and apnoea.
 *
 *   value ─► beyond a limit for its delay ─► stands ─► back behind it by the hysteresis for CLEAR_MS ─► over
 *
 * A pulse speaks for the heart where no heart rate of the last STALE_MS does. Of a vital sign that has
 * no number for `lostMs` nothing is known: what stood is over, and the missing number is the alarm.
 * Apnoea is what the detector calls it, 20 s without a breath; a breathing rate ends it.
 */
import { findVital } from '../vital/vital.ts';
import type { AlarmStates } from './alarm-states.ts';
import { conditionOf } from './conditions.ts';
import { CLEAR_MS, LIMIT_TIMES, LOST_MS, STALE_MS } from './constants.ts';
import {
  LIMIT_ALARMS,
  LIMITED_VITALS,
  type LimitedVital,
  type LimitName,
  type Limits,
  type PatientLimits,
} from './limits.ts';
import { Watched } from './watched.ts';

interface Side {
  readonly vital: LimitedVital;
  readonly name: LimitName;
  readonly watched: Watched;
}

export class LimitWatch {
  readonly #sides = new Map<LimitedVital, readonly Side[]>();
  readonly #apnea: Watched;
  #heartAt = -Infinity;

  constructor(states: AlarmStates, nowAt: number) {
    for (const vital of LIMITED_VITALS) this.#sides.set(vital, sidesOf(states, vital, nowAt));
    const times = { delayMs: 0, clearMs: CLEAR_MS, gapMsMax: STALE_MS };
    const apnea = conditionOf('apnea', { vital: 'respiratory-rate' });
    this.#apnea = new Watched(states, 'apnea', apnea, times, nowAt);
  }

  /** A number that can be trusted, of the elapsed time `at`. */
  read(vital: string, value: number, at: number, limits: PatientLimits): void {
    if (vital === 'heart-rate') this.#heartAt = at;
    if (vital === 'respiratory-rate') this.#apnea.tell(false, true, at);
    const isPulse = vital === 'pulse-rate';
    if (isPulse && at - this.#heartAt <= STALE_MS) return;
    const limited = (isPulse ? 'heart-rate' : vital) as LimitedVital;
    for (const { watched, name } of this.#sides.get(limited) ?? []) {
      const limit = limits[limited][name];
      watched.amend(limit);
      if (limit === undefined) {
        watched.tell(false, true, at);
        continue;
      }
      const isLow = name === 'low' || name === 'extremeLow';
      const beyond = isLow ? limit - value : value - limit;
      const hysteresis = hysteresisOf(limited, isLow, limit, limits[limited]);
      watched.tell(beyond > 0, beyond <= -hysteresis, at);
    }
  }

  apnea(at: number): void {
    this.#apnea.tell(true, false, at);
  }

  excuse(at: number): void {
    this.#apnea.excuse(at);
    for (const sides of this.#sides.values()) for (const { watched } of sides) watched.excuse(at);
  }

  tick(at: number): void {
    this.#apnea.age(at, LOST_MS);
    for (const sides of this.#sides.values()) {
      for (const { watched, vital } of sides) watched.age(at, LIMIT_TIMES[vital].lostMs);
    }
  }
}

/** At most half way to the other side's limit, and within the plausible range: every alarm can end. */
function hysteresisOf(vital: LimitedVital, isLow: boolean, limit: number, limits: Limits): number {
  const { min, max } = findVital(vital)!;
  const other = isLow ? (limits.high ?? limits.extremeHigh) : (limits.low ?? limits.extremeLow);
  const toOther = other === undefined ? Infinity : Math.abs(other - limit);
  const toEnd = isLow ? max - limit : limit - min;
  return Math.min(LIMIT_TIMES[vital].hysteresis, toOther / 2, toEnd);
}

function sidesOf(states: AlarmStates, vital: LimitedVital, nowAt: number): Side[] {
  const { delayMs, extremeDelayMs, lostMs } = LIMIT_TIMES[vital];
  // A cuff is read once in hours: each reading is judged by itself.
  const [clearMs, gapMsMax] = delayMs === 0 ? [0, lostMs] : [CLEAR_MS, STALE_MS];
  return (Object.keys(LIMIT_ALARMS[vital]) as LimitName[]).map((name) => {
    const isExtreme = name === 'extremeLow' || name === 'extremeHigh';
    const times = { delayMs: isExtreme ? extremeDelayMs : delayMs, clearMs, gapMsMax };
    const condition = conditionOf(LIMIT_ALARMS[vital][name]!, { vital });
    const watched = new Watched(states, `limit ${vital} ${name}`, condition, times, nowAt);
    return { vital, name, watched };
  });
}

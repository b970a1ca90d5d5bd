/**
 * How far a rate is from its reference: at the end of consecutive windows, as a reader would look up.
 *
 *   windows end at 16 s, 32 s, 48 s …       accepted: there is a number at that moment
 *   error = number − reference              the reference is over what lies before that moment
 *
 * A window without a reference is not counted.
 */
import type { Estimate } from '@vitalshare/edge/signals';
import { orNull } from './scorer.ts';

export const SCORED_EVERY_S = 16;
const NEAR_PER_MINUTE = 5;

/** Fractions, and beats or breaths a minute; null where nothing was accepted. */
export interface RateScore {
  readonly windows: number;
  readonly accepted: number;
  readonly acceptedShare: number | null;
  readonly meanAbsoluteError: number | null;
  readonly within5Share: number | null;
}

/**
 * `estimates`: at most one a second, times in µs from the start of the recording. `referenceAt(s)`: the
 * reference for a window that ends there, NaN where there is none. `fromS`: no window ends before.
 */
export function scoreRate(
  estimates: readonly Estimate[],
  referenceAt: (endS: number) => number,
  endS: number,
  fromS = 0,
): RateScore {
  const bySecond = new Map(estimates.map(({ atUs, value }) => [Math.round(atUs / 1e6), value]));
  let windows = 0;
  const errors: number[] = [];
  for (let atS = SCORED_EVERY_S; atS <= endS; atS += SCORED_EVERY_S) {
    const reference = referenceAt(atS);
    if (atS < fromS || Number.isNaN(reference)) continue;
    windows++;
    const value = bySecond.get(atS) ?? null;
    if (value !== null) errors.push(Math.abs(value - reference));
  }
  const near = errors.filter((error) => error <= NEAR_PER_MINUTE).length;
  return {
    windows,
    accepted: errors.length,
    acceptedShare: orNull(errors.length / windows),
    meanAbsoluteError: orNull(mean(errors)),
    within5Share: orNull(near / errors.length),
  };
}

/** NaN of none. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Events a minute in (endS − windowS, endS], from first to last; NaN below three events. */
export function eventRate(timesS: readonly number[], endS: number, windowS: number): number {
  const inside = timesS.filter((timeS) => timeS > endS - windowS && timeS <= endS);
  if (inside.length < 3) return NaN;
  return (60 * (inside.length - 1)) / (inside.at(-1)! - inside[0]!);
}

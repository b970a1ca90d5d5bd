/**
 * How old data may be before a screen says so. An age is what the gateway's clock says minus the
 * data's own time; a second's reading is as old as the end of its second.
 *
 *   live ── 3 s ── ageing ── 10 s ── stale ── 30 s ── silent
 */
export type AgeState = 'live' | 'ageing' | 'stale' | 'silent';

const AGEING_MS = 3_000;
const STALE_MS = 10_000;
const SILENT_MS = 30_000;

export function stateOfAge(ageMs: number): AgeState {
  if (ageMs <= AGEING_MS) return 'live';
  if (ageMs < STALE_MS) return 'ageing';
  return ageMs < SILENT_MS ? 'stale' : 'silent';
}

/** Silence of the feed after which the page says that it is not live: two beats of the clock missed. */
export const FEED_LOST_MS = 2_750;
/** A page whose own clock differs from the gateway's by more than this says so. */
export const CLOCK_SKEW_MS = 2_000;
/** Notices older than this are history, not news. */
export const NOTICE_MS = 3_600_000;
/** That a sensor is well again is news for so long. */
export const SENSOR_OVER_MS = 60_000;

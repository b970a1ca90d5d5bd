/**
 * What the ECG detectors say of a bed's rhythm, as text beside its trace, while the reading is fresh
 * (under 10 s, and the feed live): the flags that stand, and the variability of the last five minutes.
 * No flag is no text: that nothing was flagged is not that all is well. No colour and no sound: a flag is
 * not an alarm.
 */
import { formatNumber } from '@vitalshare/cloud-sink/drawing';
import { RHYTHMS } from '@vitalshare/edge/vital';
import { stateOfAge } from './ages.ts';
import type { Bed, Reading } from './bed.ts';
import { words } from './words.ts';

export interface RhythmMoment {
  readonly nowMs: number;
  /** When the feed was last heard, if it is lost. */
  readonly lostMs: number | null;
}

/** Neither too old nor too weak to be shown without its age. */
export function isFresh(reading: Reading | undefined, nowMs: number): reading is Reading {
  if (reading === undefined || reading.quality <= 1) return false;
  const state = stateOfAge(nowMs - reading.atMs);
  return state === 'live' || state === 'ageing';
}

export function rhythmOf(bed: Bed, { nowMs, lostMs }: RhythmMoment): string {
  const reading = bed.readings.get('rhythm');
  if (lostMs !== null || !isFresh(reading, nowMs)) return '';
  const flags = RHYTHMS[reading.value] ?? [];
  return flags.map((flag) => words.rhythm[flag]).join(', ');
}

/** SDNN and RMSSD of the same five minutes. */
export function variabilityOf(bed: Bed, { nowMs, lostMs }: RhythmMoment): string {
  const [sdnn, rmssd] = [bed.readings.get('hrv-sdnn'), bed.readings.get('hrv-rmssd')];
  if (lostMs !== null || !isFresh(sdnn, nowMs) || rmssd?.second !== sdnn.second) return '';
  return words.variability(formatNumber(sdnn.value), formatNumber(rmssd.value));
}

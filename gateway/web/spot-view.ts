/**
 * The small values in the foot of a tile: blood pressure and temperature, each with its clock time, and
 * the pulse beside a heart rate while it is fresh.
 */
import { ABSENT, formatNumber } from '@vitalshare/cloud-sink/drawing';
import type { Bed } from './bed.ts';
import type { NumberView } from './number-view.ts';
import { isFresh } from './rhythm-view.ts';
import { words } from './words.ts';

export interface SpotView {
  readonly label: string;
  readonly text: string;
  readonly clock: string;
}

interface SpotMoment {
  readonly nowMs: number;
  readonly clock: (ms: number) => string;
  /** The large numbers: what stands there needs no spot. */
  readonly shown: readonly NumberView[];
}

export function spotsOf(bed: Bed, moment: SpotMoment): readonly SpotView[] {
  const { clock } = moment;
  return [pressureOf(bed, clock), temperatureOf(bed, clock), ...pulseOf(bed, moment)];
}

function pulseOf(bed: Bed, { nowMs, shown }: SpotMoment): SpotView[] {
  const pulse = bed.readings.get('pulse-rate');
  if (!isFresh(pulse, nowMs) || shown.some(({ label }) => label === words.pulse)) return [];
  return [{ label: words.pulse, text: formatNumber(pulse.value), clock: '' }];
}

/** Both pressures of one cuff measurement, or none: parts of two are no blood pressure. */
function pressureOf(bed: Bed, clock: (ms: number) => string): SpotView {
  const systolic = bed.readings.get('systolic-pressure');
  const diastolic = bed.readings.get('diastolic-pressure');
  if (systolic === undefined || diastolic === undefined || systolic.atMs !== diastolic.atMs) {
    return { label: words.pressure, text: ABSENT, clock: '' };
  }
  const text = `${formatNumber(systolic.value)}/${formatNumber(diastolic.value)}`;
  return { label: words.pressure, text, clock: clock(systolic.atMs) };
}

/** Of the body if it is measured, else of the skin, which is named so. */
function temperatureOf(bed: Bed, clock: (ms: number) => string): SpotView {
  const body = bed.readings.get('body-temperature');
  const reading = body ?? bed.readings.get('skin-temperature');
  const label = body === undefined && reading !== undefined ? words.skin : words.temperature;
  if (reading === undefined) return { label, text: ABSENT, clock: '' };
  return { label, text: formatNumber(reading.value, 1), clock: clock(reading.atMs) };
}

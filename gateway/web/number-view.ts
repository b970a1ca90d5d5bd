/**
 * The three large numbers of a tile: heart rate (or pulse), SpO₂, respiration; each with its own age
 * and the word for its signal.
 *
 *   bars 4, 3, not known   the number
 *   bars 2                 the number, stepped back, "weak"
 *   bars 1, 0              a dash, "too weak"
 *   never measured         a dash, "none"
 */
import { ABSENT, formatAge, formatNumber } from '@vitalshare/cloud-sink/drawing';
import { stateOfAge } from './ages.ts';
import { markOf, type NumberMark } from './alarm-view.ts';
import type { Bed, Reading } from './bed.ts';
import { words } from './words.ts';

export interface NumberView {
  readonly label: string;
  readonly unit: string;
  readonly hue: 'ecg' | 'pleth' | 'resp';
  readonly text: string;
  readonly state: 'live' | 'weak' | 'ageing' | 'stale' | 'none';
  /** In the place of the bars once the number is not live. */
  readonly age: string;
  /** 0 to 4; `null` where not known or not live. */
  readonly bars: number | null;
  readonly remark: string;
  /** The last value and its clock time, once it is too old to be a number. */
  readonly last: string;
  readonly lastClock: string;
  readonly spoken: string;
  /** Its alarm: filled, or ruled once acknowledged. */
  readonly mark: NumberMark | null;
}

interface Context {
  readonly nowMs: number;
  readonly lostMs: number | null;
  /** The tile as a whole says that nothing comes. */
  readonly quiet: boolean;
  readonly leadOff: boolean;
  readonly clock: (ms: number) => string;
}

const HEART = { label: words.heartRate, unit: words.perMinute, hue: 'ecg' } as const;
const PULSE = { label: words.pulse, unit: words.perMinute, hue: 'pleth' } as const;
const SPO2 = { label: words.spo2, unit: words.percent, hue: 'pleth' } as const;
const RESP = { label: words.respiration, unit: words.perMinute, hue: 'resp' } as const;

type Kind = typeof HEART | typeof PULSE | typeof SPO2 | typeof RESP;

export function numbersOf(bed: Bed, context: Context): readonly NumberView[] {
  const heart = bed.readings.get('heart-rate');
  const pulse = bed.readings.get('pulse-rate');
  const first = takesPulse(heart, pulse, context)
    ? numberOf(PULSE, pulse, context)
    : numberOf(HEART, heart, context);
  return [
    { ...first, mark: markOf(bed, ['heart-rate', 'pulse-rate']) },
    { ...numberOf(SPO2, bed.readings.get('spo2'), context), mark: markOf(bed, ['spo2']) },
    {
      ...numberOf(RESP, bed.readings.get('respiratory-rate'), context),
      mark: markOf(bed, ['respiratory-rate']),
    },
  ];
}

/** Heart rate gives way to pulse when an electrode is off or its reading is missing or silent. */
function takesPulse(
  heart: Reading | undefined,
  pulse: Reading | undefined,
  { nowMs, lostMs, leadOff }: Context,
): boolean {
  if (pulse === undefined) return false;
  if (heart === undefined || leadOff) return true;
  const isSilent = ({ atMs }: Reading) => stateOfAge((lostMs ?? nowMs) - atMs) === 'silent';
  return isSilent(heart) && !isSilent(pulse);
}

function numberOf(
  kind: Kind,
  reading: Reading | undefined,
  context: Context,
): Omit<NumberView, 'mark'> {
  const none = { ...kind, text: ABSENT, state: 'none', age: '', bars: null } as const;
  const nothing = { remark: '', last: '', lastClock: '', spoken: words.spokenNone(kind.label) };
  if (reading === undefined) {
    return { ...none, ...nothing, remark: context.quiet ? '' : words.notMeasured };
  }
  const { nowMs, lostMs, clock } = context;
  const ageMs = nowMs - reading.atMs;
  const value = formatNumber(reading.value);
  const spoken =
    kind.unit === words.percent
      ? words.spokenPercent(kind.label, value)
      : words.spokenRate(kind.label, value);
  if (stateOfAge((lostMs ?? nowMs) - reading.atMs) === 'silent') {
    const last = { last: value, lastClock: clock(reading.atMs) };
    return { ...none, ...nothing, ...last };
  }
  const { quality } = reading;
  if (quality <= 1) return { ...none, ...nothing, bars: quality, remark: words.notTrusted };
  const state = lostMs !== null ? 'stale' : stateOfAge(ageMs);
  if (state === 'live') {
    const weak = quality === 2;
    const bars = quality <= 4 ? quality : null;
    const shown = weak ? ({ state: 'weak', remark: words.weak } as const) : { state };
    return { ...none, ...nothing, text: value, bars, spoken, ...shown };
  }
  const age = formatAge(ageMs) ?? clock(reading.atMs);
  const old = state === 'ageing' ? 'ageing' : 'stale';
  return { ...none, ...nothing, text: value, state: old, age, spoken: `${spoken}, ${age}` };
}

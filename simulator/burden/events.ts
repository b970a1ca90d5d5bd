/**
 * True events, and which alarm tells of which: what must be found, within which time.
 *
 *   surely      ▁▁▁▁██████████████▁▁▁▁▁▁▁▁▁▁▁▁▁
 *   event           └── at least its time ──┘           shorter, and no alarm is owed
 *   told        one of its alarms stands between the event's begin and its end + LATE_S
 *   true        an alarm raised while, or up to LOOK_BACK_S after, it was perhaps so
 *
 * An event must last the alarm's delay (edge/alarms) and the detector's own window: heart rate 5 s,
 * saturation 8 s, breathing 20 s, NEWS2 its median of a minute; atrial fibrillation needs 32 beats, half
 * a minute and the alarm's minute. In seconds below, restated and not read from the code judged.
 */
import { type Certainty, SURELY, type What } from './happens.ts';

export interface TrueEvent {
  readonly what: What;
  readonly fromS: number;
  /** End not included. */
  readonly toS: number;
}

const LASTS_S_MIN: Readonly<Partial<Record<What, number>>> = {
  asystole: 1,
  vf: 5,
  vt: 8,
  af: 150,
  apnea: 3,
  'extreme-bradycardia': 10,
  'extreme-tachycardia': 10,
  'rate-low': 15,
  'rate-high': 15,
  desaturation: 18,
  'spo2-low': 23,
  'extreme-bradypnea': 30,
  'extreme-tachypnea': 30,
  'respiratory-rate-low': 35,
  'respiratory-rate-high': 35,
  'temperature-low': 62,
  'temperature-high': 62,
  'pressure-low': 1,
  'pressure-high': 1,
  'news2-urgent': 150,
  'news2-emergency': 150,
  silent: 15,
  'lead-off': 15,
  'no-finger': 65,
  'probe-off': 60,
  'battery-low': 15,
  'battery-empty': 15,
  'link-weak': 80,
};

/** Alarms that tell of an event: its own, a worse one of its kind, or one that says why. */
const ALSO_TOLD_BY: Readonly<Partial<Record<What, readonly What[]>>> = {
  vf: ['vt'],
  vt: ['vf'],
  'extreme-bradycardia': ['asystole'],
  'extreme-tachycardia': ['vt', 'vf'],
  'rate-low': ['extreme-bradycardia', 'asystole'],
  'rate-high': ['extreme-tachycardia', 'vt', 'vf'],
  'spo2-low': ['desaturation'],
  'extreme-bradypnea': ['apnea'],
  'respiratory-rate-low': ['extreme-bradypnea', 'apnea'],
  'respiratory-rate-high': ['extreme-tachypnea'],
  'news2-urgent': ['news2-emergency'],
  'battery-low': ['battery-empty'],
  // Light without a finger is dark and noisy: the number is what is missed.
  'no-finger': ['no-number'],
};

export const tells = (alarm: What, event: What): boolean =>
  alarm === event || ALSO_TOLD_BY[event]?.includes(alarm) === true;

/** How long after its event an alarm may still stand for it, or be raised for it. */
export const LATE_S = 30;
const LOOK_BACK_S: Readonly<Partial<Record<What, number>>> = {
  af: 180,
  'news2-urgent': 180,
  'news2-emergency': 180,
  'no-number': 200,
};
const LOOK_BACK_OTHERS_S = 60;
export const lookBackS = (what: What): number => LOOK_BACK_S[what] ?? LOOK_BACK_OTHERS_S;

/** `seconds`: of one alarm, from second 0 on. An event that the end cuts short is owed nothing. */
export function eventsOf(what: What, seconds: Uint8Array): TrueEvent[] {
  const lastsMin = LASTS_S_MIN[what];
  if (lastsMin === undefined) return [];
  const events: TrueEvent[] = [];
  let fromS = -1;
  for (let second = 0; second <= seconds.length; second++) {
    const isSure = (seconds[second] as Certainty | undefined) === SURELY;
    if (isSure && fromS < 0) fromS = second;
    if (isSure || fromS < 0) continue;
    if (second - fromS >= lastsMin && fromS + lastsMin + LATE_S <= seconds.length) {
      events.push({ what, fromS, toS: second });
    }
    fromS = -1;
  }
  return events;
}

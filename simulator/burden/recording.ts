/**
 * The alarms of a recording: what this bed would have called for, beside what experts said of the alarm
 * at its end (PhysioNet/CinC Challenge 2015; Clifford et al., CinC 2015: an event lies within the last
 * 10 s before five minutes). Of a recording that nobody judged it is a list and no more.
 */
import { basename } from 'node:path';
import { BedAlarms, type Priority } from '@vitalshare/edge/alarms';
import { parseWfdbHeader } from '@vitalshare/edge/formats';
import type { Estimate } from '@vitalshare/edge/signals';
import { RHYTHMS } from '@vitalshare/edge/vital';
import { numbersOf } from '../player/derive.ts';
import { readRecording } from '../player/read-recording.ts';
import { readUserFile } from '../player/user-file.ts';
import { judgedAlarm } from '../score/alarms.ts';
import type { What } from './happens.ts';

export interface RecordingBurden {
  readonly recording: string;
  readonly seconds: number;
  readonly alarms: readonly {
    readonly what: What;
    readonly priority: Priority;
    readonly atS: number;
  }[];
  /** Null where nobody judged it. */
  readonly experts: {
    readonly alarm: string;
    readonly isTrue: boolean;
    /** Whether an alarm of that kind was raised here in the judged stretch. */
    readonly isRaised: boolean;
  } | null;
}

const ALARM_AT_S = 300;
/** Ten seconds for the event, and what an alarm may come late. */
const JUDGED_S = 20;
const OUR_ALARMS: Readonly<Record<string, readonly What[]>> = {
  Asystole: ['asystole'],
  Bradycardia: ['extreme-bradycardia'],
  Tachycardia: ['extreme-tachycardia'],
  Ventricular_Flutter_Fib: ['vf', 'vt'],
  Ventricular_Tachycardia: ['vt', 'vf'],
};

/** Throws UserError where it cannot be read. */
export function recordingBurden(path: string): RecordingBurden {
  const { recording } = readRecording(path, readUserFile);
  const { estimates } = numbersOf(recording);
  const seconds = Math.max(0, ...[...estimates.values()].map((those) => those.length));
  const raised: { what: What; priority: Priority; atS: number }[] = [];
  let second = 0;
  const alarms = new BedAlarms({
    nowMs: 0,
    onRecord: ({ alarm, cause }) => {
      if (alarm?.to !== 'active' || !['began', 'again', 'worse'].includes(cause)) return;
      raised.push({ what: alarm.what, priority: alarm.priority, atS: second });
    },
  });
  const bySecond = new Map<number, { readonly vital: string; readonly estimate: Estimate }[]>();
  for (const [vital, those] of estimates) {
    for (const estimate of those) {
      const at = Math.round(estimate.atUs / 1e6);
      bySecond.set(at, [...(bySecond.get(at) ?? []), { vital, estimate }]);
    }
  }
  for (; second <= seconds; second++) {
    const nowMs = 1000 * second;
    alarms.tick(nowMs);
    for (const { vital, estimate } of bySecond.get(second) ?? []) {
      const { value, bars } = estimate;
      if (vital === 'rhythm')
        alarms.rhythm(value === null ? null : (RHYTHMS[value] ?? null), nowMs);
      else if (value !== null) alarms.number(vital, value, nowMs, bars);
      else alarms.number(vital, null, nowMs, bars, estimate.reason);
    }
  }
  const name = basename(path).replace(/\.hea$/, '');
  return { recording: name, seconds, alarms: raised, experts: expertsOf(path, raised) };
}

function expertsOf(path: string, raised: RecordingBurden['alarms']): RecordingBurden['experts'] {
  if (!path.endsWith('.hea')) return null;
  const judged = judgedAlarm(parseWfdbHeader(new TextDecoder().decode(readUserFile(path))));
  if (judged === undefined) return null;
  const isRaised = raised.some(
    ({ what, atS }) =>
      OUR_ALARMS[judged.alarm]!.includes(what) && Math.abs(atS - ALARM_AT_S) <= JUDGED_S,
  );
  return { ...judged, isRaised };
}

/** What experts called true was called, what they called false was not. */
export const isAsJudged = ({ experts }: RecordingBurden): boolean =>
  experts === null || experts.isRaised === experts.isTrue;

export function recordingText({ recording, seconds, alarms, experts }: RecordingBurden): string {
  const listed = alarms.map(({ what, priority, atS }) => `  ${atS} s  ${priority}  ${what}`);
  const days = seconds / 86_400;
  const rate = days > 0 ? `, ${(alarms.length / days).toFixed(0)} a bed and day` : '';
  const verdict =
    experts === null
      ? 'nobody judged it'
      : `experts: the monitor's ${experts.alarm.replaceAll('_', ' ').toLowerCase()} at its end is ${experts.isTrue ? 'true' : 'false'}; here it was ${experts.isRaised ? '' : 'not '}raised`;
  return [
    `${recording}: ${seconds} s, ${alarms.length} alarms${rate}; ${verdict}`,
    ...listed,
    '',
  ].join('\n');
}

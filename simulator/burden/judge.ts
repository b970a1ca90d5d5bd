/** Alarms against what was true: true and false ones, events found and missed, and how soon. */
import { PRIORITIES, type Priority } from '@vitalshare/edge/alarms';
import { eventsOf, LATE_S, lookBackS, tells, type TrueEvent } from './events.ts';
import { NO, type What } from './happens.ts';
import type { BedRun, RaisedAlarm } from './run-bed.ts';

export interface Verdict {
  readonly seconds: number;
  readonly audibleS: number;
  readonly raised: Readonly<Record<Priority, number>>;
  readonly falseAlarms: readonly RaisedAlarm[];
  readonly missed: readonly TrueEvent[];
  /** Of every event that was found: from its begin until an alarm told of it. */
  readonly detectionS: readonly number[];
}

export function judge(run: BedRun): Verdict {
  const events = [...run.happens].flatMap(([what, seconds]) => eventsOf(what, seconds));
  const missed: TrueEvent[] = [];
  const detectionS: number[] = [];
  for (const event of events) {
    const tellers = run.stood.filter(
      ({ what, fromS, toS }) =>
        tells(what, event.what) && fromS < event.toS + LATE_S && toS > event.fromS,
    );
    if (tellers.length === 0) missed.push(event);
    else detectionS.push(Math.max(0, Math.min(...tellers.map((t) => t.fromS)) - event.fromS));
  }
  const raised = Object.fromEntries(
    PRIORITIES.map((priority) => [
      priority,
      run.raised.filter((alarm) => alarm.priority === priority).length,
    ]),
  ) as Record<Priority, number>;
  const falseAlarms = run.raised.filter((alarm) => !wasSo(run.happens.get(alarm.what), alarm));
  const { seconds, audibleS } = run;
  return { seconds, audibleS, raised, falseAlarms, missed, detectionS };
}

function wasSo(
  seconds: Uint8Array | undefined,
  { what, atS }: { readonly what: What; readonly atS: number },
): boolean {
  const from = Math.max(0, atS - lookBackS(what));
  return seconds?.subarray(from, atS + 1).some((certainty) => certainty > NO) === true;
}

/**
 * The highest alarm of a bed as its tile shows it, and its NEWS2. Importance is never in a colour alone:
 * the marks, the place, the words and the shape say it as well.
 *
 *   active        marks, what and limit, for how long (or ended and lasted; or what is left of a pause)
 *   acknowledged  the same, ruled, ✓ who and when
 */
import { formatNumber } from '@vitalshare/cloud-sink/drawing';
import type { Alarm, Priority } from '@vitalshare/edge/alarms';
import type { LiveAlarms } from '../live/feed.ts';
import type { Bed } from './bed.ts';
import { words } from './words.ts';

export interface AlarmView {
  readonly priority: Priority;
  readonly isAcknowledged: boolean;
  readonly text: string;
  /** Of several: `+2`. */
  readonly more: string;
  /** For how long, or who acknowledged it. */
  readonly tail: string;
  readonly spoken: string;
}

/** The mark of a number in alarm. */
export interface NumberMark {
  readonly priority: Priority;
  readonly isAcknowledged: boolean;
}

export interface News2View {
  readonly band: 'low' | 'review' | 'urgent' | 'emergency';
  readonly score: string;
  readonly word: string;
  readonly isPartial: boolean;
}

type Clock = (ms: number) => string;

/** Most topics are called as their alarm is. */
const TOPICS: Readonly<Record<string, string>> = words.alarm;
const RANK: Readonly<Record<Priority, number>> = { high: 3, medium: 2, low: 1 };

/** Unacknowledged before acknowledged, the highest priority first, then the newest. */
const byUrgency = (a: Alarm, b: Alarm): number =>
  Number(a.acknowledged !== null) - Number(b.acknowledged !== null) ||
  RANK[b.priority] - RANK[a.priority] ||
  b.sinceMs - a.sinceMs;

export function alarmOf(bed: Bed, nowMs: number, clock: Clock): AlarmView | null {
  const live = bed.alarms;
  if (live === null) return null;
  const [first, ...others] = [...live.alarms].sort(byUrgency);
  if (first === undefined) return null;
  const { priority, acknowledged } = first;
  const text = textOf(first, bed);
  const tail = tailOf(first, live, nowMs, clock);
  const more = others.length > 0 ? words.more(others.length) : '';
  return {
    ...{ priority, isAcknowledged: acknowledged !== null, text, more, tail },
    spoken: words.spokenAlarm(words.priority[priority], text, acknowledged?.by ?? ''),
  };
}

/** Of the vital sign whose number is in alarm. */
export function markOf(bed: Bed, vitals: readonly string[]): NumberMark | null {
  const of = (bed.alarms?.alarms ?? []).filter(
    ({ vital, state }) => vital !== undefined && vitals.includes(vital) && state !== 'latched',
  );
  const [first] = of.sort(byUrgency);
  return (
    (first && { priority: first.priority, isAcknowledged: first.acknowledged !== null }) ?? null
  );
}

/** What raises no alarm now, and by whom: of several, that there are more. */
export function offOf(bed: Bed, clock: Clock): string {
  const [first, ...others] = bed.alarms?.off ?? [];
  if (first === undefined) return '';
  const text = words.alarmOff(
    TOPICS[first.topic] ?? words.topicOf(first.topic),
    first.by,
    clock(first.untilMs),
  );
  return others.length > 0 ? `${text} ${words.more(others.length)}` : text;
}

export function standbyOf(bed: Bed, clock: Clock): string {
  const standby = bed.alarms?.standby ?? null;
  if (standby === null) return '';
  const { why, by, untilMs, hasData } = standby;
  return words.standby(why, by, clock(untilMs), hasData);
}

function textOf({ what, vital, limit, source, state }: Alarm, bed: Bed): string {
  const name = words.alarm[what];
  if (state === 'latched') return words.ended(name);
  if (source !== undefined) return words.ofSource(name, source);
  const reading = vital === undefined ? undefined : bed.readings.get(vital);
  if (limit === undefined || vital === undefined || reading === undefined) return name;
  const digits = vital === 'body-temperature' ? 1 : 0;
  const label = words.vitalOf(vital);
  return words.overLimit(label, formatNumber(reading.value, digits), formatNumber(limit, digits));
}

function tailOf(alarm: Alarm, { audioPause }: LiveAlarms, nowMs: number, clock: Clock): string {
  const { acknowledged, sinceMs, endedMs } = alarm;
  if (acknowledged !== null) return `✓ ${acknowledged.by} ${clock(acknowledged.atMs)}`;
  if (endedMs !== null) return words.lasted(durationOf(endedMs - sinceMs));
  if (audioPause !== null) return words.pauseLeft(durationOf(audioPause.untilMs - nowMs));
  return durationOf(nowMs - sinceMs);
}

/** `1:42`, from an hour `1 h 12 min`. */
export function durationOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds >= 3_600)
    return words.hours(Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** 0 to 4 low, a single part of 3 ward review, 5 and 6 urgent, from 7 emergency (RCP 2017). */
export function news2Of(bed: Bed): News2View | null {
  const { news2 } = bed;
  if (news2 === null || news2.known === 0) return null;
  const { score, known, risk } = news2;
  const isPartial = news2.missing.length > 0;
  const band = (
    { low: 'low', 'low-medium': 'review', medium: 'urgent', high: 'emergency' } as const
  )[risk];
  const word = isPartial ? words.news2Partial(known) : words.news2[band];
  return { band, score: isPartial ? `≥${score}` : String(score), word, isPartial };
}

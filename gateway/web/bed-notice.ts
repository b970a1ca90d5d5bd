/**
 * The one notice a tile has room for: the newest of the most urgent kind. It bears its clock time and
 * stays until something newer is said or an hour has passed. What is wrong with a sensor stays as long
 * as it lasts. How a device is (battery, firmware) is not news on a wall; it is told on request.
 */
import type { LiveNotice } from '../live/feed.ts';
import { NOTICE_MS, SENSOR_OVER_MS } from './ages.ts';
import type { Bed } from './bed.ts';
import { words } from './words.ts';

/** A sensor that is wrong now goes before what was refused once; one that is well again goes last. */
const URGENCY = ['nurse-call', 'sensor', 'refused', 'silent', 'sensor-over'] as const;

const kindOf = ({ kind, sensor }: LiveNotice): string =>
  sensor?.lasts === false ? 'sensor-over' : kind;

function isNews({ atMs, sensor, lasts }: LiveNotice, nowMs: number): boolean {
  if (lasts === true) return true;
  if (sensor === undefined) return nowMs - atMs < NOTICE_MS;
  return sensor.lasts || nowMs - atMs < SENSOR_OVER_MS;
}

export function noticeOf(
  bed: Bed,
  nowMs: number,
  state: string,
  clock: (ms: number) => string,
): string {
  const recent = [...bed.notices.values()].filter((notice) => isNews(notice, nowMs));
  for (const kind of URGENCY) {
    // A silent tile says so at full size.
    if (kind === 'silent' && state === 'silent') continue;
    const ofKind = recent.filter((notice) => kindOf(notice) === kind);
    const newest = ofKind.sort((a, b) => b.atMs - a.atMs)[0];
    if (newest === undefined) continue;
    if (kind === 'sensor' || newest.lasts === true)
      return `${newest.text} ${words.since(clock(newest.atMs))}`;
    return `${newest.text}, ${clock(newest.atMs)}`;
  }
  return '';
}

/** How the bed's devices are, for whoever asks. */
export const statusOf = (bed: Bed): string =>
  [...bed.notices.values()]
    .filter(({ kind }) => kind === 'status')
    .map(({ text }) => text)
    .join('; ');

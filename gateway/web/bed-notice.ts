/**
 * The one notice a tile has room for: the newest of the most urgent kind. It bears its clock time and
 * stays until something newer is said or an hour has passed. How a device is (battery, firmware) is not
 * news on a wall; it is told on request.
 */
import { NOTICE_MS } from './ages.ts';
import type { Bed } from './bed.ts';

const URGENCY = ['nurse-call', 'refused', 'silent'] as const;

export function noticeOf(
  bed: Bed,
  nowMs: number,
  state: string,
  clock: (ms: number) => string,
): string {
  const recent = [...bed.notices.values()].filter(({ atMs }) => nowMs - atMs < NOTICE_MS);
  for (const kind of URGENCY) {
    // A silent tile says so at full size.
    if (kind === 'silent' && state === 'silent') continue;
    const ofKind = recent.filter((notice) => notice.kind === kind);
    const newest = ofKind.sort((a, b) => b.atMs - a.atMs)[0];
    if (newest !== undefined) return `${newest.text}, ${clock(newest.atMs)}`;
  }
  return '';
}

/** How the bed's devices are, for whoever asks. */
export const statusOf = (bed: Bed): string =>
  [...bed.notices.values()]
    .filter(({ kind }) => kind === 'status')
    .map(({ text }) => text)
    .join('; ');

/** Alarms and scores for tests of the page. */
import type { Alarm, BedNews2 } from '@vitalshare/edge/alarms';
import { news2Of } from '@vitalshare/edge/alarms';

export const alarm = (what: Alarm['what'], sinceMs: number, more: Partial<Alarm> = {}): Alarm => ({
  ...{ id: 1, topic: what, what, priority: 'medium', state: 'active', sinceMs },
  ...{ endedMs: null, acknowledged: null, isEscalated: false, isAudible: true },
  ...more,
});

export const news2 = (values: Parameters<typeof news2Of>[0]): BedNews2 => {
  const score = news2Of(values, 1);
  const agesMs = Object.fromEntries(Object.keys(score.points).map((part) => [part, null]));
  return { ...score, agesMs: agesMs as BedNews2['agesMs'] };
};

/**
 * What a campaign compares at its end: the frames whose acknowledgement a node has in its own book, and
 * the frames and readings that are found. Pure, so that it can be seen failing.
 *
 *   in the log      each acknowledged frame stands there once
 *   in statistics   count and exact sum over each stay are those of the frames kept
 *   in `open`       each second has the one value that belongs there
 *
 * A frame may be kept without having been acknowledged in time; when every node has drained there is
 * none left, and `unasked` is 0.
 */
import { FRAME_SECONDS, sumOfFrame, tenths } from './reading.ts';

export interface NodeFound {
  /** Index of the node among those of the campaign: decides its values. */
  readonly node: number;
  /** Of frames, as the node's own book has them; repetitions count once. */
  readonly acknowledged: Iterable<number>;
  /** Of every frame of its stay in the log, in log order. */
  readonly inLog: Iterable<number>;
  /** What `stats` says of its stay. */
  readonly statistic: { readonly count: number; readonly sumTenths: number };
  /** What `open` says: seconds since the campaign's first, tenths. Undefined where nobody asked. */
  readonly opened: Iterable<readonly [second: number, tenths: number]> | undefined;
}

/** Readings, but for `acknowledgedFrames`. */
export interface Verdict {
  readonly acknowledgedFrames: number;
  readonly acknowledged: number;
  /** Acknowledged and not in the log. */
  readonly missingInLog: number;
  /** In the log more often than once. */
  readonly twiceInLog: number;
  /** How far the counts of `stats` are below what is in the log, and above. */
  readonly missingInStatistics: number;
  readonly twiceInStatistics: number;
  /** Tenths by which sums are off where the counts are right. */
  readonly sumOff: number;
  /** Acknowledged and not opened. */
  readonly missingInOpen: number;
  readonly twiceInOpen: number;
  /** Opened with another value than belongs there. */
  readonly wrongInOpen: number;
  /** In the log and never acknowledged. */
  readonly unasked: number;
}

export const NOTHING: Verdict = {
  ...{ acknowledgedFrames: 0, acknowledged: 0, missingInLog: 0, twiceInLog: 0 },
  ...{ missingInStatistics: 0, twiceInStatistics: 0, sumOff: 0 },
  ...{ missingInOpen: 0, twiceInOpen: 0, wrongInOpen: 0, unasked: 0 },
};

export const missingOf = (verdict: Verdict): number =>
  Math.max(verdict.missingInLog, verdict.missingInStatistics, verdict.missingInOpen);

export const twiceOf = (verdict: Verdict): number =>
  Math.max(verdict.twiceInLog, verdict.twiceInStatistics, verdict.twiceInOpen);

/** Whether all that was promised holds. */
export const isClean = (verdict: Verdict): boolean =>
  missingOf(verdict) === 0 &&
  twiceOf(verdict) === 0 &&
  verdict.sumOff === 0 &&
  verdict.wrongInOpen === 0 &&
  verdict.unasked === 0;

export function judgeNode(found: NodeFound): Verdict {
  const acknowledged = new Set(found.acknowledged);
  const times = new Map<number, number>();
  for (const index of found.inLog) times.set(index, (times.get(index) ?? 0) + 1);
  const absent = [...acknowledged].filter((index) => !times.has(index)).length;
  const repeated = [...times.values()].reduce((sum, count) => sum + count - 1, 0);
  const unasked = [...times.keys()].filter((index) => !acknowledged.has(index)).length;
  return {
    acknowledgedFrames: acknowledged.size,
    acknowledged: acknowledged.size * FRAME_SECONDS,
    missingInLog: absent * FRAME_SECONDS,
    twiceInLog: repeated * FRAME_SECONDS,
    unasked: unasked * FRAME_SECONDS,
    ...judgeStatistic(found, new Set([...times.keys(), ...acknowledged])),
    ...judgeOpened(found, acknowledged),
  };
}

/** `kept`: what must be counted, once each. */
function judgeStatistic({ node, statistic }: NodeFound, kept: ReadonlySet<number>) {
  const count = kept.size * FRAME_SECONDS;
  let sum = 0;
  for (const index of kept) sum += sumOfFrame(node, index);
  return {
    missingInStatistics: Math.max(0, count - statistic.count),
    twiceInStatistics: Math.max(0, statistic.count - count),
    sumOff: statistic.count === count ? Math.abs(sum - statistic.sumTenths) : 0,
  };
}

function judgeOpened({ node, opened }: NodeFound, acknowledged: ReadonlySet<number>) {
  if (opened === undefined) return { twiceInOpen: 0, wrongInOpen: 0, missingInOpen: 0 };
  const seen = new Set<number>();
  let [twiceInOpen, wrongInOpen] = [0, 0];
  for (const [second, value] of opened) {
    if (seen.has(second)) twiceInOpen += 1;
    seen.add(second);
    if (value !== tenths(node, second)) wrongInOpen += 1;
  }
  let missingInOpen = 0;
  for (const index of acknowledged) {
    for (let row = 0; row < FRAME_SECONDS; row++) {
      if (!seen.has(index * FRAME_SECONDS + row)) missingInOpen += 1;
    }
  }
  return { twiceInOpen, wrongInOpen, missingInOpen };
}

export function addVerdicts(one: Verdict, other: Verdict): Verdict {
  const sums = Object.entries(one).map(([name, count]) => [
    name,
    (count as number) + other[name as keyof Verdict],
  ]);
  return Object.fromEntries(sums) as Verdict;
}

/**
 * Where two continuations of one log part: bisection over the ends of our batches, each shown to the
 * other side. It only finds the place; that there is a fork two signed heads have shown [PROTO-42], so
 * a side that lies here moves the place between what it vouched for and what it was caught with.
 */
import { SEARCH_STEPS_MAX } from '../../limits.ts';
import type { BatchEnd } from '../../messages/heads.ts';

export interface Range {
  /** Common. */
  readonly from: number;
  /** Not common. */
  readonly to: number;
}

/** The last end of a batch that both sides have; what stands behind it differs. */
export async function partingOf(
  { from, to }: Range,
  firstEndFrom: (position: number) => BatchEnd | undefined,
  isTheirs: (end: BatchEnd) => Promise<boolean>,
): Promise<number> {
  let [low, high] = [from, to];
  for (let step = 0; high - low > 1 && step < SEARCH_STEPS_MAX; step++) {
    const middle = low + Math.ceil((high - low) / 2);
    const end = firstEndFrom(middle);
    if (end === undefined || end.position >= high) high = middle;
    else if (await isTheirs(end)) low = end.position;
    else high = end.position;
  }
  return low;
}

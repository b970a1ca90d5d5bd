/**
 * Counts by bin from the answers of one group (`open-group.ts`), and a check against what is public.
 *
 *   counts lie in 0 … count and add up to it; so do weighted sums and products to Σ m²
 *
 * A lie that too few servers stand against to see still has to keep every total.
 */
import type { SharingConfig } from '@vitalshare/edge/sharing';
import type { BinsAnswer } from '../messages/messages.ts';
import type { Claim, OpenedGroup } from './open-group.ts';
import { StatisticError } from './statistics.ts';

export interface OpenedBins extends Claim {
  readonly count: number;
  readonly rows: number;
  readonly patients: number;
  readonly squares: bigint;
  /** A bin, or a cell where cells were asked. */
  readonly sums: readonly bigint[];
  /** Empty where no cells were asked. */
  readonly weighted: readonly bigint[];
  readonly products: readonly bigint[];
}

/** How many answers are needed: one more than the degree of what is opened. */
export const binsNeeded = ({ threshold }: SharingConfig, withCells: boolean): number =>
  (withCells ? 2 * threshold : threshold) + 1;

/** Throws StatisticError `impossible`. */
export function countsOf(opened: OpenedGroup<BinsAnswer>): OpenedBins {
  const { agreed, numbers, checked, servers, named } = opened;
  const { count, rows, patients, squares } = agreed;
  const [sums = [], weighted = [], products = []] = numbers;
  checkTotals({ count, squares, sums, weighted, products });
  return { count, rows, patients, squares, sums, weighted, products, checked, servers, named };
}

type Totals = Pick<OpenedBins, 'count' | 'squares' | 'sums' | 'weighted' | 'products'>;

function checkTotals({ count, squares, sums, weighted, products }: Totals): void {
  const total = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
  const within = (values: readonly bigint[], most: bigint): boolean =>
    values.every((value) => value >= 0n && value <= most);
  // Products off the diagonal stand for two.
  let index = 0;
  const doubled = weighted.flatMap((_, a) =>
    weighted.slice(a).map((__, i) => products[index++]! * (i === 0 ? 1n : 2n)),
  );
  const fits =
    within(sums, BigInt(count)) &&
    total(sums) === BigInt(count) &&
    within([...weighted, ...products], squares) &&
    (weighted.length === 0 || (total(weighted) === squares && total(doubled) === squares));
  if (fits) return;
  throw new StatisticError(
    'impossible',
    "The servers' answers open to counts by bin that do not add up to the readings counted: " +
      'at least one server answered wrongly. No number is given.',
  );
}

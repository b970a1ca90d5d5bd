/**
 * Moments over shares as of a snapshot: count, Σ x_a, Σ x_a·x_b (PROTOCOL.md, /moments).
 *
 * Sums of shares are shares of sums. A product of two shares lies on a polynomial of degree 2t and
 * is not safe to hand out before `answer-moments.ts` has masked it; where 2t > n − 1 the products
 * come from product columns, of degree t [SHARE-10].
 *
 * The work goes in pieces, a stay's chunks of one block of summaries (`moments-piece.ts`). A chunk
 * whose summary holds is added from there, any other is scanned, by the pool where there are enough of
 * them. They are added in order, for `data` digests the cells used in order [PROTO-16].
 */
import type { Columns } from './columns.ts';
import { MomentsTotal } from './moments-total.ts';
import { type Piece, Pieces } from './moments-piece.ts';
import type { Moments, MomentsPlan } from './moments-plan.ts';

export type { MemberSums, Moments, MomentsPlan } from './moments-plan.ts';

/** Pieces looked at ahead of the one that is added: what keeps SCAN_THREADS_MAX workers busy. */
const PIECES_AHEAD = 8;

/** `breathe` lets other work of the process go on. Throws ProblemError `products-across-frames`. */
export async function computeMoments(
  columns: Columns,
  plan: MomentsPlan,
  breathe: () => Promise<void>,
): Promise<Moments> {
  const pieces = new Pieces(columns, plan, breathe);
  const total = new MomentsTotal(plan);
  const ahead: Piece[] = [];
  for (const member of plan.members) {
    for (const piece of pieces.of(member)) {
      ahead.push(piece);
      if (ahead.length > PIECES_AHEAD) await pieces.addTo(total, ahead.shift()!);
    }
  }
  for (const piece of ahead) await pieces.addTo(total, piece);
  return total.finish();
}

/**
 * Who of the servers that answered over the same data is shown to be wrong, and what the answers of
 * the others open to [S6].
 *
 *   count, patients   in clear, so of degree 0; each sum of degree t; each product of degree 2t,
 *                     or t where products are columns                                  [PROTO-17]
 *   named             some moment shows it: deg + 1 + t others agree on one polynomial [SHARE-17]
 *   rest              everybody but the named; each moment is opened from their answers alone
 *
 * **A server named in one moment is left out of all.** It has signed one wrong number, so nothing
 * else of it is believed, and a moment in which the answers only disagree may open without it. Every
 * moment is first judged over all answers, and only then are the named left out: a group that agrees
 * among the rest agrees among all too, so no order of the moments names more, or fewer.
 *
 * **The rest is held to the same deg + 1 + t.** With e named and at most t liars in all, deg + 1 +
 * (t − e) would do. But e of the t would then be charged to servers that may merely be broken, while
 * "verified" promises that no t of the servers it came from could have changed it. So the bound stays,
 * and a claim can only be weaker for the ones left out: at (4, 1), with a liar caught in a sum, a
 * product from the other three is unchecked.
 *
 * **No lie of at most t servers names an honest one**, however coordinated: each naming by itself
 * rests on deg + 1 honest servers among those that agree, and a union of sound names is sound.
 */
import { toSigned } from '@vitalshare/edge/field';
import { type Opened, openAnswer, OpeningError } from '@vitalshare/edge/sharing/open';
import type { SharingConfig } from '@vitalshare/edge/sharing';
import type { MomentsAnswer } from '../messages/messages.ts';

export interface Verdict {
  /** Shown to be wrong, rising. */
  readonly named: readonly number[];
  /** The answers of the others, as they came. */
  readonly rest: readonly MomentsAnswer[];
  /** Count and patients; undefined where not t + 1 of the rest agree on them. */
  readonly counted: { readonly count: number; readonly patients: number } | undefined;
  readonly sums: readonly Outcome[];
  readonly products: readonly Outcome[];
}

/** One moment of the rest. */
export type Outcome = Opened | OpeningError;

/** Degree of the polynomial a product's partials lie on. */
export const productDegree = ({ servers, threshold }: SharingConfig): number =>
  2 * threshold > servers - 1 ? threshold : 2 * threshold;

/** `answers` over one `data`, each of the form the question asks for. */
export function judge(config: SharingConfig, answers: readonly MomentsAnswer[]): Verdict {
  const named = new Set<number>();
  for (;;) {
    const rest = answers.filter(({ server }) => !named.has(server));
    const before = named.size;
    const counted = countedBy(config, rest, named);
    const open = (degree: number, values: (answer: MomentsAnswer) => readonly bigint[]) =>
      (rest[0] ? values(rest[0]) : []).map((_, i) => {
        const words = rest.map((each) => ({ server: each.server, value: values(each)[i]! }));
        const outcome = opened(config, degree, words);
        if (!(outcome instanceof OpeningError)) outcome.named.forEach((each) => named.add(each));
        return outcome;
      });
    const sums = open(config.threshold, (each) => each.sums);
    const products = open(productDegree(config), (each) => each.products);
    if (named.size > before) continue;
    return { named: [...named].sort((a, b) => a - b), rest, counted, sums, products };
  }
}

/** The (count, patients) on which more than t agree; names those that say another. */
function countedBy(
  { threshold }: SharingConfig,
  rest: readonly MomentsAnswer[],
  named: Set<number>,
): Verdict['counted'] {
  const votes = new Map<string, MomentsAnswer[]>();
  for (const answer of rest) {
    const key = `${answer.count} ${answer.patients}`;
    votes.set(key, [...(votes.get(key) ?? []), answer]);
  }
  const [winner, second] = [...votes.values()].filter((group) => group.length > threshold);
  // Two groups with an honest server each: honest ones would differ over the same data.
  if (winner === undefined || second !== undefined) return undefined;
  for (const answer of rest) if (!winner.includes(answer)) named.add(answer.server);
  const { count, patients } = winner[0]!;
  return { count, patients };
}

function opened(
  config: SharingConfig,
  degree: number,
  words: Parameters<typeof openAnswer>[2],
): Outcome {
  try {
    return openAnswer(config, degree, words);
  } catch (error) {
    if (error instanceof OpeningError) return error;
    throw error;
  }
}

/** The moment's number. Throws where there is none. */
export function numberOf(outcome: Outcome): bigint {
  if (outcome instanceof OpeningError) throw outcome;
  return toSigned(outcome.value);
}

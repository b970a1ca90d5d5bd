/**
 * Who of the servers that answered over the same data is shown to be wrong, and what the answers of
 * the others open to [S6].
 *
 *   clear    what `data` commits to (counts, patients, weights): more than t say the same
 *   shares   each on a polynomial of its degree, t for a sum and 2t for a product, or t where products
 *            are columns                                                               [PROTO-17]
 *   named    it says something else in clear, or some share shows it: deg + 1 + t others agree on one
 *            polynomial                                                                [SHARE-17]
 *   rest     everybody but the named; each share is opened from their answers alone
 *
 * **A server named in one number is left out of all.** It has signed one wrong number, so nothing
 * else of it is believed, and a number in which the answers only disagree may open without it. Every
 * number is first judged over all answers, and only then are the named left out: a group that agrees
 * among the rest agrees among all too, so no order of the numbers names more, or fewer.
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
import { type Opened, openAnswer, OpeningError } from '@vitalshare/edge/sharing/open';
import type { SharingConfig } from '@vitalshare/edge/sharing';

/** What of an answer is judged. */
export interface Form<Answer> {
  /** Everything in clear that follows from `data`, as one text. */
  readonly clear: (answer: Answer) => string;
  /** Its lists of shares, each as long in every answer. */
  readonly shares: readonly {
    readonly degree: number;
    readonly of: (answer: Answer) => readonly bigint[];
  }[];
}

export interface Verdict<Answer> {
  /** Shown to be wrong, rising. */
  readonly named: readonly number[];
  /** The answers of the others, as they came. */
  readonly rest: readonly Answer[];
  /** One of those that say the same in clear; undefined where not t + 1 of the rest do. */
  readonly agreed: Answer | undefined;
  /** Of the rest, list by list. */
  readonly outcomes: readonly (readonly Outcome[])[];
}

/** One number of the rest. */
export type Outcome = Opened | OpeningError;

/** `answers` over one `data`, each of the form the question asks for. */
export function judge<Answer extends { readonly server: number }>(
  config: SharingConfig,
  { clear, shares }: Form<Answer>,
  answers: readonly Answer[],
): Verdict<Answer> {
  const named = new Set<number>();
  for (;;) {
    const rest = answers.filter(({ server }) => !named.has(server));
    const before = named.size;
    const agreed = agreedOn(config, clear, rest, named);
    const outcomes = shares.map(({ degree, of }) =>
      (rest[0] ? of(rest[0]) : []).map((_, i) => {
        const words = rest.map((each) => ({ server: each.server, value: of(each)[i]! }));
        const outcome = opened(config, degree, words);
        if (!(outcome instanceof OpeningError)) outcome.named.forEach((each) => named.add(each));
        return outcome;
      }),
    );
    if (named.size > before) continue;
    return { named: [...named].sort((a, b) => a - b), rest, agreed, outcomes };
  }
}

/** What more than t say in clear; names those that say something else. */
function agreedOn<Answer extends { readonly server: number }>(
  { threshold }: SharingConfig,
  clear: (answer: Answer) => string,
  rest: readonly Answer[],
  named: Set<number>,
): Answer | undefined {
  const votes = new Map<string, Answer[]>();
  for (const answer of rest) {
    const key = clear(answer);
    votes.set(key, [...(votes.get(key) ?? []), answer]);
  }
  const [winner, second] = [...votes.values()].filter((group) => group.length > threshold);
  // Two groups with an honest server each: honest ones would differ over the same data.
  if (winner === undefined || second !== undefined) return undefined;
  for (const answer of rest) if (!winner.includes(answer)) named.add(answer.server);
  return winner[0];
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

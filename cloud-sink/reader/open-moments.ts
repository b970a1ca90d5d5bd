/**
 * From the servers' partials to opened moments, and what may be claimed of them [S6].
 *
 *   group   answers over the same data                                              [PROTO-16]
 *   judge   who is shown to be wrong, and what the others open to (`judge.ts`)      [PROTO-17]
 *   claim   the weakest claim among the moments that were used
 *
 * Only one group can have more than t members where at most t lie: all honest servers are in it. A
 * server outside is reported, not named, for it may have been told another log. One inside that
 * counts other rows or patients is named, for `data` commits to both.
 */
import { type Checked, OpeningError } from '@vitalshare/edge/sharing/open';
import type { SharingConfig } from '@vitalshare/edge/sharing';
import type { MomentsAnswer } from '../messages/messages.ts';
import { listed, ReaderError, serverList } from './errors.ts';
import { judge, numberOf, productDegree, type Verdict } from './judge.ts';
import { ServerFault } from './request.ts';
import type { Moments } from './statistics.ts';

export { productDegree } from './judge.ts';

export interface OpenedMoments {
  readonly moments: Moments;
  readonly patients: number;
  readonly checked: Checked;
  /** Whose answers were combined, rising. */
  readonly servers: readonly number[];
  /** Whose answers are shown to be wrong, rising. */
  readonly named: readonly number[];
}

/** How many answers the moments of a degree need. */
export function serversNeeded(config: SharingConfig, degree: 0 | 1 | 2): number {
  return (degree === 2 ? productDegree(config) : config.threshold) + 1;
}

/**
 * The answers over one and the same data, and the others as faults. Throws ReaderError `disagree`
 * where no group has `needed` answers, or where two are so large that each has an honest member.
 */
export function groupAnswers<Answer extends Pick<MomentsAnswer, 'server' | 'data'>>(
  config: SharingConfig,
  needed: number,
  answers: readonly Answer[],
): { readonly group: readonly Answer[]; readonly apart: readonly ServerFault[] } {
  const groups = new Map<string, Answer[]>();
  for (const answer of answers) {
    groups.set(answer.data, [...(groups.get(answer.data) ?? []), answer]);
  }
  const [group = [], second = []] = [...groups.values()].sort((a, b) => b.length - a.length);
  if (group.length < needed || second.length > config.threshold) {
    const parts = [...groups.values()].map((each) => serverList(each.map(({ server }) => server)));
    throw new ReaderError(
      'disagree',
      `The servers answered over different data: ${listed(parts)} do not match. At least one of ` +
        'them is wrong or has lost part of the log. No number is given; ' +
        `${Math.max(needed, config.threshold + 1)} that match are needed.`,
      answers.map(({ server }) => server),
    );
  }
  const apart = answers
    .filter((answer) => !group.includes(answer))
    .map(
      ({ server }) =>
        new ServerFault(server, 'differs', 'it answered over other data than the others'),
    );
  return { group, apart };
}

/**
 * Opens one group's moments. Throws ReaderError `too-few` or `disagree`, with whom it names all the
 * same.
 */
export function openMoments(
  config: SharingConfig,
  degree: 0 | 1 | 2,
  group: readonly MomentsAnswer[],
): OpenedMoments {
  const verdict = judge(config, group);
  const { counted, named, rest, sums, products } = verdict;
  const outcomes = [...(degree > 0 ? sums : []), ...(degree > 1 ? products : [])];
  const claims = outcomes.flatMap((each) => (each instanceof OpeningError ? [] : each.checked));
  const needed = serversNeeded(config, degree);
  if (rest.length < needed) throw tooFewLeft(verdict, needed);
  if (counted === undefined || claims.length < outcomes.length) {
    throw disagreement(config, needed, verdict);
  }
  return {
    moments: {
      count: counted.count,
      sums: degree > 0 ? sums.map(numberOf) : [],
      products: degree > 1 ? products.map(numberOf) : [],
    },
    patients: counted.patients,
    checked: weakest(claims),
    servers: rest.map(({ server }) => server),
    named,
  };
}

function tooFewLeft({ named, rest }: Verdict, needed: number): ReaderError {
  const left = rest.map(({ server }) => server);
  const who = named.length === 0 ? '' : `${serverList(named)} answered wrongly. `;
  const got = left.length === 0 ? 'none is left' : `only ${serverList(left)} answered alike`;
  return new ReaderError('too-few', `${who}${needed} servers are needed; ${got}.`, left, named);
}

function disagreement(config: SharingConfig, needed: number, { named, rest }: Verdict) {
  const left = rest.map(({ server }) => server);
  const out = named.length === 0 ? '' : `, though ${serverList(named)} was left out`;
  const full = needed + 2 * config.threshold;
  const cure =
    full > config.servers
      ? `a world of at least ${full} data servers shows it`
      : `answers of ${full} show it`;
  return new ReaderError(
    'disagree',
    `The answers of ${serverList(left)} do not fit together${out}: at least one of them is wrong, ` +
      `and so few answers cannot show which; ${cure}. No number is given.`,
    left,
    named,
  );
}

/** An empty list is a count alone, on which t + 1 servers agree. */
const weakest = (claims: readonly Checked[]): Checked =>
  claims.includes('unchecked') ? 'unchecked' : claims.includes('partly') ? 'partly' : 'verified';

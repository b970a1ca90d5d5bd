/**
 * From the servers' partials to opened numbers, and what may be claimed of them [S6].
 *
 *   group   answers over the same data                                    [PROTO-16] [PROTO-38]
 *   judge   who is shown to be wrong, and what the others open to (`judge.ts`)
 *   claim   the weakest claim among the numbers that were opened
 *
 * Only one group can have more than t members where at most t lie: all honest servers are in it. A
 * server outside is reported, not named, for it may have been told another log. One inside that
 * counts other rows or patients, or weighs them otherwise, is named, for `data` commits to all of it.
 */
import { toSigned } from '@vitalshare/edge/field';
import { type Checked, type Opened, OpeningError } from '@vitalshare/edge/sharing/open';
import type { SharingConfig } from '@vitalshare/edge/sharing';
import { listed, ReaderError, serverList } from './errors.ts';
import { type Form, judge, type Verdict } from './judge.ts';
import { ServerFault } from './request.ts';

/** Whose answers a number came of, and what may be claimed of it. */
export interface Claim {
  readonly checked: Checked;
  /** Whose answers were combined, rising. */
  readonly servers: readonly number[];
  /** Whose answers are shown to be wrong, rising. */
  readonly named: readonly number[];
}

export interface OpenedGroup<Answer> extends Claim {
  /** For what it says in clear. */
  readonly agreed: Answer;
  /** By list of shares, in the order of the form. */
  readonly numbers: readonly (readonly bigint[])[];
}

/**
 * The answers over one and the same data, and the others as faults. Throws ReaderError `disagree`
 * where no group has `needed` answers, or where two are so large that each has an honest member.
 */
export function groupAnswers<Answer extends { readonly server: number; readonly data: string }>(
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

/** Throws ReaderError `too-few` or `disagree`, with whom it names all the same. */
export function openGroup<Answer extends { readonly server: number }>(
  config: SharingConfig,
  form: Form<Answer>,
  needed: number,
  group: readonly Answer[],
): OpenedGroup<Answer> {
  const verdict = judge(config, form, group);
  const { agreed, named, rest, outcomes } = verdict;
  if (rest.length < needed) throw tooFewLeft(verdict, needed);
  const opened = outcomes.map((list) => list.filter(isOpened));
  const isWhole = opened.every((list, i) => list.length === outcomes[i]!.length);
  if (agreed === undefined || !isWhole) throw disagreement(config, needed, verdict);
  return {
    agreed,
    numbers: opened.map((list) => list.map(({ value }) => toSigned(value))),
    checked: weakest(opened.flat().map(({ checked }) => checked)),
    servers: rest.map(({ server }) => server),
    named,
  };
}

const isOpened = (outcome: Opened | OpeningError): outcome is Opened =>
  !(outcome instanceof OpeningError);

type Sided = Pick<Verdict<{ readonly server: number }>, 'named' | 'rest'>;

function tooFewLeft({ named, rest }: Sided, needed: number): ReaderError {
  const left = rest.map(({ server }) => server);
  const who = named.length === 0 ? '' : `${serverList(named)} answered wrongly. `;
  const got = left.length === 0 ? 'none is left' : `only ${serverList(left)} answered alike`;
  return new ReaderError('too-few', `${who}${needed} servers are needed; ${got}.`, left, named);
}

function disagreement(config: SharingConfig, needed: number, { named, rest }: Sided): ReaderError {
  const left = rest.map(({ server }) => server);
  const out = named.length === 0 ? '' : `, though ${serverList(named)} was left out`;
  const { threshold, servers } = config;
  // [SHARE-17] `threshold` wrong answers among so many would have been found.
  const full = needed + 2 * threshold;
  const why =
    left.length >= full
      ? `at least ${threshold + 1} of them are wrong, more than the ${threshold} that this world ` +
        'withstands. Stop the servers that `vitalshare audit` or their administrators find at fault and ask again'
      : 'at least one of them is wrong, and so few answers cannot show which; ' +
        (full > servers
          ? `a world of at least ${full} data servers shows it`
          : `answers of ${full} show it`);
  return new ReaderError(
    'disagree',
    `The answers of ${serverList(left)} do not fit together${out}: ${why}. No number is given.`,
    left,
    named,
  );
}

/** The weakest of several claims. An empty list is a count alone, on which t + 1 servers agree. */
export const weakest = (claims: readonly Checked[]): Checked =>
  claims.includes('unchecked') ? 'unchecked' : claims.includes('partly') ? 'partly' : 'verified';

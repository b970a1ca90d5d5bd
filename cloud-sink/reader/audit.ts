/**
 * Do the shares that the servers keep fit together? Asked without opening any [S9] [S20].
 *
 *   commit      every server commits to the shares it has of the question          [PROTO-26]
 *   challenge   all commitments to every server, two masked combinations back      [PROTO-27]
 *   check       each combination of all servers on one polynomial of degree t      [SHARE-17]
 *
 * What opens is a random number nobody knows and is thrown away. A wrong share shows but once in p²,
 * and is told as the architecture's table for sums tells a lie: named at 2t + 1 that agree, detected
 * with fewer, and not seen by t + 1 alone.
 */
import { type Checked, openAnswer, OpeningError } from '@vitalshare/edge/sharing/open';
import {
  type AuditAnswer,
  type AuditQuery,
  COMBINATIONS,
  parseAuditAnswer,
  type Snapshot,
} from '../messages/messages.ts';
import { canonicalDigest } from '../messages/canonical.ts';
import { toBase64Url } from '@vitalshare/edge/seal';
import { type Answered, askAll, type AskOptions, faultLines, tooFew, without } from './ask.ts';
import { bytesOf } from './catalogue.ts';
import { ReaderError } from './errors.ts';
import { groupAnswers } from './open-group.ts';
import type { ReaderParty } from './party.ts';
import { cohortOf, type CohortQuestion } from './plan.ts';
import { askServer, checkConfiguration, parsedFrom, ServerFault } from './request.ts';
import { takeSnapshot } from './snapshot.ts';
import { askingOf, type StatisticOptions } from './session.ts';
import { platform, type Surroundings } from './surroundings.ts';

/** The members of the JSON a command prints, in its order. */
export interface AuditResult {
  readonly vitals: readonly string[];
  /** Shares that every server has been asked about. */
  readonly count: number;
  /** Whose shares were compared, rising. */
  readonly servers: readonly number[];
  /** Of those that fit; `detected` where they do not and nobody can be named. */
  readonly verdict: Checked | 'detected';
  /** Whose shares are shown to be wrong, rising. */
  readonly named: readonly number[];
  readonly asOf: Snapshot;
}

export interface AuditAnswered {
  readonly result: AuditResult;
  /** Servers that failed, or hold other cells. A sentence each. */
  readonly notes: readonly string[];
}

/** Throws ReaderError where too few answered for a wrong share to show. */
export async function askAudit(
  party: ReaderParty,
  question: CohortQuestion,
  options: StatisticOptions = {},
): Promise<AuditAnswered> {
  const { world = platform, signal, waitMs } = options;
  const config = party.configuration;
  const needed = config.threshold + 2;
  if (needed > config.servers) {
    throw new ReaderError(
      'too-few',
      `An audit compares the shares of ${needed} servers; this world has ${config.servers}, and any ` +
        `${config.servers} shares fit together.`,
    );
  }
  const what = 'an audit';
  const snapshot = await takeSnapshot(party, world, { needed, what, waitMs, signal });
  const asking = askingOf(needed, options);
  const faults = [...snapshot.faults];
  const step = async (query: AuditQuery, combinations: number) => {
    const present = { ...asking, servers: without(party, faults) };
    const { answers, faults: failed } = await ask(party, world, query, combinations, present);
    faults.push(...failed);
    const answered = answers.map(({ server }) => server);
    if (answered.length < needed) throw tooFew(party, what, needed, answered, faults);
    const all = answers.map(({ answer }) => answer);
    const { group, apart } = groupAnswers(config, needed, all);
    faults.push(...apart);
    return group;
  };
  const query = queryOf(question, snapshot.asOf);
  const committed = await step(query, 0);
  const commitments = Object.fromEntries(
    committed.map(({ server, commitment }) => [String(server), commitment]),
  );
  const group = await step({ ...query, commitments }, COMBINATIONS);
  const notes = snapshot.note === undefined ? [] : [snapshot.note];
  return {
    result: {
      vitals: query.vitals,
      count: group[0]!.count,
      servers: group.map(({ server }) => server),
      ...verdictOf(config, group),
      asOf: snapshot.asOf,
    },
    notes: [
      ...notes,
      ...faultLines(
        party,
        faults.sort((a, b) => a.server - b.server),
      ),
    ],
  };
}

const queryOf = (question: CohortQuestion, asOf: Snapshot): AuditQuery => ({
  version: 1,
  asOf,
  vitals: question.vitals.map(({ name }) => name),
  ...cohortOf(question),
});

function ask(
  party: ReaderParty,
  world: Surroundings,
  query: AuditQuery,
  combinations: number,
  asking: AskOptions,
): Promise<Answered<AuditAnswer>> {
  const body = bytesOf(query);
  const digest = toBase64Url(canonicalDigest(query));
  return askAll(party, world, asking, async (server, signal) => {
    const bytes = await askServer(party, server, '/audit', body, world, signal);
    const answer = parsedFrom(server, bytes, parseAuditAnswer);
    checkConfiguration(party, server, answer);
    const own = query.commitments?.[server];
    const fits =
      answer.server === server &&
      answer.query === digest &&
      answer.combinations.length === combinations &&
      (own === undefined || own === answer.commitment);
    if (!fits) throw new ServerFault(server, 'malformed', 'it answered another question');
    return answer;
  });
}

/** A share wrong in one combination is wrong: who is named in either is named. */
function verdictOf(
  config: ReaderParty['configuration'],
  group: readonly AuditAnswer[],
): Pick<AuditResult, 'verdict' | 'named'> {
  const named = new Set<number>();
  let verdict: AuditResult['verdict'] = 'verified';
  for (let e = 0; e < COMBINATIONS; e++) {
    const words = group.map(({ server, combinations }) => ({ server, value: combinations[e]! }));
    try {
      const opened = openAnswer(config, config.threshold, words);
      for (const server of opened.named) named.add(server);
      if (opened.checked !== 'verified' && verdict === 'verified') verdict = opened.checked;
    } catch (error) {
      if (!(error instanceof OpeningError)) throw error;
      verdict = 'detected';
    }
  }
  return { verdict, named: [...named].sort((a, b) => a - b) };
}

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
import { type Checked, OpeningError } from '@vitalshare/edge/sharing/open';
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
import { judge } from './judge.ts';
import { groupAnswers, weakest } from './open-group.ts';
import type { ReaderParty } from './party.ts';
import { cohortOf, type CohortQuestion } from './plan.ts';
import { askServer, checkConfiguration, parsedFrom, ServerFault } from './request.ts';
import { takeSnapshot } from './snapshot.ts';
import { askingOf, type StatisticOptions } from './session.ts';
import { platform, type Surroundings } from './surroundings.ts';

/** The members of the JSON a command prints, in its order. */
export interface AuditResult {
  readonly vitals: readonly string[];
  /** Shares that every server has been asked about, as more than t tell. */
  readonly count: number;
  /** Whose shares were compared, rising. */
  readonly servers: readonly number[];
  /** Of the shares of all but the named, where they fit; `detected` where they do not and nobody can be named. */
  readonly verdict: Checked | 'detected';
  /** Whose shares, or count of them, are shown to be wrong, rising. */
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
  const judged = judgedOf(config, group);
  const notes = snapshot.note === undefined ? [] : [snapshot.note];
  return {
    result: {
      vitals: query.vitals,
      ...judged,
      servers: group.map(({ server }) => server),
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

/**
 * A share wrong in one combination is wrong, and so is a count that t + 1 others do not have: `data`
 * commits to it. Who is named in any is named, and left out of the verdict. Throws ReaderError
 * `disagree` where no count has t + 1 servers.
 */
function judgedOf(
  config: ReaderParty['configuration'],
  group: readonly AuditAnswer[],
): Pick<AuditResult, 'count' | 'verdict' | 'named'> {
  const form = {
    clear: ({ count }: AuditAnswer) => String(count),
    shares: [
      { degree: config.threshold, of: ({ combinations }: AuditAnswer) => combinations },
    ] as const,
  };
  const { named, agreed, outcomes } = judge(config, form, group);
  if (agreed === undefined) {
    throw new ReaderError(
      'disagree',
      `The servers counted other shares over the same data: no count is told by ` +
        `${config.threshold + 1} of them alone.`,
      group.map(({ server }) => server),
      named,
    );
  }
  const words = outcomes.flat();
  const opened = words.flatMap((word) => (word instanceof OpeningError ? [] : word.checked));
  const verdict = opened.length < words.length ? 'detected' : weakest(opened);
  return { count: agreed.count, verdict, named };
}

/**
 * One question to every server that is there, and its answers opened: what all statistics share.
 *
 *   the same bytes to each → group by data → judge, open, claim        [PROTO-16] [PROTO-38] [S6]
 *
 * Who is shown to have answered wrongly is shown to everybody: the evidence goes into the session,
 * whether or not a number comes of the question.
 */
import { type Answered, askAll, faultLines, gone, tooFew, without } from './ask.ts';
import { bytesOf } from './catalogue.ts';
import { ReaderError } from './errors.ts';
import { makeEvidence } from './evidence.ts';
import { groupAnswers, openGroup, type OpenedGroup } from './open-group.ts';
import { type ReaderParty, serverName } from './party.ts';
import type { QuestionKind, SnapshotAnswer } from './question-kind.ts';
import {
  askProven,
  checkConfiguration,
  parsedFrom,
  type ProvenAnswer,
  ServerFault,
} from './request.ts';
import type { Session } from './session.ts';

/** `notes` has a sentence for each server that failed, differs or was caught. */
export type Asked<Answer> = OpenedGroup<Answer> & { readonly notes: readonly string[] };

/** `what` needs the answers of `needed` servers. Throws ReaderError. */
export async function askGroup<Query extends object, Answer extends SnapshotAnswer>(
  session: Session,
  kind: QuestionKind<Query, Answer>,
  query: Query,
  what: string,
  needed: number,
): Promise<Asked<Answer>> {
  const { party, missing } = session;
  const config = party.configuration;
  const body = bytesOf(query);
  const proofs = new Map<number, ProvenAnswer>();
  const { answers, faults: failed } = await askEach(session, kind, query, body, needed, proofs);
  const faults = [...missing, ...failed].sort((a, b) => a.server - b.server);
  missing.push(...gone(failed));
  const answered = answers.map(({ server }) => server);
  if (answered.length < needed) throw tooFew(party, what, needed, answered, faults);
  const { group, apart } = groupAnswers(
    config,
    needed,
    answers.map(({ answer }) => answer),
  );
  const accuse = (named: readonly number[]): void => {
    if (named.length === 0) return;
    const proven = new Map(group.map(({ server }) => [server, proofs.get(server)!]));
    session.evidence.push(makeEvidence(party.configDigest, kind.path, body, named, proven));
  };
  try {
    const opened = openGroup(config, kind.form(config), needed, group);
    accuse(opened.named);
    const notes = new Set([
      ...session.notes,
      ...faultLines(party, [...faults, ...apart]),
      ...opened.named.map((server) => caughtLine(party, server)),
    ]);
    return { ...opened, notes: [...notes] };
  } catch (error) {
    // A question without an answer can have shown a liar all the same.
    if (error instanceof ReaderError) accuse(error.named);
    throw error;
  }
}

export const caughtLine = (party: ReaderParty, server: number): string =>
  `${serverName(party, server)}: it answered wrongly and was left out`;

/** The same bytes to every server; an answer to anything else is its server's fault. */
function askEach<Query extends object, Answer extends SnapshotAnswer>(
  { party, world, missing, asking }: Session,
  kind: QuestionKind<Query, Answer>,
  query: Query,
  body: Uint8Array<ArrayBuffer>,
  enough: number,
  proofs: Map<number, ProvenAnswer>,
): Promise<Answered<Answer>> {
  const present = { ...asking, enough, servers: without(party, missing) };
  return askAll(party, world, present, async (server, signal) => {
    const proof = await askProven(party, server, kind.path, body, world, signal);
    const answer = parsedFrom(server, proof.body, kind.parseAnswer);
    checkConfiguration(party, server, answer);
    if (!kind.answers(answer, server, query)) {
      throw new ServerFault(server, 'malformed', 'it answered another question');
    }
    proofs.set(server, proof);
    return answer;
  });
}

/**
 * Counts by bin from the servers: /bins asked once, or once a group of patients, in a session.
 *
 * Counts cannot wrap: they are at most the rows there are, and servers bound the products [PROTO-39].
 */
import type { Vital } from '@vitalshare/edge/vital';
import type { BinsQuery, Snapshot } from '../messages/messages.ts';
import { askGroup } from './ask-group.ts';
import { BINS } from './bins-question.ts';
import { binsNeeded, countsOf, type OpenedBins } from './open-bins.ts';
import { cohortOf, type CohortQuestion, refuseUnknown } from './plan.ts';
import type { ReaderParty } from './party.ts';
import { openSession, type Session, type StatisticOptions } from './session.ts';

/** `from` and `to` are multiples of 300. */
export interface BinsQuestion extends Omit<CohortQuestion, 'vitals'> {
  readonly vital: Vital;
}

export interface AskedBins extends OpenedBins {
  /** Servers that failed or were caught, a sentence each. */
  readonly notes: readonly string[];
}

/** Throws ReaderError. `needed` answers will be needed. */
export async function openBinsSession(
  party: ReaderParty,
  question: BinsQuestion,
  what: string,
  needed: number,
  options: StatisticOptions,
): Promise<Session> {
  const session = await openSession(party, what, needed, options);
  refuseUnknown({ ...question, vitals: [question.vital] }, session.catalogues);
  return session;
}

/** Throws ReaderError where there is no answer, StatisticError where it cannot be one. */
export async function askBins(
  session: Session,
  question: BinsQuestion,
  what: string,
  cells?: readonly number[],
): Promise<AskedBins> {
  const needed = binsNeeded(session.party.configuration, cells !== undefined);
  const query = queryOf(question, session.asOf, cells);
  const asked = await askGroup(session, BINS, query, what, needed);
  return { ...countsOf(asked), notes: asked.notes };
}

const queryOf = (
  question: BinsQuestion,
  asOf: Snapshot,
  cells: readonly number[] | undefined,
): BinsQuery => ({
  ...{ version: 1, asOf, vital: question.vital.name },
  ...cohortOf(question),
  ...(cells === undefined ? {} : { cells }),
});

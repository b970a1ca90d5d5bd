/**
 * Several questions at one moment: a snapshot, what the servers' catalogues say of it, and whether a
 * question may be asked at all.
 */
import type { Catalogue, Snapshot } from '../messages/messages.ts';
import { type AskOptions, faultLines, gone, tooFew, without } from './ask.ts';
import { askCatalogues } from './catalogue.ts';
import { checkGroups } from './compare.ts';
import { ReaderError } from './errors.ts';
import type { Evidence } from './evidence.ts';
import type { ReaderParty } from './party.ts';
import {
  type CohortQuestion,
  patientRowsBound,
  refusePatientsWrap,
  refuseUnknown,
  refuseWrap,
  rowsBound,
  sharesPatients,
  unknownLabel,
  valuesOfLabel,
} from './plan.ts';
import { analysisUnit, degreeOf, type StatisticQuestion } from './question.ts';
import type { ServerFault } from './request.ts';
import { takeSnapshot } from './snapshot.ts';
import { statisticRow } from './statistic-table.ts';
import { StatisticError } from './statistics.ts';
import { platform, type Surroundings } from './surroundings.ts';

export interface StatisticOptions {
  readonly world?: Surroundings;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly graceMs?: number;
  /** How long the servers may take to reach the newest position of the log. */
  readonly waitMs?: number;
  /** Told of each step of long work. */
  readonly progress?: Progress;
}

/** How far the work is: so many of so many, and of what (`products decrypted`). */
export type Progress = (done: number, total: number, what: string) => void;

/** One snapshot and what the servers' catalogues say of it: as many questions as one likes. */
export interface Session {
  readonly party: ReaderParty;
  readonly world: Surroundings;
  readonly asOf: Snapshot;
  /** What every answer says besides: a late snapshot, catalogues that could not be had. */
  readonly notes: readonly string[];
  /** Faults of servers that are gone: they are not asked further. Grows with the questions. */
  readonly missing: ServerFault[];
  readonly catalogues: readonly Catalogue[];
  readonly asking: AskOptions;
  /** Against servers shown to have answered wrongly. Grows with the questions. */
  readonly evidence: Evidence[];
  readonly progress: Progress;
}

/** `needed` servers must have reached the snapshot, for `what` to be asked. Throws ReaderError. */
export async function openSession(
  party: ReaderParty,
  what: string,
  needed: number,
  options: StatisticOptions,
): Promise<Session> {
  const { world = platform, signal, waitMs, progress = () => undefined } = options;
  const snapshot = await takeSnapshot(party, world, { needed, what, waitMs, signal });
  const asking = askingOf(needed, options);
  const { asOf, note } = snapshot;
  const present = { ...asking, servers: without(party, snapshot.faults) };
  const { answers, faults } = await askCatalogues(party, world, asOf, present);
  const answered = answers.map(({ server }) => server);
  if (answered.length < party.configuration.threshold + 1) {
    throw tooFew(party, what, needed, answered, [...snapshot.faults, ...faults]);
  }
  const catalogues = answers.map(({ answer }) => answer);
  const away = gone(faults);
  const notes = [
    ...(note === undefined ? [] : [note]),
    ...faultLines(
      party,
      faults.filter((fault) => !away.includes(fault)),
    ),
  ];
  const missing = [...snapshot.faults, ...away];
  return { party, world, asOf, notes, missing, catalogues, asking, evidence: [], progress };
}

/**
 * Where groups or windows are taken from the catalogues and fewer than 2t + 1 answered: t of them that
 * leave a group out keep it below the t + 1 that must tell it. Empty where they cannot.
 */
export function hiddenNote({ party, catalogues }: Session): readonly string[] {
  const { servers, threshold } = party.configuration;
  const { length } = catalogues;
  if (length >= 2 * threshold + 1) return [];
  const who = length < servers ? `only ${length} of ${servers}` : `no more than ${servers}`;
  const hide = threshold === 1 ? 'one of them hides' : `${threshold} of them hide`;
  return [`${who} catalogues answered: a group that ${hide} would be missing`];
}

/** How the servers are asked, of whom `enough` are needed. */
export const askingOf = (
  enough: number,
  { signal, timeoutMs, graceMs }: StatisticOptions,
): AskOptions => ({
  enough,
  signal,
  ...(timeoutMs === undefined ? {} : { timeoutMs }),
  ...(graceMs === undefined ? {} : { graceMs }),
});

/** An error that ends the session carries what the session found against servers. */
export async function keepEvidence<T>(session: Session, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ReaderError || error instanceof StatisticError) {
      error.evidence = session.evidence;
    }
    throw error;
  }
}

/** [PROTO-15] [S19] Before anything is asked. The (t + 1)-th largest bound is some honest server's. */
export function checkPlan(session: Session, question: StatisticQuestion): void {
  const { catalogues, party } = session;
  const { threshold } = party.configuration;
  for (const part of partsOf(session, question)) {
    refuseUnknown(part, catalogues);
    if (analysisUnit(question) === 'patient') {
      const bounds = catalogues.map((each) => patientRowsBound(part, each));
      const most = (rows: readonly number[]): number => rows.reduce((a, b) => Math.max(a, b), 0);
      bounds.sort((a, b) => most(b) ** 2 * b.length - most(a) ** 2 * a.length);
      refusePatientsWrap(question.vitals, bounds[threshold] ?? []);
    } else {
      refuseWrap(question.vitals, degreeOf(party, question), rowsAtMost(session, part));
    }
  }
}

/** Rows a cohort can have at most, as some honest server's catalogue tells. */
export function rowsAtMost({ catalogues, party }: Session, part: CohortQuestion): number {
  const bounds = catalogues.map((each) => rowsBound(part, each)).sort((a, b) => b - a);
  return bounds[party.configuration.threshold] ?? 0;
}

/** The cohorts a question is asked of: its own, or one a group of a comparison. */
export function partsOf(session: Session, question: StatisticQuestion): StatisticQuestion[] {
  const { statistic, by, groups, where } = question;
  const { compares } = statisticRow(statistic);
  if (compares === undefined) return [question];
  if (by === undefined) throw new RangeError(`${statistic}: expected a label to compare by`);
  const labels = groups ?? labelValues(session, question, by);
  checkGroups(statistic, by, labels, compares);
  refuseSharedPatients(session, question, by, labels);
  return labels.map((label) => ({ ...question, where: { ...where, [by]: label } }));
}

/** The values of a label that t + 1 servers know, among the stays asked about. Throws ReaderError. */
export function labelValues(
  { party, catalogues }: Session,
  question: CohortQuestion,
  by: string,
): string[] {
  const known = catalogues.map((each) => valuesOfLabel(question, each, by));
  const values = [...new Set(known.flat())].sort();
  const told = values.filter(
    (value) => known.filter((own) => own.includes(value)).length > party.configuration.threshold,
  );
  if (told.length === 0) throw unknownLabel(by, catalogues);
  return told;
}

/**
 * Groups of a test must be independent. One patient in two of them is what t + 1 catalogues must tell:
 * up to t may be invented, and would refuse the test to everybody. Throws StatisticError `dependent`.
 */
export function refuseSharedPatients(
  { party, catalogues }: Session,
  question: CohortQuestion,
  by: string,
  values: readonly string[],
): void {
  const told = catalogues.filter((each) => sharesPatients(question, each, by, values));
  if (told.length <= party.configuration.threshold) return;
  throw new StatisticError(
    'dependent',
    `A patient has stays in more than one group of ${by}, so the groups are not independent: ` +
      'name stays that are not, with --stays.',
  );
}

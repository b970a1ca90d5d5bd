/**
 * Does a vital sign's distribution differ between groups of patients? χ² over bins, by a label.
 *
 *   each group's counts ─► bins merged to cells ─► each group's sums over patients ─► `chi-squared.ts`
 *
 * The unit is the patient. Groups must be independent, so a patient whose stays carry two of the
 * label's values is refused by name of the label.
 */
import type { Checked } from '@vitalshare/edge/sharing/open';
import type { Vital } from '@vitalshare/edge/vital';
import { binEdges } from '@vitalshare/edge/vital/bins';
import { CELLS_MAX, PATIENTS_A_CELL } from '../limits.ts';
import type { Snapshot } from '../messages/messages.ts';
import { type AskedBins, askBins, type BinsQuestion, openBinsSession } from './ask-bins.ts';
import { type ChiSquared, chiSquared, mergeBins } from './chi-squared.ts';
import { checkGroups } from './compare.ts';
import { loadDistributions } from './distributions.ts';
import { ReaderError } from './errors.ts';
import { binsNeeded } from './open-bins.ts';
import { weakest } from './open-group.ts';
import type { ReaderParty } from './party.ts';
import {
  hiddenNote,
  keepEvidence,
  labelValues,
  refuseSharedPatients,
  type Session,
  type StatisticOptions,
} from './session.ts';
import { reasonFor, type StatisticAnswer } from './statistic.ts';
import { statisticRow } from './statistic-table.ts';
import { StatisticError } from './statistics.ts';

export interface ComparisonQuestion extends BinsQuestion {
  /** The label whose values make the groups. */
  readonly by: string;
  /** Only these of them. */
  readonly groups?: readonly string[] | undefined;
}

export interface BinsGroup {
  /** Its value of the label. */
  readonly group: string;
  readonly count: number;
  readonly rows: number;
  readonly patients: number;
}

export interface ComparedCell {
  /** In the vital sign's unit. */
  readonly low: number;
  readonly high: number;
  /** Readings, a group each. */
  readonly counts: readonly number[];
}

/** The members of the JSON a command prints, in its order. */
export interface ComparisonResult {
  readonly statistic: 'chi-squared';
  readonly vitals: readonly string[];
  readonly unit: '1';
  readonly by: string;
  readonly count: number;
  readonly rows: number;
  readonly patients: number;
  readonly value: ChiSquared & { readonly p: number };
  readonly groups: readonly BinsGroup[];
  readonly cells: readonly ComparedCell[];
  readonly servers: readonly number[];
  readonly checked: Checked;
  readonly asOf: Snapshot;
}

export type ComparisonAnswer = StatisticAnswer<ComparisonResult>;

/** Throws ReaderError where there is no answer, StatisticError where it is no number. */
export async function askComparison(
  party: ReaderParty,
  question: ComparisonQuestion,
  options: StatisticOptions = {},
): Promise<ComparisonAnswer> {
  const config = party.configuration;
  const needed = binsNeeded(config, true);
  if (needed > config.servers) throw needsServers(needed, config.servers);
  const session = await openBinsSession(party, question, WHAT, needed, options);
  return keepEvidence(session, () => comparisonAt(session, question));
}

const WHAT = 'chi-squared';

async function comparisonAt(
  session: Session,
  question: ComparisonQuestion,
): Promise<ComparisonAnswer> {
  const { vital, by } = question;
  const config = session.party.configuration;
  const names = groupsOf(session, question);
  const questions = names.map((name) => ({
    ...question,
    where: { ...question.where, [by]: name },
  }));
  const counts = await askInTurn(questions, names, (asked) => askBins(session, asked, WHAT));
  const pooled = counts[0]!.sums.map((_, bin) =>
    counts.reduce((sum, { sums }) => sum + sums[bin]!, 0n),
  );
  const least = Math.min(...counts.map(({ patients }) => patients));
  // [PROTO-39] Merging keeps 5 patients a cell by itself.
  const cellsMax = Math.min(CELLS_MAX, least - config.minimumCohort + 1);
  const firsts = mergeBins(pooled, least, cellsMax);
  if (firsts === null) {
    throw noCells(
      names[counts.findIndex((c) => c.patients === least)]!,
      least,
      config.minimumCohort,
      vital,
    );
  }
  const sums = await askInTurn(questions, names, (asked) => askBins(session, asked, WHAT, firsts));

  const found = chiSquared(sums);
  const dists = await loadDistributions();
  const servers = sums
    .map((group) => group.servers)
    .reduce((both, some) => both.filter((server) => some.includes(server)));
  const asked = [...counts, ...sums];
  const checked = weakest(asked.map((each) => each.checked));
  const edges = binEdges(vital).map((edge) => edge / vital.scale);
  const total = (of: (group: AskedBins) => number): number =>
    sums.reduce((sum, group) => sum + of(group), 0);
  const result: ComparisonResult = {
    ...{ statistic: 'chi-squared', vitals: [vital.name], unit: '1', by },
    count: total(({ count }) => count),
    rows: total(({ rows }) => rows),
    patients: total(({ patients }) => patients),
    value: { ...found, p: dists.fTail(found.f, ...found.degreesOfFreedom) },
    groups: sums.map(({ count, rows, patients }, i) => ({
      ...{ group: names[i]!, count, rows, patients },
    })),
    cells: firsts.map((first, i) => ({
      low: edges[first]!,
      high: edges[firsts[i + 1] ?? edges.length - 1]!,
      counts: sums.map((group) => Number(group.sums[i])),
    })),
    ...{ servers, checked, asOf: session.asOf },
  };
  const hidden = question.groups === undefined ? hiddenNote(session) : [];
  const notes = [...new Set([...hidden, ...asked.flatMap((each) => each.notes)])];
  const named = [...new Set(asked.flatMap((each) => each.named))].sort((a, b) => a - b);
  const needed = binsNeeded(config, true);
  const reason = reasonFor(checked, WHAT, config, servers.length, needed);
  return { result, reason, notes, named, evidence: session.evidence };
}

/** One group after the other: a refusal says which group it is about. */
async function askInTurn(
  questions: readonly BinsQuestion[],
  names: readonly string[],
  ask: (question: BinsQuestion) => Promise<AskedBins>,
): Promise<AskedBins[]> {
  const answers: AskedBins[] = [];
  for (const [i, question] of questions.entries()) {
    try {
      answers.push(await ask(question));
    } catch (error) {
      if (!(error instanceof ReaderError) || error.code !== 'refused') throw error;
      const told = `Group ${names[i]!}: ${error.message}`;
      throw new ReaderError('refused', told, error.servers, error.named);
    }
  }
  return answers;
}

/**
 * The groups named, or values of the label that t + 1 catalogues know among stays with the vital sign;
 * some honest server knows them all. Throws ReaderError, StatisticError.
 */
function groupsOf(session: Session, question: ComparisonQuestion): readonly string[] {
  const { by, vital, where, stays, groups } = question;
  const catalogues = session.catalogues.map((catalogue) => ({
    ...catalogue,
    stays: catalogue.stays.filter((stay) => stay.vitals[vital.name] !== undefined),
  }));
  const cohort = { vitals: [vital], where, stays };
  const of = { ...session, catalogues };
  const values = groups ?? labelValues(of, cohort, by);
  checkGroups(WHAT, by, values, statisticRow(WHAT).compares!);
  refuseSharedPatients(of, cohort, by, values);
  return values;
}

function noCells(
  group: string,
  patients: number,
  minimumCohort: number,
  { name }: Vital,
): StatisticError {
  const least = Math.max(2 * PATIENTS_A_CELL, minimumCohort + 1);
  if (patients >= least) {
    return new StatisticError(
      'constant',
      `Nearly all readings of ${name} fall into one bin, so there is nothing to compare.`,
    );
  }
  return new StatisticError(
    'too-few-patients',
    `chi-squared needs at least ${least} patients in each group, so that bins can be merged to two ` +
      `cells worth ${PATIENTS_A_CELL} patients each, and one more than the minimum cohort; ${group} has ${patients}.`,
  );
}

const needsServers = (needed: number, servers: number): ReaderError =>
  new ReaderError(
    'too-few',
    `chi-squared needs products of counts, which only ${needed} data servers or more can answer at ` +
      `this threshold; this world has ${servers}. A histogram of each group, with --where, needs none.`,
  );

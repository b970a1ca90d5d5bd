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
import { CELLS_MAX, type CatalogueStay, type Snapshot } from '../messages/messages.ts';
import {
  type AskedBins,
  askBins,
  type BinsQuestion,
  type Prepared,
  prepareBins,
} from './ask-bins.ts';
import { type ChiSquared, chiSquared, mergeBins, PATIENTS_A_CELL } from './chi-squared.ts';
import { ReaderError } from './errors.ts';
import { COMPARED_GROUPS_MAX } from '../limits.ts';
import { loadFTail } from './f-tail.ts';
import { binsNeeded } from './open-bins.ts';
import type { ReaderParty } from './party.ts';
import { known } from './plan.ts';
import { reasonFor, type StatisticOptions } from './statistic.ts';
import { StatisticError } from './statistics.ts';

export interface ComparisonQuestion extends BinsQuestion {
  /** The label whose values make the groups. */
  readonly by: string;
}

export interface ComparedGroup {
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
  readonly groups: readonly ComparedGroup[];
  readonly cells: readonly ComparedCell[];
  readonly servers: readonly number[];
  readonly checked: Checked;
  readonly asOf: Snapshot;
}

export interface ComparisonAnswer {
  readonly result: ComparisonResult;
  readonly reason: string | undefined;
  readonly notes: readonly string[];
}

/** Throws ReaderError where there is no answer, StatisticError where it is no number. */
export async function askComparison(
  party: ReaderParty,
  question: ComparisonQuestion,
  options: StatisticOptions = {},
): Promise<ComparisonAnswer> {
  const { vital, by } = question;
  const config = party.configuration;
  const needed = binsNeeded(config, true);
  if (needed > config.servers) throw needsServers(needed, config.servers);
  const prepared = await prepareBins(party, question, 'chi-squared', needed, options);
  const names = groupsOf(prepared, question, config.threshold);
  const questions = names.map((name) => ({
    ...question,
    where: { ...question.where, [by]: name },
  }));
  const counts = await each(questions, names, (asked) => askBins(prepared, asked));
  const pooled = counts[0]!.sums.map((_, bin) =>
    counts.reduce((sum, { sums }) => sum + sums[bin]!, 0n),
  );
  const least = Math.min(...counts.map(({ patients }) => patients));
  const firsts = mergeBins(pooled, least, CELLS_MAX);
  if (firsts === null) {
    throw noCells(names[counts.findIndex((c) => c.patients === least)]!, least, vital);
  }
  const sums = await each(questions, names, (asked) => askBins(prepared, asked, firsts));

  const found = chiSquared(sums);
  const fTail = await loadFTail();
  const servers = sums
    .map((group) => group.servers)
    .reduce((both, some) => both.filter((server) => some.includes(server)));
  const claims = [...counts, ...sums].map(({ checked }) => checked);
  const checked = claims.includes('unchecked')
    ? 'unchecked'
    : claims.includes('partly')
      ? 'partly'
      : 'verified';
  const edges = binEdges(vital).map((edge) => edge / vital.scale);
  const total = (of: (group: AskedBins) => number): number =>
    sums.reduce((sum, group) => sum + of(group), 0);
  const result: ComparisonResult = {
    ...{ statistic: 'chi-squared', vitals: [vital.name], unit: '1', by },
    count: total(({ count }) => count),
    rows: total(({ rows }) => rows),
    patients: total(({ patients }) => patients),
    value: { ...found, p: fTail(found.f, ...found.degreesOfFreedom) },
    groups: sums.map(({ count, rows, patients }, i) => ({
      ...{ group: names[i]!, count, rows, patients },
    })),
    cells: firsts.map((first, i) => ({
      low: edges[first]!,
      high: edges[firsts[i + 1] ?? edges.length - 1]!,
      counts: sums.map((group) => Number(group.sums[i])),
    })),
    ...{ servers, checked, asOf: prepared.asOf },
  };
  const notes = new Set([prepared.note ?? [], [...counts, ...sums].flatMap((a) => a.notes)].flat());
  const reason = reasonFor(checked, 'chi-squared', config, servers.length, needed);
  return { result, reason, notes: [...notes] };
}

/** One group after the other: a refusal says which group it is about. */
async function each(
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
      throw new ReaderError('refused', `Group ${names[i]!}: ${error.message}`, error.servers);
    }
  }
  return answers;
}

/** Values of the label that t + 1 catalogues know, rising; some honest server knows them all. */
function groupsOf(
  { catalogues }: Prepared,
  { by, vital, where, stays }: ComparisonQuestion,
  threshold: number,
): string[] {
  const isAsked = (stay: CatalogueStay): boolean =>
    stay.vitals[vital.name] !== undefined &&
    (stays?.includes(stay.stay) ?? true) &&
    Object.entries(where).every(([key, value]) => stay.labels[key] === value);
  const told = catalogues.map((catalogue) => {
    const tags = new Map<string, Set<string>>();
    for (const stay of catalogue.stays.filter(isAsked)) {
      const value = stay.labels[by];
      if (value !== undefined) tags.set(value, (tags.get(value) ?? new Set()).add(stay.tag));
    }
    return tags;
  });
  const all = new Set(told.flatMap((tags) => [...tags.keys()]));
  const values = [...all].filter((value) => told.filter((t) => t.has(value)).length > threshold);
  if (values.length > COMPARED_GROUPS_MAX) {
    throw new ReaderError(
      'refused',
      `${by} has ${values.length} values; at most ${COMPARED_GROUPS_MAX} groups are compared. ` +
        'Narrow them down with --where or --stays.',
    );
  }
  if (values.length < 2) {
    const labels = catalogues.flatMap((c) => c.stays.flatMap((stay) => Object.keys(stay.labels)));
    throw new ReaderError(
      'unknown-label',
      values.length === 0
        ? `No stay that is asked about carries the label ${by}. ${known('Labels', new Set(labels))}`
        : `All stays that are asked about have ${by}=${values[0]!}; at least two groups are compared.`,
    );
  }
  const shared = told.some((tags) => {
    const every = values.flatMap((value) => [...(tags.get(value) ?? [])]);
    return new Set(every).size < every.length;
  });
  if (!shared) return values.sort();
  throw new StatisticError(
    'dependent',
    `A patient has stays in more than one group of ${by}, so the groups are not independent: ` +
      'name stays that are not, with --stays.',
  );
}

function noCells(group: string, patients: number, { name }: Vital): StatisticError {
  const least = 2 * PATIENTS_A_CELL;
  if (patients >= least) {
    return new StatisticError(
      'constant',
      `Nearly all readings of ${name} fall into one bin, so there is nothing to compare.`,
    );
  }
  return new StatisticError(
    'too-few-patients',
    `chi-squared needs at least ${least} patients in each group, so that bins can be merged to two ` +
      `cells worth ${PATIENTS_A_CELL} patients each; ${group} has ${patients}.`,
  );
}

const needsServers = (needed: number, servers: number): ReaderError =>
  new ReaderError(
    'too-few',
    `chi-squared needs products of counts, which only ${needed} data servers or more can answer at ` +
      `this threshold; this world has ${servers}. A histogram of each group, with --where, needs none.`,
  );

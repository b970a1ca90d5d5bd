/**
 * A statistic per window of time or per value of a label: ordinary questions at one snapshot.
 *
 *   --every 1h   windows [k·3600, (k+1)·3600) of UTC seconds that meet the range asked, cut to it
 *   --by arm     one cohort a value of the label
 *
 * Each group is held to the minimum cohort by itself. One that is too small is listed as withheld,
 * with the rule; one whose statistic is not defined (a constant column) with the reason. All plans
 * are checked before the first question is asked [S19].
 */
import { GROUPS_AT_ONCE, GROUPS_MAX } from '../limits.ts';
import { checkGroups } from './compare.ts';
import { caughtLine } from './ask-group.ts';
import { ReaderError } from './errors.ts';
import type { Engine } from './engines/engine.ts';
import { SHARES } from './engines/shares.ts';
import type { Evidence } from './evidence.ts';
import type { ReaderParty } from './party.ts';
import { extentOf } from './plan.ts';
import type { StatisticQuestion } from './question.ts';
import { checkPlan, hiddenNote, keepEvidence, labelValues, type Session } from './session.ts';
import { type AnswerAt, askAt, type EngineOptions, planned } from './statistic.ts';
import { StatisticError } from './statistics.ts';

/** Exactly one of the two. */
export type Split = { readonly everySeconds: number } | { readonly by: string };

/** Which part of the question: UTC seconds, or a label. */
export interface GroupKey {
  readonly from?: number;
  readonly to?: number;
  readonly label?: Readonly<Record<string, string>>;
}

export interface Group extends GroupKey {
  /** Undefined where the group has no number. */
  readonly answer: AnswerAt | undefined;
  readonly withheld: Withheld | undefined;
}

export interface Withheld {
  /** `cohort-too-small`, or a StatisticError's code. */
  readonly code: string;
  readonly reason: string;
  readonly patients?: number;
  readonly minimum?: number;
}

export interface GroupsAnswer {
  readonly groups: readonly Group[];
  readonly notes: readonly string[];
  readonly named: readonly number[];
  /** Against them: one for each question that named somebody. */
  readonly evidence: readonly Evidence[];
}

/** Throws as `askStatistic` does, and where every group is withheld. */
export async function askGroups(
  party: ReaderParty,
  question: StatisticQuestion,
  split: Split,
  { engine = SHARES, ...options }: EngineOptions = {},
): Promise<GroupsAnswer> {
  const session = await planned(party, question, engine, options);
  return keepEvidence(session, () => askParts(session, question, split, engine));
}

async function askParts(
  session: Session,
  question: StatisticQuestion,
  split: Split,
  engine: Engine,
): Promise<GroupsAnswer> {
  const parts = partsOfSplit(session, question, split);
  for (const part of parts) {
    checkPlan(session, part.question);
    engine.check(session, part.question);
  }
  let done = 0;
  const groups = await mapBounded(parts, GROUPS_AT_ONCE, async ({ key, question: each }) => {
    const outcome = await answerOrReason(session, each, engine);
    session.progress(++done, parts.length, 'groups');
    return { ...key, ...outcome };
  });
  const answers = groups.flatMap(({ answer }) => answer ?? []);
  if (answers.length === 0) {
    const [first] = groups;
    throw new ReaderError(
      'refused',
      `None of the ${groups.length} groups can be answered. The first: ${first!.withheld!.reason}`,
    );
  }
  const { evidence } = session;
  const named = [...new Set(evidence.flatMap((each) => each.named))].sort((a, b) => a - b);
  const caught = named.map((server) => caughtLine(session.party, server));
  const hidden = 'by' in split && question.groups !== undefined ? [] : hiddenNote(session);
  const notes = [...new Set([...hidden, ...answers.flatMap((each) => each.notes), ...caught])];
  return { groups, notes, named, evidence };
}

interface Part {
  readonly key: GroupKey;
  readonly question: StatisticQuestion;
}

function partsOfSplit(session: Session, question: StatisticQuestion, split: Split): Part[] {
  if ('by' in split) return labelParts(session, question, split.by);
  const windows = windowsOf(session, question, split.everySeconds);
  return windows.map(({ from, to }) => ({
    key: { from, to },
    question: { ...question, from, to },
  }));
}

function labelParts(session: Session, question: StatisticQuestion, by: string): Part[] {
  const values = question.groups ?? labelValues(session, question, by);
  checkGroups('--by', by, values, [2, GROUPS_MAX]);
  return values.map((value) => ({
    key: { label: { [by]: value } },
    question: { ...question, where: { ...question.where, [by]: value } },
  }));
}

/** Throws ReaderError `empty` or StatisticError `too-many-groups`. */
function windowsOf(
  session: Session,
  question: StatisticQuestion,
  every: number,
): { readonly from: number; readonly to: number }[] {
  const { catalogues, party } = session;
  const { threshold } = party.configuration;
  // Up to t catalogues may be invented: the (t + 1)-th is within what some honest server says.
  const extents = catalogues.flatMap((each) => extentOf(question, each) ?? []);
  const starts = extents.map(({ from }) => from).sort((a, b) => a - b);
  const ends = extents.map(({ to }) => to).sort((a, b) => b - a);
  const [start, end] = [starts[threshold], ends[threshold]];
  const from = Math.max(question.from ?? 0, start ?? Infinity);
  const to = Math.min(question.to ?? Infinity, end ?? 0);
  if (from >= to) {
    throw new ReaderError('empty', 'Nothing was recorded of these vital signs in that range.');
  }
  const first = Math.floor(from / every);
  const count = Math.ceil(to / every) - first;
  if (count > GROUPS_MAX) {
    throw new StatisticError(
      'too-many-groups',
      `${question.statistic} --every would have ${count} windows; at most ${GROUPS_MAX} are asked at ` +
        'once. Take longer windows, or a shorter range with --from and --to.',
    );
  }
  return Array.from({ length: count }, (_, i) => ({
    from: Math.max(from, (first + i) * every),
    to: Math.min(to, (first + i + 1) * every),
  }));
}

async function answerOrReason(
  session: Session,
  question: StatisticQuestion,
  engine: Engine,
): Promise<Pick<Group, 'answer' | 'withheld'>> {
  try {
    return { answer: await askAt(session, question, engine), withheld: undefined };
  } catch (error) {
    const withheld = withheldBy(error);
    if (withheld === undefined) throw error;
    return { answer: undefined, withheld };
  }
}

/** What concerns this group alone; anything else ends the whole question. */
function withheldBy(error: unknown): Withheld | undefined {
  if (error instanceof StatisticError && error.code !== 'impossible') {
    return { code: error.code, reason: error.message };
  }
  const problem = error instanceof ReaderError ? error.problem : undefined;
  if (problem?.code !== 'cohort-too-small') return undefined;
  const { patients, minimum } = problem.numbers;
  return {
    code: problem.code,
    reason: problem.message,
    ...(patients === undefined ? {} : { patients }),
    ...(minimum === undefined ? {} : { minimum }),
  };
}

/** In order, so many at once; the first failure ends it. */
async function mapBounded<In, Out>(
  items: readonly In[],
  atOnce: number,
  work: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  } finally {
    next = items.length;
  }
  return results;
}

/**
 * A statistic in one call: snapshot, plan, the same question to every server, opening, arithmetic.
 *
 *   heads → asOf → catalogues (may it be asked?) → /moments → group → open → compute
 *
 * The result carries its honesty with it: which servers answered, what was checked, who was caught.
 */
import type { Checked } from '@vitalshare/edge/sharing/open';
import type { MomentsQuery, Snapshot } from '../messages/messages.ts';
import { anova, type GroupMean, tTest } from './compare.ts';
import { loadDistributions } from './distributions.ts';
import type { Engine, EngineMoments, EngineName } from './engines/engine.ts';
import { refuseEngine } from './engines/planner.ts';
import { SHARES } from './engines/shares.ts';
import {
  effectiveNumber,
  inferCorrelation,
  type Inference,
  inferMean,
  inferRegression,
} from './inference.ts';
import { counted } from './errors.ts';
import type { Evidence } from './evidence.ts';
import { weakest } from './open-group.ts';
import { fromCentre } from './patient-means.ts';
import { cohortOf, refuseWrap } from './plan.ts';
import type { ReaderParty } from './party.ts';
import {
  analysisUnit,
  CONFIDENCE,
  degreeOf,
  refuseDependent,
  type StatisticQuestion,
} from './question.ts';
import {
  checkPlan,
  hiddenNote,
  keepEvidence,
  openSession,
  partsOf,
  type Session,
  type StatisticOptions,
} from './session.ts';
import { type Statistic, statisticRow, unitOf } from './statistic-table.ts';
import { computeStatistic, type Moments, type Regression } from './statistics.ts';

/** What rounding alone may take from an effective number of patients. */
const UNEVEN = 1e-9;

/** The members of the JSON a command prints, in its order. */
export interface StatisticResult extends Inference {
  readonly statistic: Statistic;
  readonly vitals: readonly string[];
  /** UCUM. */
  readonly unit: string;
  /** Absent where it is the row. */
  readonly unitOfAnalysis?: 'patient';
  /** The label a comparison is about. */
  readonly by?: string;
  readonly count: number;
  readonly patients: number;
  /** What uneven weights make of `patients`; absent where weights are equal. */
  readonly effectivePatients?: number;
  readonly value: number | Regression;
  readonly etaSquared?: number;
  readonly compared?: readonly GroupMean[];
  /** Indices from 1 of the servers whose answers were combined. */
  readonly servers: readonly number[];
  readonly checked: Checked;
  /** Absent where it is the default, shares. */
  readonly engine?: Exclude<EngineName, 'shares'>;
  readonly asOf: Snapshot;
}

/** One of the answers of a session. */
export interface AnswerAt<Result = StatisticResult> {
  readonly result: Result;
  /** Why not `verified`, in words; undefined where it is. */
  readonly reason: string | undefined;
  /** What to tell besides: servers that failed, were caught, or are behind. A sentence each. */
  readonly notes: readonly string[];
  /** Indices of servers whose answers were shown to be wrong. */
  readonly named: readonly number[];
}

export interface StatisticAnswer<Result = StatisticResult> extends AnswerAt<Result> {
  /** What shows that to anyone who has the configuration: one for each question that named somebody. */
  readonly evidence: readonly Evidence[];
}

export interface EngineOptions extends StatisticOptions {
  /** Shares where it is left out. */
  readonly engine?: Engine;
}

/** Throws ReaderError where there is no answer, StatisticError where the answer is no number. */
export async function askStatistic(
  party: ReaderParty,
  question: StatisticQuestion,
  { engine = SHARES, ...options }: EngineOptions = {},
): Promise<StatisticAnswer> {
  const session = await planned(party, question, engine, options);
  checkPlan(session, question);
  engine.check(session, question);
  const answer = await keepEvidence(session, () => askAt(session, question, engine));
  return { ...answer, evidence: session.evidence };
}

/** What can be refused before anything is asked is; then the session. */
export function planned(
  party: ReaderParty,
  question: StatisticQuestion,
  engine: Engine,
  options: StatisticOptions,
): Promise<Session> {
  const { statistic } = question;
  refuseDependent(question);
  const degree = degreeOf(party, question);
  refuseEngine(engine.name, party.configuration, {
    statistic,
    unit: analysisUnit(question),
    degree,
  });
  return openSession(party, statistic, engine.needed(party.configuration, degree), options);
}

/** The answer at the session's snapshot, of a question that `checkPlan` let pass. */
export async function askAt(
  session: Session,
  question: StatisticQuestion,
  engine: Engine = SHARES,
): Promise<AnswerAt> {
  const { party, asOf } = session;
  const { statistic, vitals, by } = question;
  const parts = partsOf(session, question);
  const opened: EngineMoments[] = [];
  for (const part of parts) opened.push(await askPart(session, part, engine));
  const unit = analysisUnit(question);
  const checked = weakest(opened.map((each) => each.checked));
  const servers = [...new Set(opened.flatMap((each) => each.servers))].sort((a, b) => a - b);
  const named = [...new Set(opened.flatMap((each) => each.named))].sort((a, b) => a - b);
  const all = opened.map(({ moments }) => moments);
  const patients = opened.reduce((sum, each) => sum + each.patients, 0);
  const effective = all.reduce((sum, moments) => sum + effectiveNumber(moments), 0);
  const labels = parts.map(({ where }) => (by === undefined ? '' : where[by]!));
  const result: StatisticResult = {
    statistic,
    vitals: vitals.map(({ name }) => name),
    unit: unitOf(statistic, vitals),
    ...(unit === 'patient' ? { unitOfAnalysis: unit } : {}),
    ...(by === undefined ? {} : { by }),
    count: all.reduce((sum, { count }) => sum + count, 0),
    patients,
    ...(unit === 'patient' && effective < patients - UNEVEN
      ? { effectivePatients: effective }
      : {}),
    ...(await computed(session, question, labels, all)),
    servers,
    checked,
    ...(engine.name === 'shares' ? {} : { engine: engine.name }),
    asOf,
  };
  const fewest = opened.reduce((least, { servers: own }) => Math.min(least, own.length), Infinity);
  const needed = engine.needed(party.configuration, degreeOf(party, question));
  const reason =
    opened.find((each) => each.reason !== undefined)?.reason ??
    reasonFor(checked, statistic, party.configuration, fewest, needed);
  const hidden = by === undefined || question.groups !== undefined ? [] : hiddenNote(session);
  const notes = [...new Set([...hidden, ...opened.flatMap((each) => each.notes)])];
  return { result, reason, notes, named };
}

/** One question over one cohort. */
async function askPart(
  session: Session,
  question: StatisticQuestion,
  engine: Engine,
): Promise<EngineMoments> {
  const { party, asOf } = session;
  const { statistic, vitals } = question;
  const degree = degreeOf(party, question);
  const query = queryOf(question, degree, asOf);
  const opened = await engine.ask(session, query, statistic);
  if (query.unit === 'patient') {
    return { ...opened, moments: fromCentre(vitals, opened.moments) };
  }
  refuseWrap(vitals, degree, opened.moments.count);
  return opened;
}

/** The value and, over patients, what is known about it. */
async function computed(
  { party }: Session,
  question: StatisticQuestion,
  labels: readonly string[],
  all: readonly Moments[],
): Promise<Inference & { readonly value: number | Regression }> {
  const { statistic, vitals, confidence = CONFIDENCE, against = 0 } = question;
  const { compares, interval } = statisticRow(statistic);
  const [first] = vitals;
  if (compares !== undefined) {
    const groups = all.map((moments, i) => ({ label: labels[i]!, moments }));
    const dists = await loadDistributions();
    return statistic === 't-test'
      ? tTest(first!, groups, confidence, dists)
      : anova(first!, groups, dists);
  }
  const moments = all[0]!;
  const value = computeStatistic(statistic, vitals, moments);
  const infers = interval && analysisUnit(question) === 'patient';
  if (!infers || degreeOf(party, question) < 2) return { value };
  const dists = await loadDistributions();
  if (statistic === 'mean') {
    return { value, ...inferMean(first!, moments, confidence, against, dists) };
  }
  const infer = statistic === 'correlation' ? inferCorrelation : inferRegression;
  return { value, ...infer(vitals, moments, confidence, dists) };
}

const queryOf = (question: StatisticQuestion, degree: 0 | 1 | 2, asOf: Snapshot): MomentsQuery => ({
  version: 1,
  asOf,
  vitals: question.vitals.map(({ name }) => name),
  degree,
  ...cohortOf(question),
  ...(analysisUnit(question) === 'patient' ? { unit: 'patient' as const } : {}),
});

/** What a lie could have done, said in the answer itself [S6]. */
export function reasonFor(
  checked: Checked,
  statistic: string,
  config: { readonly servers: number; readonly threshold: number },
  answered: number,
  needed: number,
): string | undefined {
  if (checked === 'verified') return undefined;
  const full = needed + config.threshold;
  const cure =
    full > config.servers
      ? `a world of at least ${full} data servers could check it`
      : `${full} that agree would verify it`;
  if (checked === 'unchecked') {
    return (
      `${answered} servers answered and ${statistic} needs all ${needed} of them, so a wrong answer ` +
      `would not show; ${cure}`
    );
  }
  return (
    `${answered} servers agree, and ${statistic} is computed from ${needed}: ` +
    `${counted(answered - needed, 'wrong answer')} would show, ${config.threshold} might not; ${cure}`
  );
}

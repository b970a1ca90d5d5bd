/**
 * A statistic in one call: snapshot, plan, the same question to every server, opening, arithmetic.
 *
 *   heads → asOf → catalogues (may it be asked?) → /moments → group → open → compute
 *
 * The result carries its honesty with it: which servers answered, what was checked, who was caught.
 */
import type { Checked } from '@vitalshare/edge/sharing/open';
import { toBase64Url } from '@vitalshare/edge/seal';
import {
  type MomentsAnswer,
  type MomentsQuery,
  parseMomentsAnswer,
  queryDigest,
  type Snapshot,
} from '../messages/messages.ts';
import { type Answered, askAll, faultLines, gone, tooFew, without } from './ask.ts';
import { bytesOf } from './catalogue.ts';
import { anova, type GroupMean, tTest } from './compare.ts';
import { loadDistributions } from './distributions.ts';
import {
  effectiveNumber,
  inferCorrelation,
  type Inference,
  inferMean,
  inferRegression,
} from './inference.ts';
import { groupAnswers, type OpenedMoments, openMoments, weakest } from './open-moments.ts';
import { fromCentre } from './patient-means.ts';
import { refuseWrap } from './plan.ts';
import { type ReaderParty, serverName } from './party.ts';
import {
  analysisUnit,
  CONFIDENCE,
  degreeOf,
  neededFor,
  type StatisticQuestion,
} from './question.ts';
import { askServer, parsedFrom, ServerFault } from './request.ts';
import {
  type Asking,
  checkPlan,
  openSession,
  partsOf,
  type Session,
  type StatisticOptions,
} from './session.ts';
import { type Statistic, statisticRow, unitOf } from './statistic-table.ts';
import { computeStatistic, type Moments, type Regression } from './statistics.ts';
import type { Surroundings } from './surroundings.ts';

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
  /** Where uneven weights make it differ from `patients` by more than one in a hundred. */
  readonly effectivePatients?: number;
  readonly value: number | Regression;
  readonly etaSquared?: number;
  readonly compared?: readonly GroupMean[];
  /** Indices from 1 of the servers whose answers were combined. */
  readonly servers: readonly number[];
  readonly checked: Checked;
  readonly asOf: Snapshot;
}

export interface StatisticAnswer {
  readonly result: StatisticResult;
  /** Why not `verified`, in words; undefined where it is. */
  readonly reason: string | undefined;
  /** What to tell besides: servers that failed, were caught, or are behind. A sentence each. */
  readonly notes: readonly string[];
  /** Indices of servers whose answers were shown to be wrong. */
  readonly named: readonly number[];
}

/** Throws ReaderError where there is no answer, StatisticError where the answer is no number. */
export async function askStatistic(
  party: ReaderParty,
  question: StatisticQuestion,
  options: StatisticOptions = {},
): Promise<StatisticAnswer> {
  const session = await openSession(party, question, options);
  checkPlan(session, question);
  return askAt(session, question);
}

/** The answer at the session's snapshot, of a question that `checkPlan` let pass. */
export async function askAt(
  session: Session,
  question: StatisticQuestion,
): Promise<StatisticAnswer> {
  const { party, asOf } = session;
  const { statistic, vitals, by } = question;
  const parts = partsOf(session, question);
  const opened: Opened[] = [];
  for (const part of parts) opened.push(await askPart(session, part));
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
    ...(unit === 'patient' && effective < 0.99 * patients ? { effectivePatients: effective } : {}),
    ...(await computed(session, question, labels, all)),
    servers,
    checked,
    asOf,
  };
  const fewest = opened.reduce((least, { servers: own }) => Math.min(least, own.length), Infinity);
  const needed = neededFor(party, question);
  const reason = reasonFor(checked, statistic, party.configuration, fewest, needed);
  return { result, reason, notes: [...new Set(opened.flatMap(({ notes }) => notes))], named };
}

interface Opened extends OpenedMoments {
  readonly notes: readonly string[];
}

/** One question over one cohort. */
async function askPart(session: Session, question: StatisticQuestion): Promise<Opened> {
  const { party, world, asOf, note, missing, asking } = session;
  const { statistic, vitals } = question;
  const config = party.configuration;
  const degree = degreeOf(party, question);
  const needed = neededFor(party, question);
  const query = queryOf(question, degree, asOf);
  const present = { ...asking, servers: without(party, missing) };
  const { answers, faults: failed } = await askMoments(party, world, query, present);
  const faults = [...missing, ...failed].sort((a, b) => a.server - b.server);
  missing.push(...gone(failed));
  const answered = answers.map(({ server }) => server);
  if (answered.length < needed) throw tooFew(party, statistic, needed, answered, faults);
  const { group, apart } = groupAnswers(
    config,
    needed,
    answers.map(({ answer }) => answer),
  );
  const opened = openMoments(config, degree, group);
  const notes = [
    ...(note === undefined ? [] : [note]),
    ...faultLines(party, [...faults, ...apart]),
    ...opened.named.map(
      (server) => `${serverName(party, server)}: it answered wrongly and was left out`,
    ),
  ];
  if (query.unit === 'patient') {
    return { ...opened, moments: fromCentre(vitals, opened.moments), notes };
  }
  refuseWrap(vitals, degree, opened.moments.count);
  return { ...opened, notes };
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
  where: question.where,
  ...(question.from === undefined ? {} : { from: question.from }),
  ...(question.to === undefined ? {} : { to: question.to }),
  ...(question.stays === undefined ? {} : { stays: question.stays }),
  ...(analysisUnit(question) === 'patient' ? { unit: 'patient' as const } : {}),
});

/** The same bytes to every server; an answer to anything else is its server's fault [PROTO-16]. */
function askMoments(
  party: ReaderParty,
  world: Surroundings,
  query: MomentsQuery,
  asking: Asking,
): Promise<Answered<MomentsAnswer>> {
  const body = bytesOf(query);
  const digest = toBase64Url(queryDigest(query));
  const k = query.vitals.length;
  const sums = query.degree === 0 ? 0 : k;
  const products = query.degree === 2 ? (k * (k + 1)) / 2 : 0;
  return askAll(party, world, asking, async (server, signal) => {
    const bytes = await askServer(party, server, '/moments', body, world, signal);
    const answer = parsedFrom(server, bytes, parseMomentsAnswer);
    const { configuration, configDigest } = party;
    if (answer.config !== configDigest || answer.generation !== configuration.generation) {
      throw new ServerFault(server, 'other-configuration', 'it has another configuration');
    }
    const fits =
      answer.server === server &&
      answer.query === digest &&
      sameSnapshot(answer.asOf, query.asOf) &&
      answer.sums.length === sums &&
      answer.products.length === products &&
      (answer.weights !== undefined) === (query.unit === 'patient');
    if (!fits) throw new ServerFault(server, 'malformed', 'it answered another question');
    return answer;
  });
}

function sameSnapshot(a: Snapshot, b: Snapshot): boolean {
  const logs = Object.keys(a);
  return logs.length === Object.keys(b).length && logs.every((log) => a[log] === b[log]);
}

/** What a lie could have done, said in the answer itself [S6]. */
function reasonFor(
  checked: Checked,
  statistic: Statistic,
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
  return checked === 'unchecked'
    ? `${answered} servers answered and ${statistic} needs all ${needed} of them, so a wrong answer would not show; ${cure}`
    : `${answered} servers agree, and ${statistic} is computed from ${needed}: ${answered - needed} wrong ${answered - needed === 1 ? 'answer' : 'answers'} would show, ${config.threshold} might not; ${cure}`;
}

/**
 * A statistic in one call: snapshot, plan, the same question to every server, opening, arithmetic.
 *
 *   heads → asOf → catalogues (may it be asked?) → /moments → group → open → compute
 *
 * The result carries its honesty with it: which servers answered, what was checked, who was caught.
 */
import type { Checked } from '@vitalshare/edge/sharing/open';
import { toBase64Url } from '@vitalshare/edge/seal';
import type { Vital } from '@vitalshare/edge/vital';
import {
  type MomentsAnswer,
  type MomentsQuery,
  parseMomentsAnswer,
  queryDigest,
  type Snapshot,
} from '../messages/messages.ts';
import { type Answered, askAll, faultLines, gone, tooFew, without } from './ask.ts';
import { askCatalogues, bytesOf } from './catalogue.ts';
import { groupAnswers, openMoments, serversNeeded } from './open-moments.ts';
import { type CohortQuestion, refuseUnknown, refuseWrap, rowsBound } from './plan.ts';
import { type ReaderParty, serverName } from './party.ts';
import { askServer, parsedFrom, ServerFault } from './request.ts';
import { takeSnapshot } from './snapshot.ts';
import { computeStatistic, momentsDegree, type Regression, type Statistic } from './statistics.ts';
import { platform, type Surroundings } from './surroundings.ts';
import { unitOf } from './units.ts';

export interface StatisticQuestion extends CohortQuestion {
  readonly statistic: Statistic;
  /** 1 to 8, distinct. For a regression the first is explained by the others. */
  readonly vitals: readonly Vital[];
}

/** The members of the JSON a command prints, in its order. */
export interface StatisticResult {
  readonly statistic: Statistic;
  readonly vitals: readonly string[];
  /** UCUM. */
  readonly unit: string;
  readonly count: number;
  readonly patients: number;
  readonly value: number | Regression;
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

export interface StatisticOptions {
  readonly world?: Surroundings;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly graceMs?: number;
  /** How long the servers may take to reach the newest position of the log. */
  readonly waitMs?: number;
}

/** Throws ReaderError where there is no answer, StatisticError where the answer is no number. */
export async function askStatistic(
  party: ReaderParty,
  question: StatisticQuestion,
  options: StatisticOptions = {},
): Promise<StatisticAnswer> {
  const { world = platform, signal, waitMs, timeoutMs, graceMs } = options;
  const { statistic, vitals } = question;
  const config = party.configuration;
  const degree = momentsDegree(statistic);
  const needed = serversNeeded(config, degree);
  const snapshot = await takeSnapshot(party, world, { needed, what: statistic, waitMs, signal });
  const asking = {
    enough: needed,
    signal,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(graceMs === undefined ? {} : { graceMs }),
  };
  const { asOf } = snapshot;
  const missing = [...snapshot.faults];
  missing.push(...(await checkPlan(party, world, question, degree, asOf, asking, missing)));

  const query = queryOf(question, degree, asOf);
  const present = { ...asking, servers: without(party, missing) };
  const { answers, faults: failed } = await askMoments(party, world, query, present);
  const faults = [...missing, ...failed].sort((a, b) => a.server - b.server);
  const answered = answers.map(({ server }) => server);
  if (answered.length < needed) throw tooFew(party, statistic, needed, answered, faults);
  const { group, apart } = groupAnswers(
    config,
    needed,
    answers.map(({ answer }) => answer),
  );
  const opened = openMoments(config, degree, group);
  refuseWrap(vitals, degree, opened.moments.count);
  const { checked, servers, named } = opened;
  const notes = [
    ...(snapshot.note === undefined ? [] : [snapshot.note]),
    ...faultLines(party, [...faults, ...apart]),
    ...named.map((server) => `${serverName(party, server)}: it answered wrongly and was left out`),
  ];
  const result: StatisticResult = {
    statistic,
    vitals: vitals.map(({ name }) => name),
    unit: unitOf(statistic, vitals),
    count: opened.moments.count,
    patients: opened.patients,
    value: computeStatistic(statistic, vitals, opened.moments),
    servers,
    checked,
    asOf,
  };
  const reason = reasonFor(checked, statistic, config, servers.length, needed);
  return { result, reason, notes, named };
}

interface Asking {
  readonly enough: number;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs?: number;
  readonly graceMs?: number;
  readonly servers?: readonly number[];
}

/**
 * [PROTO-15] Before anything is asked. The (t + 1)-th largest bound is some honest server's.
 * Returns the faults of servers that are gone by now.
 */
async function checkPlan(
  party: ReaderParty,
  world: Surroundings,
  question: StatisticQuestion,
  degree: 0 | 1 | 2,
  asOf: Snapshot,
  asking: Asking,
  missing: readonly ServerFault[],
): Promise<ServerFault[]> {
  const { threshold } = party.configuration;
  const present = { ...asking, servers: without(party, missing) };
  const { answers, faults } = await askCatalogues(party, world, asOf, present);
  const answered = answers.map(({ server }) => server);
  if (answered.length < threshold + 1) {
    const all = [...missing, ...faults];
    throw tooFew(party, question.statistic, asking.enough, answered, all);
  }
  const catalogues = answers.map(({ answer }) => answer);
  refuseUnknown(question, catalogues);
  const bounds = catalogues.map((each) => rowsBound(question, each)).sort((a, b) => b - a);
  refuseWrap(question.vitals, degree, bounds[threshold] ?? 0);
  return gone(faults);
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
      answer.products.length === products;
    if (!fits) throw new ServerFault(server, 'malformed', 'it answered another question');
    return answer;
  });
}

function sameSnapshot(a: Snapshot, b: Snapshot): boolean {
  const logs = Object.keys(a);
  return logs.length === Object.keys(b).length && logs.every((log) => a[log] === b[log]);
}

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
  return checked === 'unchecked'
    ? `${answered} servers answered and ${statistic} needs all ${needed} of them, so a wrong answer would not show; ${cure}`
    : `${answered} servers agree, and ${statistic} is computed from ${needed}: ${answered - needed} wrong ${answered - needed === 1 ? 'answer' : 'answers'} would show, ${config.threshold} might not; ${cure}`;
}

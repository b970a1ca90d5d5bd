/**
 * Counts by bin from the servers: snapshot, catalogues, the same question to every server, opening.
 *
 *   heads → asOf → catalogues ─► prepared ─► /bins → group → open      once, or once a group of patients
 *
 * Counts cannot wrap: they are at most the rows there are, and servers bound the products [PROTO-39].
 */
import { toBase64Url } from '@vitalshare/edge/seal';
import { findVital, type Vital } from '@vitalshare/edge/vital';
import { binCount } from '@vitalshare/edge/vital/bins';
import {
  type BinsAnswer,
  type BinsQuery,
  type Catalogue,
  parseBinsAnswer,
  queryDigest,
  type Snapshot,
} from '../messages/messages.ts';
import { type Answered, askAll, faultLines, gone, tooFew, without } from './ask.ts';
import { askCatalogues, bytesOf } from './catalogue.ts';
import { binsNeeded, groupBins, openBins, type OpenedBins } from './open-bins.ts';
import { type CohortQuestion, refuseUnknown } from './plan.ts';
import { type ReaderParty, serverName } from './party.ts';
import { askServer, parsedFrom, ServerFault } from './request.ts';
import { takeSnapshot } from './snapshot.ts';
import type { StatisticOptions } from './statistic.ts';
import { platform } from './surroundings.ts';

/** `from` and `to` are multiples of 300. */
export interface BinsQuestion extends Omit<CohortQuestion, 'vitals'> {
  readonly vital: Vital;
}

/** A moment to ask about, and who can be asked. */
export interface Prepared {
  readonly party: ReaderParty;
  readonly options: StatisticOptions;
  /** What needs the answers, for sentences. */
  readonly what: string;
  readonly asOf: Snapshot;
  /** At least t + 1 of them. */
  readonly catalogues: readonly Catalogue[];
  readonly faults: readonly ServerFault[];
  readonly note: string | undefined;
}

export interface AskedBins extends OpenedBins {
  /** Servers that failed or were caught, a sentence each. */
  readonly notes: readonly string[];
}

/** Throws ReaderError. `needed` answers will be needed. */
export async function prepareBins(
  party: ReaderParty,
  question: BinsQuestion,
  what: string,
  needed: number,
  options: StatisticOptions,
): Promise<Prepared> {
  const { world = platform, signal, waitMs } = options;
  const { threshold } = party.configuration;
  const snapshot = await takeSnapshot(party, world, { needed, what, waitMs, signal });
  const { asOf, faults: missing, note } = snapshot;
  const present = { ...asking(needed, options), servers: without(party, missing) };
  const { answers, faults } = await askCatalogues(party, world, asOf, present);
  const answered = answers.map(({ server }) => server);
  if (answered.length < threshold + 1) {
    throw tooFew(party, what, needed, answered, [...missing, ...faults]);
  }
  const catalogues = answers.map(({ answer }) => answer);
  refuseUnknown({ ...question, vitals: [question.vital] }, catalogues);
  return { party, options, what, asOf, catalogues, note, faults: [...missing, ...gone(faults)] };
}

/** Throws ReaderError where there is no answer, StatisticError where it cannot be one. */
export async function askBins(
  { party, options, what, asOf, faults: missing }: Prepared,
  question: BinsQuestion,
  cells?: readonly number[],
): Promise<AskedBins> {
  const config = party.configuration;
  const needed = binsNeeded(config, cells !== undefined);
  const query = queryOf(question, asOf, cells);
  const present = { ...asking(needed, options), servers: without(party, missing) };
  const { answers, faults: failed } = await askEach(party, query, present, options);
  const faults = [...missing, ...failed].sort((a, b) => a.server - b.server);
  const answered = answers.map(({ server }) => server);
  if (answered.length < needed) throw tooFew(party, what, needed, answered, faults);
  const { group, apart } = groupBins(
    config,
    needed,
    answers.map(({ answer }) => answer),
  );
  const opened = openBins(config, group);
  const notes = [
    ...faultLines(party, [...faults, ...apart]),
    ...opened.named.map(
      (server) => `${serverName(party, server)}: it answered wrongly and was left out`,
    ),
  ];
  return { ...opened, notes };
}

const asking = (enough: number, { signal, timeoutMs, graceMs }: StatisticOptions) => ({
  enough,
  signal,
  ...(timeoutMs === undefined ? {} : { timeoutMs }),
  ...(graceMs === undefined ? {} : { graceMs }),
});

const queryOf = (
  { vital, from, to, where, stays }: BinsQuestion,
  asOf: Snapshot,
  cells: readonly number[] | undefined,
): BinsQuery => ({
  ...{ version: 1, asOf, vital: vital.name, where },
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
  ...(stays === undefined ? {} : { stays }),
  ...(cells === undefined ? {} : { cells }),
});

/** The same bytes to every server; an answer to anything else is its server's fault [PROTO-38]. */
function askEach(
  party: ReaderParty,
  query: BinsQuery,
  present: Parameters<typeof askAll>[2],
  { world = platform }: StatisticOptions,
): Promise<Answered<BinsAnswer>> {
  const body = bytesOf(query);
  const digest = toBase64Url(queryDigest(query));
  const cells = query.cells?.length ?? 0;
  return askAll(party, world, present, async (server, signal) => {
    const bytes = await askServer(party, server, '/bins', body, world, signal);
    const answer = parsedFrom(server, bytes, parseBinsAnswer);
    const { configuration, configDigest } = party;
    if (answer.config !== configDigest || answer.generation !== configuration.generation) {
      throw new ServerFault(server, 'other-configuration', 'it has another configuration');
    }
    const fits =
      answer.server === server &&
      answer.query === digest &&
      sameSnapshot(answer.asOf, query.asOf) &&
      answer.sums.length === (cells === 0 ? binsOf(query) : cells) &&
      answer.weighted.length === cells;
    if (!fits) throw new ServerFault(server, 'malformed', 'it answered another question');
    return answer;
  });
}

const binsOf = ({ vital }: BinsQuery): number => binCount(findVital(vital)!);

function sameSnapshot(a: Snapshot, b: Snapshot): boolean {
  const logs = Object.keys(a);
  return logs.length === Object.keys(b).length && logs.every((log) => a[log] === b[log]);
}

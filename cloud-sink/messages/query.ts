/**
 * What may be asked of a data server (PROTOCOL.md, section 3): five request bodies, parsed whole.
 *
 * Every parser throws ProblemError `bad-request` and nothing else; an unknown member is refused,
 * since it would change the digest and mean nothing.
 */
import { findVital, findWaveform, type Lead, LEADS } from '@vitalshare/edge/vital';
import { binCount } from '@vitalshare/edge/vital/bins';
import { CELLS_MAX, LABELS_MAX, LOGS_MAX, QUERY_STAYS_MAX, QUERY_VITALS_MAX } from '../limits.ts';
import { WINDOW_SECONDS } from '../limits.ts';
import { canonicalDigest, CanonicalError, parseJson } from './canonical.ts';
import { Fields, isLogId } from './fields.ts';
import { type Labels, parseLabels, STAY_EXPECTED, STAY_NAME } from './names.ts';
import { ProblemError } from './problem.ts';

/** One position per log, in hex: records before it count. */
export type Snapshot = Readonly<Record<string, number>>;

export interface CatalogueQuery {
  readonly version: 1;
}

export interface MomentsQuery {
  readonly version: 1;
  readonly asOf: Snapshot;
  /** 1 to 8 names of `edge/vital`, distinct. */
  readonly vitals: readonly string[];
  /** 0 the count, 1 sums too, 2 products too. */
  readonly degree: 0 | 1 | 2;
  /** UTC seconds: from ≤ second < to. */
  readonly from?: number;
  readonly to?: number;
  readonly where: Labels;
  readonly stays?: readonly string[];
  /** What one observation is; a row (second of a stay) where absent [PROTO-30]. */
  readonly unit?: 'patient';
}

/** [PROTO-37] */
export interface BinsQuery {
  readonly version: 1;
  readonly asOf: Snapshot;
  readonly vital: string;
  /** UTC seconds, multiples of 300: from ≤ window < to. */
  readonly from?: number;
  readonly to?: number;
  readonly where: Labels;
  readonly stays?: readonly string[];
  /** Asks for sums over patients too, over bins merged into cells: the first bin of each, from 0. */
  readonly cells?: readonly number[];
}

export interface HistoryQuery {
  readonly version: 1;
  readonly asOf: Snapshot;
  readonly stay: string;
  /** A vital sign's or a waveform's name. */
  readonly channel: string;
  /** Of a waveform; without it, every lead. */
  readonly lead?: Lead;
  /** µs UTC: parts that overlap from ≤ time < to. */
  readonly from?: number;
  readonly to?: number;
  /** The `next` of the reply before. */
  readonly after?: string;
}

/** Asked by a gateway that was restored from an older copy [PROTO-8]. */
export interface TagsQuery {
  readonly version: 1;
  readonly log: string;
  readonly from: number;
}

export const SECOND_MAX = 2 ** 32;
const CURSOR = /^[0-9a-z.]{1,100}$/;

export const bad = (message: string) => new ProblemError('bad-request', message);

/** [PROTO-16] SHA-256 of the canonical JSON of a request body. */
export const queryDigest = (
  query: CatalogueQuery | MomentsQuery | BinsQuery | HistoryQuery | TagsQuery,
): Uint8Array => canonicalDigest(query);

export function parseCatalogueQuery(body: Uint8Array): CatalogueQuery {
  const fields = fieldsOf(body);
  const version = fields.literal('version', 1);
  fields.end();
  return { version };
}

export function parseMomentsQuery(body: Uint8Array): MomentsQuery {
  return takeMomentsQuery(fieldsOf(body));
}

/** What is left of `fields`, all of it. */
export function takeMomentsQuery(fields: Fields): MomentsQuery {
  const query: MomentsQuery = {
    version: fields.literal('version', 1),
    asOf: takeSnapshot(fields),
    vitals: takeVitals(fields),
    degree: takeDegree(fields),
    where: parseLabels(fields.entries('where', LABELS_MAX), bad),
    ...takeRange(fields, SECOND_MAX),
    ...(fields.has('stays') ? { stays: takeStays(fields) } : {}),
    ...(fields.has('unit') ? { unit: fields.literal('unit', 'patient') } : {}),
  };
  fields.end();
  if (query.unit === 'patient' && query.degree === 0) throw bad('unit patient needs degree 1 or 2');
  return query;
}

export function parseBinsQuery(body: Uint8Array): BinsQuery {
  const fields = fieldsOf(body);
  const version = fields.literal('version', 1);
  const asOf = takeSnapshot(fields);
  const vital = fields.take('vital');
  if (typeof vital !== 'string' || !findVital(vital)) throw bad('vital must name a vital sign');
  const query: BinsQuery = {
    ...{ version, asOf, vital },
    where: parseLabels(fields.entries('where', LABELS_MAX), bad),
    ...takeWindows(fields),
    ...(fields.has('stays') ? { stays: takeStays(fields) } : {}),
    ...(fields.has('cells') ? { cells: takeCells(fields, binCount(findVital(vital)!)) } : {}),
  };
  fields.end();
  return query;
}

export function parseHistoryQuery(body: Uint8Array): HistoryQuery {
  const fields = fieldsOf(body);
  const query: HistoryQuery = {
    version: fields.literal('version', 1),
    asOf: takeSnapshot(fields),
    stay: fields.text('stay', STAY_NAME, STAY_EXPECTED),
    channel: takeChannel(fields),
    ...(fields.has('lead') ? { lead: takeLead(fields) } : {}),
    ...takeRange(fields, Number.MAX_SAFE_INTEGER),
    ...(fields.has('after') ? { after: fields.text('after', CURSOR, 'a cursor') } : {}),
  };
  fields.end();
  return query;
}

export function parseTagsQuery(body: Uint8Array): TagsQuery {
  const fields = fieldsOf(body);
  const query: TagsQuery = {
    version: fields.literal('version', 1),
    log: fields.logId('log'),
    from: fields.integer('from', 0, Number.MAX_SAFE_INTEGER),
  };
  fields.end();
  return query;
}

export function fieldsOf(body: Uint8Array): Fields {
  try {
    const value = parseJson(body);
    canonicalDigest(value); // Fractions, null and endless nesting have no digest.
    return new Fields(value, bad);
  } catch (error) {
    if (error instanceof CanonicalError) throw bad(error.message);
    throw error;
  }
}

export function takeSnapshot(fields: Fields): Snapshot {
  const entries = fields.entries('asOf', LOGS_MAX);
  if (entries.length === 0) throw bad('asOf must name at least one log');
  for (const [log, position] of entries) {
    if (!isLogId(log)) throw bad('asOf must be keyed by log ids of 32 hex digits');
    if (typeof position !== 'number' || !Number.isSafeInteger(position) || position < 0) {
      throw bad('asOf must map logs to positions');
    }
  }
  return Object.fromEntries(entries) as Snapshot;
}

export function takeVitals(fields: Fields): string[] {
  const vitals = fields.list('vitals', 1, QUERY_VITALS_MAX).map((name) => {
    if (typeof name !== 'string' || !findVital(name)) throw bad('vitals must name vital signs');
    return name;
  });
  if (new Set(vitals).size !== vitals.length) throw bad('vitals must be distinct');
  return vitals;
}

function takeDegree(fields: Fields): 0 | 1 | 2 {
  const degree = fields.integer('degree', 0, 2);
  return degree === 0 ? 0 : degree === 1 ? 1 : 2;
}

export function takeRange(fields: Fields, max: number): { from?: number; to?: number } {
  const from = fields.has('from') ? fields.integer('from', 0, max) : undefined;
  const to = fields.has('to') ? fields.integer('to', 0, max) : undefined;
  if (from !== undefined && to !== undefined && from >= to) throw bad('from must be before to');
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function takeWindows(fields: Fields): { from?: number; to?: number } {
  const range = takeRange(fields, SECOND_MAX);
  for (const end of [range.from, range.to]) {
    if (end === undefined || end % WINDOW_SECONDS === 0) continue;
    throw bad(
      `from and to must be multiples of ${WINDOW_SECONDS} s, for bins are counted by these`,
    );
  }
  return range;
}

function takeCells(fields: Fields, bins: number): number[] {
  const cells = fields.list('cells', 2, CELLS_MAX).map((bin) => {
    if (typeof bin === 'number' && Number.isInteger(bin) && bin >= 0 && bin < bins) return bin;
    throw bad(`cells must be bins from 0 to ${bins - 1}`);
  });
  if (cells[0] !== 0 || cells.some((bin, i) => i > 0 && bin <= cells[i - 1]!)) {
    throw bad('cells must begin with bin 0 and rise');
  }
  return cells;
}

export function takeStays(fields: Fields): string[] {
  const stays = fields.list('stays', 1, QUERY_STAYS_MAX).map((name) => {
    if (typeof name !== 'string' || !STAY_NAME.test(name)) throw bad(`stays: ${STAY_EXPECTED}`);
    return name;
  });
  if (new Set(stays).size !== stays.length) throw bad('stays must be distinct');
  return stays;
}

function takeChannel(fields: Fields): string {
  const channel = fields.take('channel');
  if (typeof channel === 'string' && (findVital(channel) ?? findWaveform(channel))) return channel;
  throw bad('channel must name a vital sign or a waveform');
}

function takeLead(fields: Fields): Lead {
  const name = fields.take('lead');
  const lead = LEADS.find((known) => known === name);
  if (lead === undefined) throw bad('lead must be one of the leads of edge/vital');
  return lead;
}

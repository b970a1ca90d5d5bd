/**
 * A patient's history, opened by a physician: one vital sign or waveform of one stay.
 *
 *   heads → asOf → catalogues (what is there) → /history window after window → join → open → runs
 *
 * Every part is checked against its commitment, so what comes out is verified or nothing does
 * [PROTO-18] [S7]. History comes in windows of time and is opened one window at a time: memory stays
 * flat however long the stay was, and the order of times does not depend on the order of arrival.
 */
import { findVital, findWaveform, LEADS, type Vital, WAVEFORM_UNITS } from '@vitalshare/edge/vital';
import type { Lead, Waveform } from '@vitalshare/edge/vital';
import { NUMERIC_WINDOW_MICROS, WAVEFORM_WINDOW_MICROS } from '../limits.ts';
import {
  decodeColumnHeader,
  decodeSegmentHeader,
  type HistoryQuery,
  presentCount,
  RecordError,
  type Snapshot,
} from '../messages/messages.ts';
import { faultLines, without } from './ask.ts';
import { listed, ReaderError } from './errors.ts';
import { absent, extentOf, type HistoryRequest, leadsOf, spansOf } from './history-extent.ts';
import { joinParts } from './history-join.ts';
import { openPart, type PartCopy, type PartKind } from './history-open.ts';
import { type OpenedColumn, type OpenedSegment, type Range } from './history-runs.ts';
import { type Readings, readingsOf, runsOf } from './history-runs.ts';
import { type ReaderParty, serverName } from './party.ts';
import type { ServerFault } from './request.ts';
import type { SnapshotTaken } from './snapshot.ts';
import { askStay } from './stay.ts';
import { platform, type Surroundings } from './surroundings.ts';

export interface HistoryOptions {
  readonly world?: Surroundings;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly waitMs?: number;
  /** µs opened at once; for tests. */
  readonly windowMicros?: number;
}

export type HistoryChunk =
  | ({ readonly kind: 'readings' } & Readings)
  | { readonly kind: 'samples'; readonly runs: readonly OpenedSegment[] };

export interface History {
  readonly channel: Vital | Waveform;
  /** The lead opened; '' where none is stated, undefined for a vital sign. */
  readonly lead: Lead | undefined;
  readonly otherLeads: readonly string[];
  readonly asOf: Snapshot;
  /** µs UTC between which the servers have any of it, whatever was asked for. */
  readonly extent: Range;
  /** By rising time; never empty ones. Throws ReaderError. To be read once. */
  readonly chunks: AsyncGenerator<HistoryChunk, void>;
  /** Servers whose copies were used, so far. */
  readonly servers: () => number[];
  /** Servers shown to have sent something wrong, so far. */
  readonly named: () => number[];
  /** What to tell besides, so far: a sentence each. */
  readonly notes: () => string[];
}

/** Throws ReaderError: unknown stay, nothing of that channel, too few servers. */
export async function openHistory(
  party: ReaderParty,
  request: HistoryRequest,
  options: HistoryOptions = {},
): Promise<History> {
  const { world = platform, signal, timeoutMs } = options;
  const channel = findVital(request.channel) ?? findWaveform(request.channel);
  if (channel === undefined) throw new RangeError(`no channel is called ${request.channel}`);
  const { snapshot, missing, withoutCatalogue, lead, leads, extent } = await locate(
    party,
    world,
    request,
    channel,
    options,
  );
  const { asOf, note } = snapshot;
  const range = {
    from: Math.max(extent.from, request.from ?? 0),
    to: Math.min(extent.to, request.to ?? Infinity),
  };

  // One that is only behind waits for the log when it is asked [PROTO-13].
  const servers = new Set(without(party, missing));
  const named = new Set<number>();
  const notes = [
    ...(note === undefined ? [] : [note]),
    ...faultLines(party, [...missing, ...withoutCatalogue]),
  ];
  const query: HistoryQuery = {
    version: 1,
    asOf,
    stay: request.stay,
    channel: channel.name,
    ...(lead === undefined ? {} : { lead }),
  };
  const collect = async (window: Range): Promise<HistoryChunk | undefined> => {
    const kind: PartKind = 'scale' in channel ? 'column' : 'segment';
    const windowed = { ...query, from: Math.floor(window.from), to: Math.ceil(window.to) };
    const parts: LoggedPart[] = [];
    const asideTold = (fault: ServerFault): void => {
      notes.push(...faultLines(party, [fault]));
      if (fault.code === 'differs') named.add(fault.server);
    };
    const joined = joinParts(party, world, windowed, servers, asideTold, { signal, timeoutMs });
    for await (const copies of joined) {
      parts.push(openCopies(party, kind, copies, (server) => tellNamed(server)));
    }
    return chunkOf(channel, lead, inLogOrder(parts), window);
  };
  const tellNamed = (server: number): void => {
    if (named.has(server)) return;
    named.add(server);
    notes.push(`${serverName(party, server)}: it sent a wrong keystream, seen by the commitment`);
  };
  const base =
    options.windowMicros ?? ('scale' in channel ? NUMERIC_WINDOW_MICROS : WAVEFORM_WINDOW_MICROS);
  return {
    channel,
    lead,
    otherLeads: leads.filter((each) => each !== lead),
    asOf,
    extent,
    chunks: windows(range, base, collect),
    servers: () => [...servers].sort((a, b) => a - b),
    named: () => [...named].sort((a, b) => a - b),
    notes: () => [...notes],
  };
}

interface Located {
  readonly snapshot: SnapshotTaken;
  /** Faults of servers that are not there. */
  readonly missing: readonly ServerFault[];
  /** Of those that are and gave no catalogue. */
  readonly withoutCatalogue: readonly ServerFault[];
  readonly lead: Lead | undefined;
  readonly leads: readonly Lead[];
  readonly extent: Range;
}

/** Which snapshot, which lead, from when to when. Throws ReaderError where there is nothing. */
async function locate(
  party: ReaderParty,
  world: Surroundings,
  request: HistoryRequest,
  channel: Vital | Waveform,
  options: HistoryOptions,
): Promise<Located> {
  const { snapshot, missing, withoutCatalogue, stays, answeredCount } = await askStay(
    party,
    world,
    request.stay,
    options,
  );
  const leads = 'scale' in channel ? [] : leadsOf(stays, channel.name);
  const lead = leads.find((each) => request.lead === undefined || each === request.lead);
  const spans = stays.flatMap((stay) => spansOf(stay, channel, lead));
  if (spans.length === 0) throw absent(request, stays);
  const extent = extentOf(spans, party.configuration.threshold, answeredCount);
  return { snapshot, missing, withoutCatalogue, lead, leads, extent };
}

/** How much longer a window grows while there is nothing: a gap of a month is soon crossed. */
const GROWTH_MAX = 24;

async function* windows(
  range: Range,
  base: number,
  collect: (window: Range) => Promise<HistoryChunk | undefined>,
): AsyncGenerator<HistoryChunk, void> {
  let length = base;
  for (let from = range.from; from < range.to;) {
    const to = Math.min(from + length, range.to);
    const chunk = await collect({ from, to });
    if (chunk !== undefined) yield chunk;
    length = chunk === undefined ? Math.min(2 * length, GROWTH_MAX * base) : base;
    from = to;
  }
}

interface LoggedPart {
  readonly log: string;
  readonly position: number;
  readonly header: Uint8Array;
  readonly plaintext: Uint8Array;
}

function openCopies(
  party: ReaderParty,
  kind: PartKind,
  copies: readonly PartCopy[],
  name: (server: number) => void,
): LoggedPart {
  const { log, position, header } = copies[0]!.part;
  const opened = openPart(party.configuration, kind, copies);
  if (opened === null) throw unverified(party, copies);
  for (const server of opened.named) name(server);
  return { log: log.join(), position, header, plaintext: opened.plaintext };
}

/**
 * Servers send frames by log, then time. Within a log it is the position that decides who was first;
 * between logs it is the order in which they came [PROTO-9].
 */
function inLogOrder(parts: readonly LoggedPart[]): LoggedPart[] {
  const logs = [...new Set(parts.map(({ log }) => log))];
  return [...parts].sort(
    (a, b) => logs.indexOf(a.log) - logs.indexOf(b.log) || a.position - b.position,
  );
}

function chunkOf(
  channel: Vital | Waveform,
  lead: Lead | undefined,
  parts: readonly LoggedPart[],
  window: Range,
): HistoryChunk | undefined {
  if ('scale' in channel) {
    const columns = parts.map((part) => columnOf(channel, part));
    const readings = readingsOf(columns, window);
    return readings.seconds.length === 0 ? undefined : { kind: 'readings', ...readings };
  }
  const segments = parts.map((part) => segmentOf(channel, lead ?? '', part));
  const runs = runsOf(segments, window);
  return runs.length === 0 ? undefined : { kind: 'samples', runs };
}

function columnOf(vital: Vital, { header, plaintext }: LoggedPart): OpenedColumn {
  const column = decoded(() => decodeColumnHeader(header));
  const fits = column.vital === vital.code;
  if (!fits || plaintext.length !== 8 * presentCount(column.presence)) throw foreign();
  return { header: column, plaintext };
}

function segmentOf(
  waveform: Waveform,
  lead: Lead,
  { header, plaintext }: LoggedPart,
): OpenedSegment {
  const segment = decoded(() => decodeSegmentHeader(header));
  const { startMicros, rateMilliHz, gain, baseline, count } = segment;
  const unit = WAVEFORM_UNITS[segment.unit];
  const fits = segment.channel === waveform.code && LEADS[segment.lead] === lead;
  if (!fits || unit === undefined || plaintext.length !== 2 + 2 * count) throw foreign();
  const view = new DataView(plaintext.buffer, plaintext.byteOffset + 2);
  const samples = new Int16Array(count);
  for (let i = 0; i < count; i++) samples[i] = view.getInt16(2 * i, true);
  const shape = { channel: waveform.name, lead, unit, sampleRateMilliHz: rateMilliHz };
  return { shape: { ...shape, gain, baseline }, startMicros, samples };
}

function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof RecordError) throw foreign();
    throw error;
  }
}

function unverified(party: ReaderParty, copies: readonly PartCopy[]): ReaderError {
  const { position } = copies[0]!.part;
  const servers = copies.map(({ server }) => server);
  const who = listed(servers.map((server) => serverName(party, server)));
  return new ReaderError(
    'unverified',
    `The record at log position ${position} does not match its commitment, whichever of ${who} is ` +
      'believed: keystream or record is damaged. Nothing further is shown.',
    servers,
  );
}

const foreign = (): ReaderError =>
  new ReaderError('unverified', 'The servers sent a record of another channel. Nothing is shown.');

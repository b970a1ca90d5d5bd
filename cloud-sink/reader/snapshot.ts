/**
 * Which moment a question is about: one position per log, the newest that was seen.
 *
 *   gateway reachable   max(its head, the (t + 1)-th highest of the servers)
 *   else                the (t + 1)-th highest among the servers that know the log
 *
 * `/head` is not signed, and answers are checked for one and the same `asOf` only [PROTO-13]: whoever
 * chooses `asOf` chooses the data, and an old one verifies. So no t servers move it, up or down: a
 * position counts as far as t + 1 tell it, log by log. A gateway that invents one costs the wait below,
 * after which each log is taken as far as `needed` servers have it. A log that t + 1 servers say was
 * forked is taken as far as they agree [PROTO-43], whatever its gateway tells.
 */
import { parseHead, parseLogs, type ServerHead, type Snapshot } from '../messages/messages.ts';
import { HEAD_TIMEOUT_MS, SNAPSHOT_POLL_MS, SNAPSHOT_WAIT_MS } from '../limits.ts';
import { type Answered, askAll, tooFew } from './ask.ts';
import { ReaderError, serverList } from './errors.ts';
import type { ReaderParty } from './party.ts';
import { fetchBytes, parsedFrom, ServerFault } from './request.ts';
import type { Surroundings } from './surroundings.ts';

export interface SnapshotTaken {
  readonly asOf: Snapshot;
  /** Set where the newest position seen could not be had from enough servers. */
  readonly note: string | undefined;
  /** Servers that gave no head, by rising server: not worth asking further. */
  readonly faults: readonly ServerFault[];
}

export interface SnapshotOptions {
  /** How many servers must have got there. */
  readonly needed: number;
  /** What needs them, for the sentence that says they are missing. */
  readonly what: string;
  readonly waitMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export async function takeSnapshot(
  party: ReaderParty,
  world: Surroundings,
  options: SnapshotOptions,
): Promise<SnapshotTaken> {
  const { needed, what, signal, waitMs = SNAPSHOT_WAIT_MS } = options;
  const [first, gateway] = await Promise.all([
    askHeads(party, world, needed, signal),
    askGateway(party, world, signal),
  ]);
  const { threshold } = party.configuration;
  const forked = forkedLogs(threshold, first.answers);
  const wanted = newest(threshold, first, gateway, forked);
  if (Object.keys(wanted).length === 0 && first.answers.length >= needed) {
    throw new ReaderError('empty', 'Nothing has been recorded yet: the servers have no log.');
  }
  const deadlineMs = world.clock() + waitMs;
  let heads = first;
  for (;;) {
    const answered = heads.answers.map(({ server }) => server);
    if (answered.length < needed) throw tooFew(party, what, needed, answered, heads.faults);
    const arrived = heads.answers.filter(({ answer }) => reaches(answer, wanted));
    if (arrived.length >= needed) {
      return { asOf: wanted, note: forkNote(wanted, forked), faults: heads.faults };
    }
    if (world.clock() >= deadlineMs) break;
    await world.sleep(SNAPSHOT_POLL_MS, signal);
    signal?.throwIfAborted();
    heads = await askHeads(party, world, needed, signal);
  }
  const late = heads.answers.filter(({ answer }) => !reaches(answer, wanted));
  const isGatewayAhead = gateway !== undefined && late.length === heads.answers.length;
  const who = isGatewayAhead
    ? 'No server reached the position of the log that the gateway tells'
    : `${serverList(late.map(({ server }) => server))} did not reach the newest position of the log`;
  return {
    asOf: common(party.configuration.threshold, heads.answers, needed),
    faults: heads.faults,
    note: `${who} within ${Math.round(waitMs / 1000)} s, so the answer is as of an earlier one.`,
  };
}

function askHeads(
  party: ReaderParty,
  world: Surroundings,
  enough: number,
  signal: AbortSignal | undefined,
): Promise<Answered<ServerHead>> {
  const options = { enough, timeoutMs: HEAD_TIMEOUT_MS, signal };
  return askAll(party, world, options, async (server, within) => {
    const url = urlOf(party.addresses.dataServers[server - 1]!, '/head');
    const get = (): Promise<Uint8Array> =>
      fetchBytes(server, world, url, within, { method: 'GET' });
    // Once more: a pooled connection to a server that was restarted fails at first use.
    const bytes = await get().catch((error: unknown) => {
      if (error instanceof ServerFault && error.code === 'unreachable') return get();
      throw error;
    });
    const head = parsedFrom(server, bytes, parseHead);
    if (head.server !== server) {
      throw new ServerFault(server, 'malformed', `it says it is server ${head.server}`);
    }
    if (head.config !== party.configDigest) {
      throw new ServerFault(server, 'other-configuration', 'it has another configuration');
    }
    return head;
  });
}

/** The gateway's own heads, or undefined where nobody answers there: a reader can do without. */
async function askGateway(
  party: ReaderParty,
  world: Surroundings,
  signal: AbortSignal | undefined,
): Promise<Snapshot | undefined> {
  const options = { enough: 1, timeoutMs: HEAD_TIMEOUT_MS, signal, servers: [0] };
  const url = urlOf(party.addresses.gateway, '/logs');
  const { answers } = await askAll(party, world, options, async (gateway, within) => {
    const bytes = await fetchBytes(gateway, world, url, within, { method: 'GET' });
    return parsedFrom(gateway, bytes, parseLogs);
  });
  const logs = answers[0]?.answer;
  return logs && Object.fromEntries(logs.map(({ log, position }) => [log, position]));
}

function newest(
  threshold: number,
  heads: Answered<ServerHead>,
  gateway: Snapshot | undefined,
  forked: ReadonlySet<string>,
): Snapshot {
  const logs = new Set(heads.answers.flatMap(({ answer }) => Object.keys(answer.heads)));
  for (const log of Object.keys(gateway ?? {})) logs.add(log);
  const asOf: [string, number][] = [];
  for (const log of [...logs].sort()) {
    const told = positionAt(heads.answers, log, threshold + 1);
    const position = forked.has(log) ? told : Math.max(gateway?.[log] ?? 0, told);
    if (position > 0) asOf.push([log, position]);
  }
  return Object.fromEntries(asOf);
}

/**
 * Each log as far as `needed` heads have it. Where those are not the same servers in every log, as far
 * as more of them have it: up to all but t, for beyond that a liar could say how little.
 */
function common(
  threshold: number,
  answers: Answered<ServerHead>['answers'],
  needed: number,
): Snapshot {
  const logs = [...new Set(answers.flatMap(({ answer }) => Object.keys(answer.heads)))].sort();
  for (let rank = needed; ; rank++) {
    const positions = logs.map((log): [string, number] => [log, positionAt(answers, log, rank)]);
    const asOf = Object.fromEntries(positions.filter(([, position]) => position > 0));
    const arrived = answers.filter(({ answer }) => reaches(answer, asOf));
    if (arrived.length >= needed || rank >= answers.length - threshold) return asOf;
  }
}

/** The `rank`-th highest position of a log, from 1; 0 where not as many know it. */
const positionAt = (answers: Answered<ServerHead>['answers'], log: string, rank: number): number =>
  answers.map(({ answer }) => positionIn(answer, log)).sort((a, b) => b - a)[rank - 1] ?? 0;

/** As far as that server answers. */
function positionIn({ heads, agreed = {} }: ServerHead, log: string): number {
  const position = Object.hasOwn(heads, log) ? heads[log]!.position : 0;
  return Object.hasOwn(agreed, log) ? Math.min(position, agreed[log]!) : position;
}

/** So many that one of them is honest: no t servers make an answer older by saying so. */
function forkedLogs(
  threshold: number,
  answers: Answered<ServerHead>['answers'],
): ReadonlySet<string> {
  const said = answers.flatMap(({ answer }) => Object.keys(answer.agreed ?? {}));
  return new Set(said.filter((log) => said.filter((each) => each === log).length > threshold));
}

function forkNote(asOf: Snapshot, forked: ReadonlySet<string>): string | undefined {
  const [log] = forked;
  if (log === undefined) return undefined;
  const at = asOf[log] ?? 0;
  return `The log was forked: its gateway signed two continuations of ${log}, so the answer is as of position ${at}, the last one the servers agree on.`;
}

const reaches = (head: ServerHead, wanted: Snapshot): boolean =>
  Object.entries(wanted).every(([log, position]) => positionIn(head, log) >= position);

const urlOf = (address: string, path: string): URL => new URL(address.replace(/\/$/, '') + path);

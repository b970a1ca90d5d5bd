/**
 * The parts of one stretch of history as several servers page them out, side by side.
 *
 *   server 1   part a  part b  part c …
 *   server 2   part a  part b  part c …      joined by (log, position, header)
 *   server 3   part a          part c …      leaves out b: set aside and said
 *
 * Every server sends the same parts in the same order (PROTOCOL.md, POST /history). t + 1 that agree
 * on the next part include an honest one, so nothing is left out or slipped in; a server that sends
 * another is set aside for good. Only the parts at hand and one page a server are in memory.
 */
import { toHex } from '@vitalshare/edge/seal';
import { ASK_TIMEOUT_MS, WINDOW_PAGES_MAX } from '../limits.ts';
import { decodeHistory, type HistoryPart, type HistoryQuery } from '../messages/messages.ts';
import { askAll, tooFew } from './ask.ts';
import { bytesOf } from './catalogue.ts';
import { ReaderError, serverList } from './errors.ts';
import type { PartCopy } from './history-open.ts';
import type { ReaderParty } from './party.ts';
import { askServer, parsedFrom, ServerFault } from './request.ts';
import type { Surroundings } from './surroundings.ts';

export interface JoinOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/**
 * Copies of each part, by rising server, from every server in `servers`. A server that fails or
 * differs is taken out of `servers` and its fault given to `fault`. Throws ReaderError when fewer
 * than t + 1 are left, or when no t + 1 agree.
 */
export async function* joinParts(
  party: ReaderParty,
  world: Surroundings,
  query: HistoryQuery,
  servers: Set<number>,
  fault: (fault: ServerFault) => void,
  options: JoinOptions,
): AsyncGenerator<PartCopy[], void> {
  const needed = party.configuration.threshold + 1;
  const faults: ServerFault[] = [];
  const setAside = (one: ServerFault): void => {
    servers.delete(one.server);
    faults.push(one);
    fault(one);
  };
  const sources = new Map(
    [...servers].map((server) => [server, partsOf(party, world, server, query, options)]),
  );
  for (;;) {
    const nexts = await Promise.all(
      [...servers].map(async (server) => {
        try {
          const { value } = await sources.get(server)!.next();
          return { server, part: value ?? null };
        } catch (error) {
          if (!(error instanceof ServerFault)) throw error;
          setAside(error);
          return null;
        }
      }),
    );
    const heads = nexts.filter((next) => next !== null);
    if (heads.length < needed) {
      const left = heads.map(({ server }) => server);
      throw tooFew(party, 'opening history', needed, left, faults);
    }
    const agreed = largestGroup(heads);
    const others = heads.filter((head) => !agreed.includes(head));
    if (agreed.length < needed || largestGroup(others).length >= needed) {
      throw disagreement(heads.map(({ server }) => server));
    }
    for (const { server } of others) {
      setAside(new ServerFault(server, 'differs', 'it sent other parts than the others'));
    }
    const copies = agreed.filter((head): head is PartCopy => head.part !== null);
    if (copies.length === 0) return;
    yield copies.sort((a, b) => a.server - b.server);
  }
}

interface Next {
  readonly server: number;
  /** Null at the end. */
  readonly part: HistoryPart | null;
}

function largestGroup(heads: readonly Next[]): Next[] {
  const groups = new Map<string, Next[]>();
  for (const head of heads) {
    const key = head.part === null ? 'end' : keyOf(head.part);
    groups.set(key, [...(groups.get(key) ?? []), head]);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length)[0] ?? [];
}

const keyOf = ({ log, position, header }: HistoryPart): string =>
  `${toHex(log)} ${position} ${toHex(header)}`;

async function* partsOf(
  party: ReaderParty,
  world: Surroundings,
  server: number,
  query: HistoryQuery,
  { signal, timeoutMs = ASK_TIMEOUT_MS }: JoinOptions,
): AsyncGenerator<HistoryPart, undefined> {
  let after: string | undefined;
  for (let page = 0; page < WINDOW_PAGES_MAX; page++) {
    const body = bytesOf(after === undefined ? query : { ...query, after });
    const options = { enough: 1, servers: [server], timeoutMs, signal };
    const { answers, faults } = await askAll(party, world, options, async (_, within) => {
      const bytes = await askServer(party, server, '/history', body, world, within);
      return parsedFrom(server, bytes, decodeHistory);
    });
    const answer = answers[0]?.answer;
    if (answer === undefined) throw faults[0]!;
    yield* answer.parts;
    if (answer.next === '') return undefined;
    after = answer.next;
  }
  throw new ServerFault(server, 'malformed', `it sent more than ${WINDOW_PAGES_MAX} pages`);
}

const disagreement = (servers: readonly number[]): ReaderError =>
  new ReaderError(
    'disagree',
    `The servers do not agree on what this history consists of: ${serverList(servers)} sent ` +
      'different parts. At least one of them is wrong or has lost part of the log.',
    servers,
  );

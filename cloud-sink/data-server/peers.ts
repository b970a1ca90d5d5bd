/**
 * The other data servers, asked by this one as one more signed question to each (PROTOCOL.md,
 * section 3): all of them at once, under one nonce and one time of creation, which /repair binds its
 * masks to [PROTO-48]. Once as many have answered as are needed, the others get a little longer.
 */
import { sign, verify } from '@vitalshare/edge/identity/node';
import { ASK_GRACE_MS, ASK_TIMEOUT_MS } from '../limits.ts';
import { askServer, parsedFrom, ServerFault } from '../reader/request.ts';
import type { ServerParty } from './runs.ts';
import { scoped } from './scope.ts';

export interface PeersOptions {
  readonly party: Pick<ServerParty, 'identity' | 'configuration' | 'configDigest' | 'server'>;
  /** The j-th is server j's. */
  readonly addresses: readonly string[];
  readonly fetch: typeof globalThis.fetch;
  /** ms UTC. */
  readonly clock: () => number;
  readonly random: (lengthBytes: number) => Uint8Array;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface PeerAnswers<Answer> {
  readonly answers: readonly Answer[];
  /** By rising server. */
  readonly faults: readonly ServerFault[];
}

/** A nonce and a time for one question to all. */
export const drawOnce = ({ random, clock }: Pick<PeersOptions, 'random' | 'clock'>) => ({
  nonce: random(16),
  createdMs: Math.floor(clock() / 1000) * 1000,
});

/** One question to one other server. Throws ServerFault. */
export type AskPeer = (
  server: number,
  path: string,
  body: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
) => Promise<Uint8Array>;

/** As this server, each question under what `clock` and `random` give. */
export function askingPeer({ party, addresses, sleep, signal, ...world }: PeersOptions): AskPeer {
  const { identity, configuration, configDigest } = party;
  const asker = {
    identity,
    configuration,
    configDigest,
    addresses: { gateway: '', dataServers: addresses },
  };
  const surroundings = {
    ...{ ...world, sign, verify },
    sleep: (ms: number) => sleep(ms, signal),
  };
  return (server, path, body, scope) => askServer(asker, server, path, body, surroundings, scope);
}

/** `parse` throws AnswerError or ServerFault on what is not an answer to this. */
export async function askPeers<Answer>(
  options: PeersOptions,
  path: string,
  body: Uint8Array<ArrayBuffer>,
  once: ReturnType<typeof drawOnce>,
  enough: number,
  parse: (server: number, bytes: Uint8Array) => Answer,
  timeoutMs = ASK_TIMEOUT_MS,
): Promise<PeerAnswers<Answer>> {
  const { party, sleep, signal } = options;
  const { configuration } = party;
  const clock = () => once.createdMs;
  const ask = askingPeer({ ...options, clock, random: () => once.nonce });
  const others = configuration.dataServers
    .map((_, i) => i + 1)
    .filter((server) => server !== party.server);
  return scoped(signal, async (scope) => {
    const answers: Answer[] = [];
    const faults: ServerFault[] = [];
    const within = (ms: number) => void sleep(ms, scope.signal).then(() => scope.abort());
    within(timeoutMs);
    await Promise.all(
      others.map(async (server) => {
        try {
          const bytes = await ask(server, path, body, scope.signal);
          answers.push(parsedFrom(server, bytes, (each) => parse(server, each)));
          if (answers.length === enough) within(ASK_GRACE_MS);
        } catch (error) {
          if (!(error instanceof ServerFault)) throw error;
          faults.push(error);
        }
      }),
    );
    return { answers, faults: faults.sort((a, b) => a.server - b.server) };
  });
}

/**
 * One question to all data servers at once, each within its own time.
 *
 * Once as many have answered as are needed, the others get a little longer: a silent server must
 * not hold up a ward, yet one answer more is what makes a result checkable [S6].
 */
import { ASK_GRACE_MS, ASK_TIMEOUT_MS } from '../limits.ts';
import { type ReaderParty, serverIndices, serverName } from './party.ts';
import { ServerFault } from './request.ts';
import { listed, ReaderError } from './errors.ts';
import type { Surroundings } from './surroundings.ts';

export interface Answered<Answer> {
  /** By rising server. */
  readonly answers: readonly { readonly server: number; readonly answer: Answer }[];
  /** By rising server. */
  readonly faults: readonly ServerFault[];
}

export interface AskOptions {
  /** After this many answers the others have `graceMs` left. */
  readonly enough: number;
  readonly timeoutMs?: number;
  readonly graceMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Ask only these. */
  readonly servers?: readonly number[] | undefined;
}

/**
 * Calls `ask` for every server. Faults are collected; whatever else `ask` throws is a bug and is
 * thrown on. Rejects with the signal's reason where the caller aborts.
 */
export async function askAll<Answer>(
  party: ReaderParty,
  world: Surroundings,
  options: AskOptions,
  ask: (server: number, signal: AbortSignal) => Promise<Answer>,
): Promise<Answered<Answer>> {
  const { enough, timeoutMs = ASK_TIMEOUT_MS, graceMs = ASK_GRACE_MS } = options;
  const servers = options.servers ?? serverIndices(party);
  const stopped = new AbortController();
  const done = new AbortController();
  const stop = (): void => stopped.abort();
  options.signal?.addEventListener('abort', stop, { once: true });
  const answers: { server: number; answer: Answer }[] = [];
  const faults: ServerFault[] = [];
  let graceStarted = false;
  const within = async (ms: number): Promise<void> => {
    await world.sleep(ms, done.signal);
    if (!done.signal.aborted) stopped.abort();
  };
  try {
    options.signal?.throwIfAborted();
    void within(timeoutMs);
    await Promise.all(
      servers.map(async (server) => {
        try {
          answers.push({ server, answer: await ask(server, stopped.signal) });
          if (answers.length < enough || graceStarted) return;
          graceStarted = true;
          void within(graceMs);
        } catch (error) {
          if (!(error instanceof ServerFault)) throw error;
          faults.push(error);
        }
      }),
    );
  } finally {
    done.abort();
    options.signal?.removeEventListener('abort', stop);
  }
  options.signal?.throwIfAborted();
  answers.sort((a, b) => a.server - b.server);
  faults.sort((a, b) => a.server - b.server);
  return { answers, faults };
}

/** Faults of servers that are not there: what they do not answer now they will not answer next. */
export const gone = (faults: readonly ServerFault[]): ServerFault[] =>
  faults.filter(({ code }) => code === 'unreachable' || code === 'timeout');

/** Everybody but those at fault. */
export function without(party: ReaderParty, faults: readonly ServerFault[]): number[] {
  const out = new Set(faults.map(({ server }) => server));
  return serverIndices(party).filter((server) => !out.has(server));
}

/** One sentence a server: `server 3 (St. Mary): it cannot be reached (connection refused)`. */
export const faultLines = (party: ReaderParty, faults: readonly ServerFault[]): string[] =>
  faults.map((fault) => `${serverName(party, fault.server)}: ${fault.message}`);

/** Why too few servers answered: their own refusal where they gave one, else who is missing. */
export function tooFew(
  party: ReaderParty,
  what: string,
  needed: number,
  answered: readonly number[],
  faults: readonly ServerFault[],
): ReaderError {
  const refusals = faults.filter((fault) => fault.code === 'refused');
  if (refusals.length > 0 && answered.length + refusals.length >= needed) {
    const reasons = [...new Set(refusals.map((fault) => fault.message))];
    const servers = refusals.map((fault) => fault.server);
    const who = listed(servers.map((server) => serverName(party, server)));
    const error = new ReaderError('refused', `${who} refused: ${reasons.join(' / ')}`, servers);
    const [problem, ...others] = refusals.map((fault) => fault.problem);
    if (problem && others.every((other) => other?.code === problem.code)) error.problem = problem;
    return error;
  }
  const missing = serverIndices(party).filter((server) => !answered.includes(server));
  const reasons = missing.map((server) => {
    const fault = faults.find((each) => each.server === server);
    return `${serverName(party, server)}: ${fault?.message ?? 'it did not answer'}`;
  });
  const got = answered.length === 0 ? 'none answered' : `only ${answered.length} did`;
  return new ReaderError(
    'too-few',
    `${what} needs answers of ${needed} data servers; ${got}. Missing: ${reasons.join('; ')}.`,
    missing,
  );
}

/**
 * One request to one data server: signed, bounded in time and size, its answer opened and verified.
 *
 *   answer = HPKE to the asker, bound to this very request, of signature 64 B ‖ body
 *                                                                                 [PROTO-11] [S16]
 *
 * Everything that can go wrong at one server is a `ServerFault` in words: the others go on.
 */
import { keyId } from '@vitalshare/edge/identity';
import { ANSWER_BYTES_MAX, PROBLEM_BYTES_MAX } from '../limits.ts';
import {
  AnswerError,
  CanonicalError,
  openSignedAnswer,
  parseJson,
  parseProblem,
  type ProblemError,
  type SignedBody,
  signRequest,
} from '../messages/messages.ts';
import type { ReaderParty } from './party.ts';
import type { Surroundings } from './surroundings.ts';

type FaultCode =
  | 'unreachable'
  | 'timeout'
  | 'refused' // problem+json: `problem` has its code
  | 'malformed' // not of the form of PROTOCOL.md
  | 'unsealed' // not sealed to the asker, or not signed by that server
  | 'other-configuration'
  | 'behind'
  | 'differs'; // a well-formed answer over other data than t + 1 others

export class ServerFault extends Error {
  override readonly name = 'ServerFault';
  readonly server: number;
  readonly code: FaultCode;
  /** The server's own refusal, where it gave one of PROTOCOL.md. */
  readonly problem: ProblemError | undefined;
  constructor(server: number, code: FaultCode, message: string, problem?: ProblemError) {
    super(message);
    this.server = server;
    this.code = code;
    this.problem = problem;
  }
}

/** An answer with all that shows whose it is, and to which request. */
export interface ProvenAnswer extends SignedBody {
  /** `signature-input` and `signature` of the request. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The bytes of a 200 answer's body. Throws ServerFault. */
export const askServer = async (...asked: Parameters<typeof askProven>): Promise<Uint8Array> =>
  (await askProven(...asked)).body;

/** The same, with its proof. Throws ServerFault. */
export async function askProven(
  party: ReaderParty,
  server: number,
  path: string,
  body: Uint8Array<ArrayBuffer>,
  world: Surroundings,
  signal: AbortSignal,
): Promise<ProvenAnswer> {
  const identity = party.configuration.dataServers[server - 1];
  const address = party.addresses.dataServers[server - 1];
  if (identity === undefined || address === undefined) {
    throw new RangeError(`server ${server} is not in the configuration`);
  }
  const url = new URL(address.replace(/\/$/, '') + path);
  const headers = signRequest({
    method: 'POST',
    path: url.pathname,
    body,
    server: keyId(identity),
    identity: party.identity,
    nowMs: world.clock(),
    random: world.random,
    sign: world.sign,
  });
  const sealed = await fetchBytes(server, world, url, signal, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  try {
    const request = { signature: headers['signature']!, body };
    const signed = openSignedAnswer(party.identity, identity.sign, request, sealed, world.verify);
    return { ...signed, headers };
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error;
    throw new ServerFault(server, 'unsealed', 'its answer is not sealed to you and signed by it');
  }
}

/** Parses what a server sent; what is not of its form is that server's fault. */
export function parsedFrom<T>(
  server: number,
  bytes: Uint8Array,
  parse: (bytes: Uint8Array) => T,
): T {
  try {
    return parse(bytes);
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error;
    throw new ServerFault(server, 'malformed', `its reply is malformed (${error.message})`);
  }
}

/** Throws ServerFault where an answer says that it is of another configuration [PROTO-1]. */
export function checkConfiguration(
  { configuration, configDigest }: ReaderParty,
  server: number,
  answer: { readonly config: string; readonly generation: number },
): void {
  if (answer.config === configDigest && answer.generation === configuration.generation) return;
  throw new ServerFault(server, 'other-configuration', 'it has another configuration');
}

/** The bytes of a 200 reply, at most `ANSWER_BYTES_MAX`. Throws ServerFault. */
export async function fetchBytes(
  server: number,
  world: Surroundings,
  url: URL,
  signal: AbortSignal,
  request: RequestInit,
): Promise<Uint8Array> {
  try {
    const init = { ...request, signal, redirect: 'error' as const, cache: 'no-store' as const };
    const response = await world.fetch(url, init);
    if (!response.ok) {
      throw refusal(server, response.status, await bounded(server, response, PROBLEM_BYTES_MAX));
    }
    return await bounded(server, response, ANSWER_BYTES_MAX);
  } catch (error) {
    if (error instanceof ServerFault) throw error;
    throw unreachable(server, error, signal);
  }
}

async function bounded(server: number, response: Response, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const stream: ReadableStream<Uint8Array> | null = response.body;
  const reader = stream?.getReader();
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > bytesMax) {
      await reader.cancel();
      throw new ServerFault(server, 'malformed', `it answered more than ${bytesMax} bytes`);
    }
    chunks.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function refusal(server: number, status: number, bytes: Uint8Array): ServerFault {
  const problem = problemIn(bytes);
  if (problem === null) {
    return new ServerFault(server, 'malformed', `it refused with status ${status} and no reason`);
  }
  const code = problem.code === 'behind' ? 'behind' : 'refused';
  return new ServerFault(server, code, problem.message, problem);
}

function problemIn(bytes: Uint8Array): ProblemError | null {
  try {
    return parseProblem(parseJson(bytes));
  } catch (error) {
    if (error instanceof CanonicalError) return null;
    throw error;
  }
}

function unreachable(server: number, error: unknown, signal: AbortSignal): ServerFault {
  if (signal.aborted) return new ServerFault(server, 'timeout', 'it did not answer in time');
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  const code = cause !== undefined && 'code' in cause ? String(cause.code) : '';
  const reason =
    code === 'ECONNREFUSED' ? 'connection refused' : code === '' ? 'no connection' : code;
  return new ServerFault(server, 'unreachable', `it cannot be reached (${reason})`);
}

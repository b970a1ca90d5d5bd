/**
 * What the gateway asks data servers: how far they know its logs, and the tags in them [S1].
 *
 *   GET /head                                clear: a hint, nothing is trusted on it alone
 *   POST /tags  signed by the gateway ─►     sealed to it and signed by the server [PROTO-10] [PROTO-11]
 */
import {
  canonicalBytes,
  openSealedAnswer,
  parseHead,
  parseTagsAnswer,
  type ServerHead,
  signRequest,
  type TagsAnswer,
} from '@vitalshare/cloud-sink/messages';
import {
  type Identity,
  keyId,
  type PublicIdentity,
  sign,
  verify,
} from '@vitalshare/edge/identity/node';
import { SERVER_ANSWER_BYTES_MAX } from '../limits.ts';

export interface ServersOptions {
  readonly identity: Identity;
  /** The j-th is server j's, and so are the addresses. */
  readonly dataServers: readonly PublicIdentity[];
  readonly addresses: readonly string[];
  readonly fetch: typeof fetch;
  readonly clock: () => number;
  readonly random: (lengthBytes: number) => Uint8Array;
}

/** Each call rejects when the server cannot be reached, refuses, or answers something else. */
export class Servers {
  readonly #options: ServersOptions;

  constructor(options: ServersOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#options.dataServers.length;
  }

  async head(server: number, signal: AbortSignal): Promise<ServerHead> {
    return parseHead(await this.#call(server, '/head', { signal }));
  }

  /** Tags of the masked frames of `log` from position `from` on. */
  async tags(server: number, log: string, from: number, signal: AbortSignal): Promise<TagsAnswer> {
    const { identity, dataServers, clock, random } = this.#options;
    const { sign: serverSign } = dataServers[server - 1]!;
    const body = canonicalBytes({ version: 1, log, from });
    const signed = signRequest({
      ...{ method: 'POST', path: '/tags', body, identity, random, sign },
      server: keyId({ sign: serverSign }),
      nowMs: clock(),
    });
    const headers = { ...signed, 'content-type': 'application/json' };
    const sealed = await this.#call(server, '/tags', { method: 'POST', headers, body, signal });
    const request = { signature: signed['signature']!, body };
    return parseTagsAnswer(openSealedAnswer(identity, serverSign, request, sealed, verify));
  }

  async #call(server: number, path: string, init: RequestInit): Promise<Uint8Array> {
    const url = new URL(path, this.#options.addresses[server - 1]);
    const response = await this.#options.fetch(url, { ...init, redirect: 'error' });
    if (!response.ok) throw new Error(`server ${server} answered ${response.status}`);
    return await bounded(response);
  }
}

/** A server that sends without end is cut off. */
async function bounded(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > SERVER_ANSWER_BYTES_MAX) throw new Error('the answer is too large');
    chunks.push(chunk as Uint8Array);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

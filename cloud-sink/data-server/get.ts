/**
 * One GET of another party: the log host or a server. It is trusted with nothing: what is late is given
 * up, no redirect is followed, a reply that is too long is not read on.
 */
import { scoped } from './scope.ts';

export interface Getting {
  readonly fetch: typeof globalThis.fetch;
  /** Aborts when this server stops. */
  readonly signal: AbortSignal;
}

export interface Get {
  /** `the log host`, `server 2`: for errors. */
  readonly who: string;
  readonly address: string;
  readonly path: string;
  readonly msMax: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A reply that is not one of PROTOCOL.md: another server, a proxy's page, too many bytes. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';
  /** Of HTTP; 200 where its body is at fault. */
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What `use` makes of a 200 reply. Rejects with ReplyError, and with what fetch throws. */
export function get<Result>(
  { fetch, signal }: Getting,
  { who, address, path, msMax, headers = {} }: Get,
  use: (response: Response) => Promise<Result>,
): Promise<Result> {
  return scoped(signal, async (scope) => {
    const late = new DOMException('no answer in time', 'TimeoutError');
    // Of the network, not of the world's clock: tests that turn that one on still wait for a socket.
    const timer = setTimeout(() => scope.abort(late), msMax);
    try {
      const url = address.replace(/\/$/, '') + path;
      const response = await fetch(url, { signal: scope.signal, redirect: 'error', headers });
      if (response.status === 200) return await use(response);
      await response.body?.cancel();
      throw new ReplyError(
        response.status,
        `${who} answered ${response.status} to ${nameOf(path)}`,
      );
    } finally {
      clearTimeout(timer);
    }
  });
}

/** Its body as it comes. Throws ReplyError at the first byte beyond `bytesMax`. */
export async function* bounded(
  response: Response,
  bytesMax: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new ReplyError(200, `more than ${bytesMax} bytes in one reply`);
    yield chunk;
  }
}

const nameOf = (path: string): string => path.split('?')[0]!;

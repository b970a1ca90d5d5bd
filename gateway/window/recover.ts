/**
 * Was this gateway restored from an older copy? The data servers know [S1].
 *
 *   a server knows more of our log, or another past of it ─► never append to that log again,
 *                                                            take the missing tags from the servers
 *   fewer than t + 1 servers answer                       ─► nobody can tell: a new log as well,
 *                                                            and the tags when they come back
 *
 * Two continuations of one log would be a fork; a new log is only a new log.
 */
import { headHash, type ServerHead } from '@vitalshare/cloud-sink/messages';
import { constantTimeEqual } from '@vitalshare/edge/seal';
import { HEAD_PAUSE_MS, HEAD_TRY_MS, TAGS_GRACE_MS, TAGS_WAIT_MS } from '../limits.ts';

/** One log as this gateway's disk has it. */
export interface OwnLog {
  readonly log: string;
  readonly position: number;
  /** The hash of the batch that ends at `position`; undefined where none does. */
  readonly hashAt: (position: number) => Promise<Uint8Array | undefined>;
}

/** Tags a server has and this gateway does not. */
export interface Unknown {
  readonly server: number;
  readonly log: string;
  readonly from: number;
}

export interface Compared {
  readonly unknown: readonly Unknown[];
  /** Logs of which a server knows more, or another past. */
  readonly lost: ReadonlySet<string>;
}

export interface HeadAsker {
  readonly count: number;
  head(server: number, signal: AbortSignal): Promise<ServerHead>;
}

export interface HeadsWanted {
  readonly configDigest: string;
  /** t + 1: any fewer could all be behind. */
  readonly enough: number;
  readonly waitMs: number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly clock: () => number;
}

/**
 * Asks every data server until it answers: a world that starts as one starts its servers meanwhile.
 * Once enough have answered, the others get as long as one try takes.
 */
export async function askHeads(
  servers: HeadAsker,
  wanted: HeadsWanted,
  stopped?: AbortSignal,
): Promise<ServerHead[]> {
  const heads = new Map<number, ServerHead>();
  const endMs = wanted.clock() + wanted.waitMs;
  for (;;) {
    const silent = indicesOf(servers).filter((server) => !heads.has(server));
    const asked = await Promise.allSettled(
      silent.map((server) =>
        within(HEAD_TRY_MS, stopped, (signal) => servers.head(server, signal)),
      ),
    );
    for (const answer of asked) {
      if (answer.status === 'rejected') continue;
      const { server, config } = answer.value;
      if (config === wanted.configDigest) heads.set(server, answer.value); // [PROTO-1]
    }
    if (heads.size >= wanted.enough || wanted.clock() >= endMs) return [...heads.values()];
    await wanted.sleep(HEAD_PAUSE_MS);
  }
}

const indicesOf = ({ count }: HeadAsker): number[] =>
  Array.from({ length: count }, (_, i) => i + 1);

export async function compareHeads(
  own: readonly OwnLog[],
  heads: readonly ServerHead[],
): Promise<Compared> {
  const unknown: Unknown[] = [];
  const lost = new Set<string>();
  for (const { server, heads: known } of heads) {
    for (const [log, head] of Object.entries(known)) {
      const mine = own.find((each) => each.log === log);
      const position = mine?.position ?? 0;
      if (head.position > position) {
        unknown.push({ server, log, from: position });
        lost.add(log);
        continue;
      }
      const hash = await mine?.hashAt(head.position);
      if (hash !== undefined && constantTimeEqual(hash, headHash(head))) continue;
      // Same length, another past: which of its frames are ours nobody knows, so take all tags.
      unknown.push({ server, log, from: 0 });
      lost.add(log);
    }
  }
  return { unknown, lost };
}

export interface TagAsker {
  tags(
    server: number,
    log: string,
    from: number,
    signal: AbortSignal,
  ): Promise<{ readonly next: number; readonly tags: readonly Uint8Array[] }>;
}

/** Hands over every tag there is to have. Rejects where a server stops answering half-way. */
export async function fetchTags(
  servers: TagAsker,
  unknown: readonly Unknown[],
  add: (tags: readonly Uint8Array[]) => void,
  stopped?: AbortSignal,
): Promise<void> {
  for (const { server, log, from } of unknown) {
    for (let at = from; ;) {
      const answer = await within(TAGS_WAIT_MS, stopped, (signal) =>
        servers.tags(server, log, at, signal),
      );
      add(answer.tags);
      if (answer.next <= at) break;
      at = answer.next;
    }
  }
}

export interface TagsWanted {
  /** Servers that must have told all, those with nothing to tell included, before the others may lag. */
  readonly enough: number;
  /** Called for each that has told all, then or later. */
  readonly told: (server: number) => void;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly stopped: AbortSignal;
}

/**
 * From all servers at once. One that is still telling TAGS_GRACE_MS after enough of the others have told
 * all goes on beside whatever comes next: it may know much, or lie and tell for ever.
 */
export async function fetchTagsOfAll(
  servers: TagAsker,
  asked: readonly number[],
  unknown: readonly Unknown[],
  add: (tags: readonly Uint8Array[], server: number) => void,
  { enough, told, sleep, stopped }: TagsWanted,
): Promise<void> {
  const over = new AbortController();
  const late = new Promise<void>((resolve) =>
    over.signal.addEventListener('abort', () => resolve()),
  );
  let count = 0;
  const all = asked.map(async (server) => {
    const own = unknown.filter((each) => each.server === server);
    const take = (tags: readonly Uint8Array[]): void => add(tags, server);
    const logs = own.map((each) => fetchTags(servers, [each], take, stopped));
    // One log that fails keeps no other one back.
    const failed = (await Promise.allSettled(logs)).find(({ status }) => status === 'rejected');
    if (failed) return;
    told(server);
    count += 1;
    if (count === enough) void sleep(TAGS_GRACE_MS, over.signal).then(() => over.abort());
  });
  await Promise.race([Promise.allSettled(all), late]);
  over.abort();
}

/**
 * A call that ends after `ms`, or with `stopped`. By hand, because `AbortSignal.any` keeps something
 * of every call for as long as `stopped` lives, and that is as long as the process.
 */
async function within<T>(
  ms: number,
  stopped: AbortSignal | undefined,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  stopped?.throwIfAborted();
  const ended = new AbortController();
  const end = (): void => ended.abort();
  const timer = setTimeout(end, ms);
  stopped?.addEventListener('abort', end);
  try {
    return await call(ended.signal);
  } finally {
    clearTimeout(timer);
    stopped?.removeEventListener('abort', end);
  }
}

/**
 * Follows `GET /live` and knows when it no longer does. Any event is a sign of life, and the gateway
 * sends one every second; silence of FEED_LOST_MS means that this page is not live, whatever state the
 * socket claims (a pulled cable leaves it open for minutes).
 *
 * A lost feed is opened anew every 2 s for the first 10 s, then every 5 s, until it speaks.
 */
import type {
  LiveAlarms,
  LiveClock,
  LiveNews2,
  LiveNotice,
  LiveNumbers,
  LiveWard,
  LiveWave,
} from '../live/feed.ts';
import { FEED_LOST_MS } from './ages.ts';

/** The part of an EventSource that is used. */
export interface FeedSource {
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void;
  close(): void;
}

export interface FeedListener {
  readonly ward: (event: LiveWard) => void;
  readonly numbers: (event: LiveNumbers) => void;
  readonly wave: (event: LiveWave) => void;
  readonly notice: (event: LiveNotice) => void;
  readonly alarms: (event: LiveAlarms) => void;
  readonly news2: (event: LiveNews2) => void;
  readonly clock: (event: LiveClock) => void;
  /** Called on every change between live and not live; `heardMs` is when the last event came. */
  readonly live: (live: boolean, heardMs: number) => void;
}

const EVENTS = ['ward', 'numbers', 'wave', 'notice', 'alarms', 'news2', 'clock'] as const;
type AnyEvent = Parameters<FeedListener[(typeof EVENTS)[number]]>[0];
const POLL_MS = 250;
const RETRY_MS = 2_000;
const RETRY_LATER_MS = 5_000;
const LATER_MS = 10_000;

export interface FeedSurroundings {
  readonly open: () => FeedSource;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly every: (ms: number, run: () => void) => void;
}

export function followFeed(listener: FeedListener, { open, now, every }: FeedSurroundings): void {
  let source: FeedSource | null = null;
  let openedMs = now();
  let heardMs = openedMs;
  let live: boolean | null = null;

  const setLive = (next: boolean) => {
    if (live === next) return;
    live = next;
    listener.live(next, heardMs);
  };
  const connect = () => {
    source?.close();
    openedMs = now();
    const opened = open();
    source = opened;
    for (const name of EVENTS) {
      opened.addEventListener(name, ({ data }) => {
        const body = source === opened ? parse(data) : null;
        if (body === null) return;
        heardMs = now();
        // The channel decides the shape: both ends import the same types.
        (listener[name] as (event: AnyEvent) => void)(body as AnyEvent);
        setLive(true);
      });
    }
  };
  every(POLL_MS, () => {
    const silentMs = now() - heardMs;
    if (silentMs < FEED_LOST_MS) return;
    setLive(false);
    const retryMs = silentMs < LATER_MS ? RETRY_MS : RETRY_LATER_MS;
    if (now() - openedMs >= retryMs) connect();
  });
  connect();
}

/** An event that is not an object is no sign of life and nothing to show. */
function parse(data: unknown): object | null {
  if (typeof data !== 'string') return null;
  try {
    const body: unknown = JSON.parse(data);
    return typeof body === 'object' && !Array.isArray(body) ? body : null;
  } catch {
    return null;
  }
}

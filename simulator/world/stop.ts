/**
 * When to stop: Ctrl-C, SIGTERM, a closed terminal, or a closed pipe (`edge/command`). The first asks;
 * a second one while stopping means "at once". One Ctrl-C may arrive twice, from the terminal and from
 * npx, so what comes within a second is the same request.
 */
import { SAME_REQUEST_MS_MAX } from '../limits.ts';

export interface Stop {
  /** Aborts with the first request. */
  readonly signal: AbortSignal;
  readonly asked: Promise<void>;
  onSecond(act: () => void): void;
  /** Stopping begins for another reason: the next request is a second one. */
  begin(): void;
  /** Signals have their usual meaning again. */
  end(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function waitForStop(clock: () => number): Stop {
  const controller = new AbortController();
  let atOnce = (): void => undefined;
  const asked = new Promise<void>((settle) => {
    controller.signal.addEventListener('abort', () => settle(), { once: true });
  });
  let firstMs = Infinity;
  const begin = (): void => {
    if (controller.signal.aborted) return;
    firstMs = clock();
    controller.abort();
  };
  const request = (): void => {
    if (clock() - firstMs > SAME_REQUEST_MS_MAX) atOnce();
    begin();
  };
  for (const name of SIGNALS) process.on(name, request);
  return {
    signal: controller.signal,
    asked,
    onSecond: (act) => (atOnce = act),
    begin,
    end: () => {
      for (const name of SIGNALS) process.off(name, request);
    },
  };
}

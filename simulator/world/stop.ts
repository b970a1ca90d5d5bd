/**
 * When to stop: Ctrl-C, SIGTERM, a closed terminal, or a closed pipe (`edge/command`). The first asks;
 * the second while stopping means "at once".
 */
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

export function waitForStop(): Stop {
  const controller = new AbortController();
  let atOnce = (): void => undefined;
  const asked = new Promise<void>((settle) => {
    controller.signal.addEventListener('abort', () => settle(), { once: true });
  });
  const request = (): void => {
    if (controller.signal.aborted) atOnce();
    else controller.abort();
  };
  for (const name of SIGNALS) process.on(name, request);
  return {
    signal: controller.signal,
    asked,
    onSecond: (act) => (atOnce = act),
    begin: () => controller.abort(),
    end: () => {
      for (const name of SIGNALS) process.off(name, request);
    },
  };
}

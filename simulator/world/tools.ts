/** Time as `up` has it, an argument of everything below the command; `machineTools` is the real one. */
import { setTimeout as wait } from 'node:timers/promises';

export interface Tools {
  /** ms UTC. */
  readonly clock: () => number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Calls `tick` every `ms` until what it returns is called. */
  readonly every: (ms: number, tick: () => void) => () => void;
}

export const machineTools: Tools = {
  clock: () => Date.now(),
  sleep: (ms, signal) => wait(ms, undefined, signal && { signal }).catch(() => undefined),
  every: (ms, tick) => {
    const timer = setInterval(tick, ms);
    return () => clearInterval(timer);
  },
};

/** Time as an argument; the one place of this folder where it is the machine's own. */

export interface Time {
  /** Milliseconds UTC. */
  readonly clock: () => number;
  /** Calls `run` once after `delayMs`; the answer takes it back. */
  readonly setTimer: (run: () => void, delayMs: number) => () => void;
}

export const systemTime: Time = {
  clock: () => Date.now(),
  setTimer(run, delayMs) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * What a reader needs of the world around it: a network, a clock, randomness, waiting. All of it is
 * an argument, so a test brings its own; `platform` is what every browser and Node has.
 */
import { sign, verify } from '@vitalshare/edge/identity';

export interface Surroundings {
  readonly fetch: typeof globalThis.fetch;
  /** ms UTC. */
  readonly clock: () => number;
  readonly random: (lengthBytes: number) => Uint8Array;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** On Node, those of `@vitalshare/edge/identity/node`: the same, faster. */
  readonly sign: typeof sign;
  readonly verify: typeof verify;
}

export const platform: Surroundings = {
  fetch: (...request) => globalThis.fetch(...request),
  clock: () => Date.now(),
  random: (lengthBytes) => crypto.getRandomValues(new Uint8Array(lengthBytes)),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal?.addEventListener('abort', end);
    }),
  sign,
  verify,
};

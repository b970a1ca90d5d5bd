/**
 * Two rates of one heart: the ECG's and the pulse's. They may part for a few beats (ectopic beats that
 * push no blood); when they stay apart one sensor is wrong, or on somebody else.
 *
 *   |a − b| > max(APART_MIN, APART_SHARE · larger)  for PERSIST_SECONDS of rows in which both are there
 *
 * In the shared BIDMC numerics they part for 9 s at most.
 */
import { LastingErrors, type StreamError } from './stream-error.ts';

const APART_MIN = 10;
const APART_SHARE = 0.1;
export const PERSIST_SECONDS = 15;

export class Disagreement {
  readonly #errors: LastingErrors;
  #apartFromUs: number | undefined;

  constructor(tell: (error: StreamError) => void) {
    this.#errors = new LastingErrors(tell);
  }

  /** Both in /min; null is absent, and says nothing about agreement. */
  row(atUs: number, a: number | null, b: number | null): void {
    if (a === null || b === null) return;
    if (Math.abs(a - b) <= Math.max(APART_MIN, APART_SHARE * Math.max(a, b))) {
      this.#apartFromUs = undefined;
      this.#errors.end('disagreement', atUs);
      return;
    }
    this.#apartFromUs ??= atUs;
    if (atUs - this.#apartFromUs >= 1e6 * PERSIST_SECONDS) {
      this.#errors.begin('disagreement', this.#apartFromUs, atUs);
    }
  }
}

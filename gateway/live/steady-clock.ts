/**
 * The gateway's two clocks: the wall's, which somebody may set, and a steady one, which began at the
 * wall's time and only rises. How long something lasts is asked of the steady one; a time that is shown
 * or kept is the wall's.
 *
 *   steady = wall at start + monotonic − monotonic at start        wall of it = steady + (wall − steady)
 */
import { CLOCK_STEP_MS_MIN } from '../limits.ts';

export class SteadyClock {
  readonly wallMs: () => number;
  readonly #monotonicMs: () => number;
  readonly #startMs: number;
  #aheadMs = 0;

  /** With the wall's clock alone steps go unseen: for tests that set time. */
  constructor(wallMs: () => number, monotonicMs: () => number = wallMs) {
    this.wallMs = wallMs;
    this.#monotonicMs = monotonicMs;
    this.#startMs = wallMs() - monotonicMs();
  }

  get nowMs(): number {
    return this.#startMs + this.#monotonicMs();
  }

  /** What the wall's clock would have said, as it is set now. */
  wallOf(steadyMs: number): number {
    return Math.round(steadyMs + (this.wallMs() - this.nowMs));
  }

  /** By how much the wall's clock was set since this was last asked, back is negative; 0 for what drifts. */
  step(): number {
    const aheadMs = this.wallMs() - this.nowMs;
    const stepMs = aheadMs - this.#aheadMs;
    this.#aheadMs = aheadMs;
    return Math.abs(stepMs) < CLOCK_STEP_MS_MIN ? 0 : Math.round(stepMs);
  }
}

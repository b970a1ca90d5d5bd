/**
 * The gateway's clock as this page can know it: the page's own monotonic clock plus an offset.
 *
 * An event can only come late, so the greatest offset seen is the truest; it is kept, but forgets
 * 2 % of the difference with every event, since clocks drift. A step of over a second is taken at once.
 */
const FORGET = 0.02;
const STEP_MS = 1_000;

export class GatewayClock {
  #offsetMs: number | null = null;

  /** An event said `gatewayMs` when the page's monotonic clock stood at `monotonicMs`. */
  hear(gatewayMs: number, monotonicMs: number): void {
    const offsetMs = gatewayMs - monotonicMs;
    const known = this.#offsetMs;
    if (known === null || offsetMs > known || known - offsetMs > STEP_MS) this.#offsetMs = offsetMs;
    else this.#offsetMs = known + (offsetMs - known) * FORGET;
  }

  /** `null` until the gateway was heard once. */
  at(monotonicMs: number): number | null {
    return this.#offsetMs === null ? null : this.#offsetMs + monotonicMs;
  }
}

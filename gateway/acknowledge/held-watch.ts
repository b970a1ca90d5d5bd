/** Tells the operator when too few data servers hold what waits for them, and when enough do; once each. */
import type { Say } from '@vitalshare/edge/operations';
import { HELD_STILL_MS_MAX } from '../limits.ts';
import type { AcknowledgeHeld } from './held.ts';

export interface HeldWatchOptions {
  /** Undefined where frames are acknowledged when they are durable here. */
  readonly held: Pick<AcknowledgeHeld, 'waiting' | 'positionOf'> | undefined;
  /** The log of this run. */
  readonly log: string;
  /** Data servers that must hold a frame. */
  readonly needed: number;
  readonly say: Say;
  /** A clock that only rises. */
  readonly nowMs: () => number;
}

export class HeldWatch {
  readonly #options: HeldWatchOptions;
  #position = 0;
  #movedMs: number;
  #isTold = false;

  constructor(options: HeldWatchOptions) {
    this.#options = options;
    this.#movedMs = options.nowMs();
  }

  /** Whether frames wait and nothing came to be held for a while. */
  get isStill(): boolean {
    const { held, nowMs } = this.#options;
    return (held?.waiting ?? 0) > 0 && nowMs() - this.#movedMs > HELD_STILL_MS_MAX;
  }

  /** Called now and then. */
  tick(): void {
    const { held, log, needed, say, nowMs } = this.#options;
    if (!held) return;
    const position = held.positionOf(log);
    if (held.waiting === 0 || position !== this.#position) this.#movedMs = nowMs();
    this.#position = position;
    if (this.isStill === this.#isTold) return;
    this.#isTold = this.isStill;
    if (this.#isTold) {
      say(
        `fewer than ${needed} data servers hold what comes: nothing is acknowledged, sensors keep their frames, the page goes on; start data servers and it goes on by itself.`,
        { event: 'held-still', level: 'error', fields: { needed } },
      );
    } else say(`${needed} data servers hold what comes again.`, { event: 'held-well' });
  }
}

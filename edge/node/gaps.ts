/**
 * What a node had to drop, as gaps with a name: why, from when to when of the node's own time, how many
 * frames. Drops of one reason in a row are one gap, so that an outage of a day is a line and not a list.
 */
import { GAPS_KEPT_MAX } from '../limits.ts';

export const DROP_REASONS = {
  'journal-full': 'as much is kept as may be, and nothing was settled',
  'disk-full': 'the disk is full, and so is the memory that stands in for it',
  'disk-failed': 'the journal failed: nobody knows whether the frame was kept',
  'disk-slow': 'more frames wait for the disk than may',
} as const;
export type DropReason = keyof typeof DROP_REASONS;

export interface Gap {
  readonly why: DropReason;
  /** Device time of the first and last frame dropped, µs since boot. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly frames: number;
}

export class Gaps {
  #gaps: Gap[] = [];
  #isOpen = false;

  /** The newest, oldest first. */
  get all(): readonly Gap[] {
    return this.#gaps;
  }

  drop(why: DropReason, atUs: number): void {
    const last = this.#isOpen ? this.#gaps.at(-1) : undefined;
    if (last?.why === why) {
      const [fromUs, toUs] = [Math.min(last.fromUs, atUs), Math.max(last.toUs, atUs)];
      this.#gaps[this.#gaps.length - 1] = { why, fromUs, toUs, frames: last.frames + 1 };
      return;
    }
    this.#gaps.push({ why, fromUs: atUs, toUs: atUs, frames: 1 });
    if (this.#gaps.length > GAPS_KEPT_MAX) this.#gaps.shift();
    this.#isOpen = true;
  }

  /** A frame was kept: what is dropped later is another gap. */
  kept(): void {
    this.#isOpen = false;
  }
}

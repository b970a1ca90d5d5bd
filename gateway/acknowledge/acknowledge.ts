/**
 * When a frame that is durable here may be acknowledged to its node [WIRE-17].
 *
 *   durable   at once: it is on this gateway's disk
 *   held      when t + 1 data servers have it on theirs too (`held.ts`)
 */
import type { ReplayWindow } from '../window/replay-window.ts';
import type { FrameName } from '../window/tag.ts';

export const ACKNOWLEDGE = ['durable', 'held'] as const;
export type AcknowledgeMode = (typeof ACKNOWLEDGE)[number];

export interface Acknowledge {
  readonly mode: AcknowledgeMode;
  /** What answers may call settled [WIRE-12]. */
  readonly window: ReplayWindow;
  /** Frames that wait. */
  readonly waiting: number;
  /** Whether more may wait: if not, nodes are sent away and keep theirs. */
  readonly full: boolean;
  /** `name` became durable as record `position` of this run's log; `answer` is called when it may be said. */
  appended(position: number, name: FrameName, answer: () => void): void;
  /** A frame that is durable came again; it is answered now or when its first copy is. */
  again(name: Omit<FrameName, 'refused'>, answer: () => void): void;
}

/** `window` is all that is durable. */
export const acknowledgeDurable = (window: ReplayWindow): Acknowledge => ({
  ...{ mode: 'durable', window, waiting: 0, full: false },
  appended: (_position, _name, answer) => answer(),
  again: (_name, answer) => answer(),
});

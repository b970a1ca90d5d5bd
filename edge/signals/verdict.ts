/** What a window of a signal says of a rate: one, and how far it can be trusted, or why there is none. */
import type { Bars, Reason } from './stream.ts';

export interface RateVerdict {
  /** A minute; NaN where there is none. */
  readonly rate: number;
  readonly bars: Bars;
  /** Where the rate is NaN. */
  readonly reason: Reason;
}

export const noRate = (reason: Reason, bars: Bars = 0): RateVerdict => ({
  rate: NaN,
  bars,
  reason,
});

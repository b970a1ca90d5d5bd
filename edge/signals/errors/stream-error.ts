/**
 * Errors in a stream of readings: what is wrong with a sensor, told from its readings alone.
 *
 *   flat-line       one value for longer than the body can hold it
 *   out-of-bounds   a value the channel cannot have
 *   data-lost       readings that did not come
 *   spike           one or a few readings far from both their neighbours
 *   drift           the baseline has left the place where it belongs
 *   disagreement    two channels that measure one thing do not agree
 *
 * Every check is O(1) a reading and constant in memory. The readings themselves are never changed: an
 * error is told beside them.
 */
export const STREAM_ERRORS = [
  'flat-line',
  'out-of-bounds',
  'data-lost',
  'spike',
  'drift',
  'disagreement',
] as const;
export type StreamErrorKind = (typeof STREAM_ERRORS)[number];

/** `fromUs` is where it began, `foundUs` when that was known; `toUs` is undefined while it lasts. */
export interface StreamError {
  readonly kind: StreamErrorKind;
  readonly fromUs: number;
  readonly foundUs: number;
  toUs: number | undefined;
}

/** The errors of one channel that last; what begins is told once, what ends is marked in place. */
export class LastingErrors {
  readonly #tell: (error: StreamError) => void;
  readonly #lasting = new Map<StreamErrorKind, StreamError>();

  constructor(tell: (error: StreamError) => void) {
    this.#tell = tell;
  }

  lasts(kind: StreamErrorKind): boolean {
    return this.#lasting.has(kind);
  }

  begin(kind: StreamErrorKind, fromUs: number, foundUs: number): void {
    if (this.#lasting.has(kind)) return;
    const error = { kind, fromUs, foundUs, toUs: undefined };
    this.#lasting.set(kind, error);
    this.#tell(error);
  }

  end(kind: StreamErrorKind, toUs: number): void {
    const error = this.#lasting.get(kind);
    if (error === undefined) return;
    error.toUs = toUs;
    this.#lasting.delete(kind);
  }

  /** One that is over as soon as it is known. */
  once(kind: StreamErrorKind, fromUs: number, foundUs: number, toUs: number): void {
    this.#tell({ kind, fromUs, foundUs, toUs });
  }
}

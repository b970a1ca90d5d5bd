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

/**
 * The errors of one channel that last; what begins is told once, what ends is marked in place.
 *
 *   bad ▮▮▮▮ ▮▮ ▮        ▮▮▮        one error until it was good for `holdUs`, and over where that began
 *       └────────┘<hold> └─┘
 */
export class LastingErrors {
  readonly #tell: (error: StreamError) => void;
  readonly #holdUs: number;
  readonly #lasting = new Map<StreamErrorKind, StreamError>();
  readonly #goodFromUs = new Map<StreamErrorKind, number>();

  /** Without `holdUs` an error is over at the first good reading. */
  constructor(tell: (error: StreamError) => void, holdUs = 0) {
    this.#tell = tell;
    this.#holdUs = holdUs;
  }

  lasts(kind: StreamErrorKind): boolean {
    return this.#lasting.has(kind);
  }

  begin(kind: StreamErrorKind, fromUs: number, foundUs: number): void {
    this.#goodFromUs.delete(kind);
    if (this.#lasting.has(kind)) return;
    const error = { kind, fromUs, foundUs, toUs: undefined };
    this.#lasting.set(kind, error);
    this.#tell(error);
  }

  /** The reading at `atUs` is good. */
  end(kind: StreamErrorKind, atUs: number): void {
    if (!this.#lasting.has(kind)) return;
    const goodFromUs = this.#goodFromUs.get(kind) ?? atUs;
    if (atUs - goodFromUs >= this.#holdUs) this.close(kind, goodFromUs);
    else this.#goodFromUs.set(kind, goodFromUs);
  }

  /** It is over, however short the good readings were. */
  close(kind: StreamErrorKind, toUs: number): void {
    const error = this.#lasting.get(kind);
    if (error === undefined) return;
    error.toUs = this.#goodFromUs.get(kind) ?? toUs;
    this.#lasting.delete(kind);
    this.#goodFromUs.delete(kind);
  }

  /** One that is over as soon as it is known. */
  once(kind: StreamErrorKind, fromUs: number, foundUs: number, toUs: number): void {
    this.#tell({ kind, fromUs, foundUs, toUs });
  }
}

/**
 * A condition in time: it stands when it has held for its delay, and is over when it has been clearly
 * gone for as long as it must.
 *
 *   holds     ▁▁████▁███████████▁▁▁▁▁██▁▁▁▁▁▁▁▁
 *   stands    ▁▁▁▁▁▁▁▁▁▁▁▁▁██████████████████▁▁▁
 *                     └ delay ┘           └ clear ┘
 *
 * Between `holds` and `releases` lies the hysteresis: what is neither keeps what stands and begins nothing.
 * Only what is told counts: after a pause in the telling longer than `gapMsMax` a delay begins anew.
 */
export interface TriggerTimes {
  readonly delayMs: number;
  readonly clearMs: number;
  readonly gapMsMax: number;
}

export class Trigger {
  readonly #times: TriggerTimes;
  /** Since when it has been the other way round; NaN where it is not. */
  #sinceMs = NaN;
  #toldMs: number;
  stands: boolean;

  constructor(times: TriggerTimes, stands: boolean, nowMs: number) {
    this.#times = times;
    this.stands = stands;
    this.#toldMs = nowMs;
  }

  /** When it was last told. */
  get toldMs(): number {
    return this.#toldMs;
  }

  /** True where `stands` has changed. */
  tell(holds: boolean, releases: boolean, atMs: number): boolean {
    if (atMs - this.#toldMs > this.#times.gapMsMax) this.#sinceMs = NaN;
    this.#toldMs = atMs;
    const turns = this.stands ? releases : holds;
    if (!turns) {
      this.#sinceMs = NaN;
      return false;
    }
    if (Number.isNaN(this.#sinceMs)) this.#sinceMs = atMs;
    const waitMs = this.stands ? this.#times.clearMs : this.#times.delayMs;
    if (atMs - this.#sinceMs < waitMs) return false;
    this.#turn();
    return true;
  }

  /** The clock jumped: how long nothing was told is not known, and counts from now. */
  excuse(atMs: number): void {
    this.#toldMs = atMs;
    this.#sinceMs = NaN;
  }

  /** Nothing is known any more: true where it stood. */
  drop(): boolean {
    const stood = this.stands;
    if (stood) this.#turn();
    this.#sinceMs = NaN;
    return stood;
  }

  #turn(): void {
    this.stands = !this.stands;
    this.#sinceMs = NaN;
  }
}

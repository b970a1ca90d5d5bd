/** Says when a whole second of the channel's time is complete, whatever its rate and start. */
export class Seconds {
  readonly #startUs: number;
  readonly #rateHz: number;
  #index = 0;
  #nextUs: number;

  constructor(startUs: number, rateHz: number) {
    this.#startUs = startUs;
    this.#rateHz = rateHz;
    this.#nextUs = (Math.floor(startUs / 1e6) + 1) * 1e6;
  }

  /** Time of the next sample. */
  get nowUs(): number {
    return this.#startUs + (this.#index * 1e6) / this.#rateHz;
  }

  /** After every sample: the whole second that is complete now (below 1 Hz the last of several). */
  step(): number | undefined {
    this.#index++;
    const nowUs = this.nowUs;
    if (nowUs < this.#nextUs) return undefined;
    const secondUs = Math.floor(nowUs / 1e6) * 1e6;
    this.#nextUs = secondUs + 1e6;
    return secondUs;
  }
}

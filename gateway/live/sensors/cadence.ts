/**
 * Whether a channel has fallen silent while its node still speaks.
 *
 *   silent: node's time − node's time when it last came > max(floor, LATE_TIMES · its usual step)
 *
 * Only a frame of the node moves the node's time, so a node that sends every ten seconds is not silent
 * in between, and one that sends nothing at all is left to the notice of its connection and to the
 * page, whose numbers say their age. A channel that came once has no usual step and is never silent;
 * nor is one that comes less than once a minute, which is a measurement now and then.
 */
const LATE_TIMES = 2.5;
const STEP_US_MAX = 60_000_000;

export class Cadence {
  readonly #floorUs: number;
  #cameUs: number | undefined;
  #stepUs = 0;

  constructor(floorMs: number) {
    this.#floorUs = 1_000 * floorMs;
  }

  /** It came, in a frame of `nowUs`; an earlier one says nothing. */
  come(nowUs: number): void {
    const stepUs = this.#cameUs === undefined ? 0 : nowUs - this.#cameUs;
    if (this.#cameUs !== undefined && stepUs <= 0) return;
    // After a silence the step is the silence: learnt from slowly, in case the node now sends less often.
    if (this.#stepUs > 0 && this.isSilent(nowUs)) this.#stepUs *= 2;
    else this.#stepUs = Math.max(stepUs, 0.9 * this.#stepUs);
    this.#cameUs = nowUs;
  }

  /** The node was away: what did not come meanwhile is not this channel's silence. */
  resume(nowUs: number): void {
    if (this.#cameUs !== undefined) this.#cameUs = nowUs;
  }

  isSilent(nowUs: number): boolean {
    if (this.#cameUs === undefined || this.#stepUs === 0 || this.#stepUs > STEP_US_MAX)
      return false;
    return nowUs - this.#cameUs > Math.max(this.#floorUs, LATE_TIMES * this.#stepUs);
  }
}

/**
 * The ratio of ratios of two colours of light: how much more one pulsates than the other, each for
 * its level.
 *
 *   R = (AC_1 / DC_1) / (AC_2 / DC_2)
 *
 * AC is what lies between 0.5 and 5 Hz, DC the mean. R is the slope of one AC/DC on the other by
 * orthogonal regression (Deming): every sample votes, both colours may be noisy, and neither foot nor
 * top need be found.
 */
import { Biquad } from './filters.ts';
import { Decimator } from './decimate.ts';
import { Ring } from './ring.ts';

const WORKING_RATE_HZ = 25;
/** Until a filter of 0.5 Hz has forgotten its start. */
const SETTLING_S = 2;

/** One colour: its pulsation over its level, for the last window. */
export class LightChannel {
  readonly #decimator: Decimator;
  readonly #high: Biquad;
  readonly #low: Biquad;
  readonly #wave: Ring;
  readonly #level: Ring;
  #last = NaN;

  constructor(rateHz: number, windowS: number) {
    this.#decimator = new Decimator(rateHz, WORKING_RATE_HZ);
    this.#high = new Biquad('high-pass', 0.5, this.#decimator.rateHz);
    this.#low = new Biquad('low-pass', 5, this.#decimator.rateHz);
    const length = Math.round(windowS * this.#decimator.rateHz);
    this.#wave = new Ring(length);
    this.#level = new Ring(length);
  }

  push(value: number): void {
    const mean = this.#decimator.step(value);
    if (mean === undefined) return;
    if (Number.isNaN(this.#last) && !Number.isNaN(mean)) this.#high.settle(mean);
    if (!Number.isNaN(mean)) this.#last = mean;
    const held = Number.isNaN(this.#last) ? 0 : this.#last;
    this.#wave.push(this.#low.step(this.#high.step(held)));
    this.#level.push(held);
  }

  /** Null where there is no light. */
  relative(): Float64Array | null {
    const level = this.#level.mean();
    return level > 0 ? this.#wave.copy().map((value) => value / level) : null;
  }
}

/** Slope of y on x where both carry the same noise: the first axis of their scatter. */
export function slopeBetween(y: Float64Array, x: Float64Array): number {
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xx += x[i]! * x[i]!;
    yy += y[i]! * y[i]!;
    xy += x[i]! * y[i]!;
  }
  const apart = yy - xx;
  return (apart + Math.sqrt(apart * apart + 4 * xy * xy)) / (2 * xy);
}

/** Of two whole stretches at one rate, without their first 2 s; NaN where there is no light. */
export function ratioOfRatios(
  first: readonly number[],
  second: readonly number[],
  rateHz: number,
): number {
  const windowS = first.length / rateHz - SETTLING_S;
  if (!(windowS > 0)) return NaN;
  const [one, two] = [new LightChannel(rateHz, windowS), new LightChannel(rateHz, windowS)];
  first.forEach((value) => one.push(value));
  second.forEach((value) => two.push(value));
  const [y, x] = [one.relative(), two.relative()];
  return y === null || x === null ? NaN : slopeBetween(y, x);
}

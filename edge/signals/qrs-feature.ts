/**
 * What of an ECG says "QRS": the front end of the detector, for one sample at a time at any rate.
 *
 *   x ─► low-pass ─► high-pass ─► slope ─► |·| ─► mean of 80 ms ─► feature
 *        2 × 25 ms    − 125 ms    10 ms
 *
 * Every part is a moving mean or a difference of one, so the delay is the same for all frequencies
 * and known, and no part depends on a unit or a polarity. The windows are those of P. Hamilton,
 * "Open source ECG analysis", Computers in Cardiology 29:101–104 (2002), after J. Pan and W.
 * Tompkins, "A real-time QRS detection algorithm", IEEE TBME 32(3):230–236 (1985). The magnitude is
 * not squared: a wide beat of three times the height would hide its neighbours.
 */
import { MovingMean } from './filters.ts';

const LOW_PASS_S = 0.025;
const HIGH_PASS_S = 0.125;
const SLOPE_S = 0.01;
const MEAN_S = 0.08;

export class QrsFeature {
  /** Samples by which `feature` lags behind `x`, and `band` behind `x`. */
  readonly featureDelay: number;
  readonly bandDelay: number;
  /** 5 to 16 Hz of the ECG, and what became of it. */
  band = 0;
  feature = 0;
  readonly #low1: MovingMean;
  readonly #low2: MovingMean;
  readonly #mean: MovingMean;
  readonly #late: Float64Array;
  #lateAt = 0;
  readonly #before: Float64Array;
  #beforeAt = 0;
  readonly #energy: MovingMean;

  constructor(rateHz: number) {
    const samples = (seconds: number): number => Math.max(1, Math.round(seconds * rateHz));
    const odd = (seconds: number): number => 2 * Math.round((seconds * rateHz - 1) / 2) + 1;
    const [low, high, slope, mean] = [
      samples(LOW_PASS_S),
      odd(HIGH_PASS_S),
      samples(SLOPE_S),
      samples(MEAN_S),
    ];
    this.#low1 = new MovingMean(low);
    this.#low2 = new MovingMean(low);
    this.#mean = new MovingMean(high);
    this.#late = new Float64Array((high - 1) / 2);
    this.#before = new Float64Array(slope);
    this.#energy = new MovingMean(mean);
    this.bandDelay = low - 1 + (high - 1) / 2;
    this.featureDelay = this.bandDelay + slope / 2 + (mean - 1) / 2;
  }

  /** As if `x` had been there for ever. */
  settle(x: number): void {
    this.#low1.settle(x);
    this.#low2.settle(x);
    this.#mean.settle(x);
    this.#late.fill(x);
    this.#before.fill(0);
    this.#energy.settle(0);
  }

  step(x: number): void {
    const low = this.#low2.step(this.#low1.step(x));
    this.band = this.#delayed(low) - this.#mean.step(low);
    const slope = this.band - this.#before[this.#beforeAt]!;
    this.#before[this.#beforeAt] = this.band;
    if (++this.#beforeAt === this.#before.length) this.#beforeAt = 0;
    this.feature = this.#energy.step(Math.abs(slope));
  }

  #delayed(x: number): number {
    const y = this.#late[this.#lateAt]!;
    this.#late[this.#lateAt] = x;
    if (++this.#lateAt === this.#late.length) this.#lateAt = 0;
    return y;
  }
}

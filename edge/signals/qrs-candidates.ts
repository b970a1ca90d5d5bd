/**
 * What could be a QRS: peaks of the feature that stand alone for 200 ms on either side, the
 * refractory time of the heart, measured where they are in the ECG.
 *
 *   feature  ___/\__________/\/\_____      the larger of two that are closer than 200 ms
 *                ^             ^
 *   band     ~~~\/\~~~~~~~~~/\/\/\~~~      fiducial: the largest deflection of the band within 60 ms
 *
 * A candidate is said 200 ms after its peak; the feature itself is about 0.15 s late.
 */
import { History } from './filters.ts';
import { QrsFeature } from './qrs-feature.ts';
import { Skips } from './skips.ts';

/** A heart that has just beaten does not beat again within this: of two, one is none. */
export const REFRACTORY_S = 0.2;
const FIDUCIAL_S = 0.06;
const SLOPE_S = 0.02;
/**
 * A baseline that jumps slopes one way only: the lesser slope of a QRS is at least this part of the
 * other.
 */
const RAW_S = 0.1;
const TWO_SLOPES_PART = 0.1;
const HISTORY_S = 1.5;
const ROUNDING = 1e-9;

export interface Candidate {
  /** Index of the feature's peak. */
  readonly at: number;
  /** Index, in the ECG, of its largest deflection in the QRS band. */
  readonly fiducial: number;
  /** Of the feature: the mean slope over 80 ms. */
  readonly height: number;
  /** The steepest slope of the ECG within 100 ms, over 20 ms. */
  readonly slope: number;
  /** Whether the ECG goes up and down here, as a QRS does and a jump of the baseline does not. */
  readonly twoSlopes: boolean;
  /** Highest minus lowest of the ECG within 100 ms. */
  readonly range: number;
}

export class Candidates {
  readonly rateHz: number;
  readonly #feature: QrsFeature;
  readonly #skips = new Skips();
  readonly #raw: History;
  readonly #band: History;
  readonly #refractory: number;
  #count = 0;
  #before = 0;
  #beforeThat = 0;
  #peakAt = -1;
  #peakHeight = 0;

  constructor(rateHz: number) {
    this.rateHz = rateHz;
    this.#feature = new QrsFeature(rateHz);
    this.#raw = new History(HISTORY_S * rateHz);
    this.#band = new History(HISTORY_S * rateHz);
    this.#refractory = REFRACTORY_S * rateHz;
  }

  /** Samples taken. */
  get count(): number {
    return this.#count;
  }

  /** Takes a sample, NaN for a missing one. */
  step(value: number): Candidate | null {
    const x = this.#skips.step(value);
    if (this.#skips.isFirst) this.#feature.settle(x);
    this.#feature.step(x);
    this.#raw.push(x);
    this.#band.push(this.#feature.band);
    // A constant leaves what rounding left of it.
    const feature = this.#feature.feature > ROUNDING * Math.abs(x) ? this.#feature.feature : 0;
    const index = this.#count++;
    if (this.#before > this.#beforeThat && this.#before >= feature) {
      this.#peak(index - 1, this.#before);
    }
    this.#beforeThat = this.#before;
    this.#before = feature;
    return this.#peakAt >= 0 && index - this.#peakAt >= this.#refractory ? this.take() : null;
  }

  /** The peak that still waited for 200 ms, if any. */
  take(): Candidate | null {
    if (this.#peakAt < 0) return null;
    const candidate = this.#measured(this.#peakAt, this.#peakHeight);
    this.#peakAt = -1;
    return candidate;
  }

  #peak(at: number, height: number): void {
    if (this.#peakAt >= 0 && this.#peakHeight >= height) return;
    this.#peakAt = at;
    this.#peakHeight = height;
  }

  #measured(at: number, height: number): Candidate {
    const { featureDelay, bandDelay } = this.#feature;
    const samples = (seconds: number): number => Math.max(1, Math.round(seconds * this.rateHz));
    const centre = Math.round(at - featureDelay + bandDelay);
    const reach = samples(FIDUCIAL_S);
    let [fiducial, largest] = [centre, -1];
    for (let i = centre - reach; i <= centre + reach; i++) {
      const size = Math.abs(this.#band.at(i));
      if (size > largest) [fiducial, largest] = [i, size];
    }
    return {
      at,
      fiducial: Math.max(0, Math.round(fiducial - bandDelay)),
      height,
      ...this.#rawAround(Math.round(at - featureDelay)),
    };
  }

  #rawAround(centre: number): { slope: number; twoSlopes: boolean; range: number } {
    const samples = (seconds: number): number => Math.max(1, Math.round(seconds * this.rateHz));
    const reach = samples(RAW_S);
    const step = samples(SLOPE_S);
    let [up, down, highest, lowest] = [0, 0, -Infinity, Infinity];
    for (let i = centre - reach; i <= centre + reach; i++) {
      const value = this.#raw.at(i);
      const slope = value - this.#raw.at(i - step);
      up = Math.max(up, slope);
      down = Math.max(down, -slope);
      highest = Math.max(highest, value);
      lowest = Math.min(lowest, value);
    }
    const twoSlopes = Math.min(up, down) >= TWO_SLOPES_PART * Math.max(up, down);
    return { slope: Math.max(up, down), twoSlopes, range: highest - lowest };
  }
}

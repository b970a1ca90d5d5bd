/**
 * Ventricular fibrillation: an ECG that is all wave and no beat.
 *
 *   leakage    Σ|v(i) + v(i − T/2)| / Σ(|v(i)| + |v(i − T/2)|)      0 for a sine of period T
 *   period     T = 2π · Σ|v| / Σ|v(i) − v(i − 1)|                   over the last four seconds, once a second
 *   evenness   Σ|v| / (n · max|v|)                                  0.64 for a sine, under 0.2 where QRS stand out
 *
 * A second is fibrillation when the leakage is low, the period that of 2.5 to 8 Hz, the wave even,
 * and no lower than a tenth of the patient's own QRS. Leakage: S. Kuo and R. Dillman, "Computer
 * detection of ventricular fibrillation", Computers in Cardiology 347–349 (1978); its place among
 * other measures: A. Amann, R. Tratnig, K. Unterkofler, BioMedical Engineering OnLine 4:60 (2005).
 */
import { Biquad, History } from './filters.ts';
import { Skips } from './skips.ts';

const WINDOW_S = 4;
const BAND_HZ = { low: 1.5, high: 15 } as const;
const LEAKAGE_MAX = 0.406;
const FREQUENCY_HZ = { min: 2.5, max: 8 } as const;
const EVENNESS_MIN = 0.18;
const HEIGHT_PART_MIN = 0.1;

export interface Waviness {
  readonly leakage: number;
  readonly frequencyHz: number;
  readonly evenness: number;
  /** Highest minus lowest, in the channel's unit. */
  readonly range: number;
}

export class Fibrillation {
  readonly #rateHz: number;
  readonly #skips = new Skips();
  readonly #high: Biquad;
  readonly #low: Biquad;
  readonly #wave: History;
  readonly #length: number;
  #missingAt = -Infinity;

  constructor(rateHz: number) {
    this.#rateHz = rateHz;
    this.#high = new Biquad('high-pass', BAND_HZ.low, rateHz);
    this.#low = new Biquad('low-pass', BAND_HZ.high, rateHz);
    this.#length = Math.round(WINDOW_S * rateHz);
    this.#wave = new History(2 * this.#length);
  }

  step(value: number): void {
    if (Number.isNaN(value)) this.#missingAt = this.#wave.count;
    const x = this.#skips.step(value);
    if (this.#skips.isFirst) {
      this.#high.settle(x);
      this.#low.settle(0);
    }
    this.#wave.push(this.#low.step(this.#high.step(x)));
  }

  /** The last four seconds; null where some are missing or not yet there. */
  measure(): Waviness | null {
    const end = this.#wave.count;
    const from = end - this.#length;
    if (from < 1 || this.#missingAt >= from) return null;
    let [size, change, highest, lowest] = [0, 0, -Infinity, Infinity];
    for (let i = from; i < end; i++) {
      const value = this.#wave.at(i);
      size += Math.abs(value);
      change += Math.abs(value - this.#wave.at(i - 1));
      highest = Math.max(highest, value);
      lowest = Math.min(lowest, value);
    }
    if (change === 0) return null;
    const period = (2 * Math.PI * size) / change;
    const half = Math.max(1, Math.round(period / 2));
    let [sum, parts] = [0, 0];
    for (let i = Math.max(from + half, 0); i < end; i++) {
      const [now, then] = [this.#wave.at(i), this.#wave.at(i - half)];
      sum += Math.abs(now + then);
      parts += Math.abs(now) + Math.abs(then);
    }
    return {
      leakage: parts > 0 ? sum / parts : 1,
      frequencyHz: this.#rateHz / period,
      evenness: size / this.#length / Math.max(highest, -lowest),
      range: highest - lowest,
    };
  }
}

/** `usualRange`: that of the patient's QRS in the same unit; NaN where none was seen. */
export const isFibrillation = (wave: Waviness, usualRange: number): boolean =>
  wave.leakage < LEAKAGE_MAX &&
  wave.frequencyHz >= FREQUENCY_HZ.min &&
  wave.frequencyHz <= FREQUENCY_HZ.max &&
  wave.evenness > EVENNESS_MIN &&
  !(wave.range < HEIGHT_PART_MIN * usualRange);

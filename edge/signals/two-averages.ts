/**
 * A second, simpler QRS detector, without memory of beats: M. Elgendi, "Fast QRS detection with an
 * optimized knowledge-based method", PLoS ONE 8(9):e73557 (2013).
 *
 *   x ─► band-pass 8–20 Hz ─► square ─┬─► mean of 97 ms   (a QRS)   ─┐
 *                                     ├─► mean of 611 ms  (a beat)  ─┤ a block where the first exceeds
 *                                     └─► mean of 10 s × 0.08       ─┘ the sum of the others, 97 ms long
 *
 * The paper's offset is 8 % of the mean of the whole record; a stream has the last ten seconds. It
 * fails on other beats than the main detector does, which is what makes their agreement a measure
 * of quality. Says a beat 0.4 s after it, or at the end of a long block.
 */
import { Biquad, History, MovingMean } from './filters.ts';
import { REFRACTORY_S } from './qrs-candidates.ts';
import { Skips } from './skips.ts';

const BAND_HZ = { low: 8, high: 20 } as const;
const QRS_S = 0.097;
const BEAT_S = 0.611;
const OFFSET_PART = 0.08;
const OFFSET_S = 10;

export class TwoAverages {
  readonly #rateHz: number;
  readonly #emit: (at: number) => void;
  readonly #skips = new Skips();
  readonly #band: Biquad;
  readonly #qrs: MovingMean;
  readonly #beat: MovingMean;
  readonly #offset: MovingMean;
  readonly #squares: History;
  readonly #qrsLate: History;
  readonly #lag: number;
  #count = 0;
  #blockFrom = -1;
  #lastBeat = -Infinity;

  /** `rateHz`: 50 to 500. `emit` is given the sample of each beat. */
  constructor(rateHz: number, emit: (at: number) => void) {
    this.#rateHz = rateHz;
    this.#emit = emit;
    const samples = (seconds: number): number => Math.max(1, Math.round(seconds * rateHz));
    const centreHz = Math.sqrt(BAND_HZ.low * BAND_HZ.high);
    const q = centreHz / (BAND_HZ.high - BAND_HZ.low);
    this.#band = new Biquad('band-pass', centreHz, rateHz, q);
    this.#qrs = new MovingMean(samples(QRS_S));
    this.#beat = new MovingMean(samples(BEAT_S));
    this.#offset = new MovingMean(samples(OFFSET_S));
    this.#squares = new History(samples(3));
    this.#qrsLate = new History(samples(1));
    this.#lag = (samples(BEAT_S) - samples(QRS_S)) >> 1;
  }

  /** Takes the next sample, NaN for a missing one. */
  step(value: number): void {
    const x = this.#skips.step(value);
    if (this.#skips.isFirst) this.#band.settle(x);
    const square = this.#band.step(x) ** 2;
    this.#squares.push(square);
    const index = this.#count++;
    this.#qrsLate.push(this.#qrs.step(square));
    const beat = this.#beat.step(square);
    // A stream of less than ten seconds has the mean of what there is.
    const filled = Math.min(1, (index + 1) / (OFFSET_S * this.#rateHz));
    const offset = (OFFSET_PART * this.#offset.step(square)) / filled;
    const at = index - this.#lag;
    if (at < 0) return;
    const inBlock = this.#qrsLate.at(at) > beat + offset;
    if (inBlock && this.#blockFrom < 0) this.#blockFrom = at;
    const isLong = at - this.#blockFrom > this.#rateHz;
    if (this.#blockFrom >= 0 && (!inBlock || isLong)) this.#close(at);
  }

  end(): void {
    if (this.#blockFrom >= 0) this.#close(this.#count - this.#lag);
  }

  #close(until: number): void {
    const from = this.#blockFrom;
    this.#blockFrom = -1;
    const qrs = QRS_S * this.#rateHz;
    if (until - from < qrs) return;
    let peak = from;
    for (let i = from; i < until; i++) {
      // The mean lags by half its window.
      const index = Math.max(0, Math.round(i - qrs / 2));
      if (this.#squares.at(index) > this.#squares.at(peak)) peak = index;
    }
    if (peak - this.#lastBeat < REFRACTORY_S * this.#rateHz) return;
    this.#lastBeat = peak;
    this.#emit(peak);
  }
}

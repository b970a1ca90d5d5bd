/**
 * Respiratory rate from impedance (RESP), one estimate a second: breaths counted in the last 32 s.
 *
 *   sample ──► mean of k ──► 0.08–1 Hz ──► tops of breaths ──┐
 *                                   └────► period of window ─┴─► bars and a rate, or a reason
 *
 * Apnoea: the chest moves less than a quarter of what it moved for 20 s (AAP, Pediatrics 111(4):914,
 * 2003, and the usual alarm delay of monitors). There is no number then, not a zero: impedance sees no
 * air flow, and a zero would enter means. Nor is there one from 10 s of stillness on. Beats of the
 * heart in the impedance are not told from breaths when they are as high, or alone from the start:
 * `BedNumbers` does that where an ECG or a pleth tells the heart's rate.
 */
import { judgeBreaths } from './breath-quality.ts';
import { Biquad } from './filters.ts';
import { Decimator } from './decimate.ts';
import { Ring } from './ring.ts';
import { Seconds } from './seconds.ts';
import { noRate, type RateVerdict } from './verdict.ts';
import { swingOf } from './windows.ts';
import type { Estimate, Reason, SampleSink } from './stream.ts';

export const BREATH_WINDOW_S = 32;
const BREATH_RATE_HZ_MIN = 4;
const APNOEA_S = 20;
const STILL_S = 10;
/** Part of the usual movement below which the chest is still; the heart moves it by 0.1 to 0.2. */
const STILL_SHARE = 0.25;
/** Times the usual movement above which the patient moves, not the chest. */
const MOTION_SHARE = 4;
const WORKING_RATE_HZ = 8;
const MISSING_SHARE_MAX = 0.2;
/** Breathing so shallow is believed again only at rates the heart has not. */
const RELEARN_RATE_MAX = 40;
/** A rate is believed when as many seconds in a row agree: what noise feigns for one is none. */
const SECONDS_TO_BELIEVE = 3;
const BELIEVE_PER_MINUTE = 2;

export class BreathDetector implements SampleSink {
  readonly #onEstimate: (estimate: Estimate) => void;
  #seconds = new Seconds(0, 1);
  #window: BreathWindow | null = null;
  #lastReason: Reason = 'no-data';
  /** Height of the usual breath, foot to top; NaN until breaths were trusted. */
  #usual = NaN;
  #believed = 0;
  #previousRate = NaN;

  constructor(onEstimate: (estimate: Estimate) => void) {
    this.#onEstimate = onEstimate;
  }

  begin(startUs: number, rateHz: number): void {
    this.#seconds = new Seconds(startUs, rateHz);
    this.#window = rateHz >= BREATH_RATE_HZ_MIN ? new BreathWindow(rateHz) : null;
    this.#usual = NaN;
    this.#believed = 0;
    this.#previousRate = NaN;
  }

  sample(value: number): void {
    this.#push(value);
  }

  missing(reason: Reason): void {
    this.#lastReason = reason;
    this.#push(NaN);
  }

  end(): void {
    this.#window = null;
  }

  #push(value: number): void {
    this.#window?.push(value);
    const atUs = this.#seconds.step();
    if (atUs === undefined) return;
    const { rate, bars, reason } = this.#judge();
    const agrees = Math.abs(rate - this.#previousRate) <= BELIEVE_PER_MINUTE;
    this.#believed = agrees ? this.#believed + 1 : Number.isNaN(rate) ? 0 : 1;
    this.#previousRate = rate;
    if (Number.isNaN(rate)) this.#onEstimate({ atUs, value: null, bars, reason });
    else if (this.#believed >= SECONDS_TO_BELIEVE) this.#onEstimate({ atUs, value: rate, bars });
    else this.#onEstimate({ atUs, value: null, bars: 1, reason: 'irregular' });
  }

  #judge(): RateVerdict {
    const window = this.#window;
    if (window === null) return noRate('rate-too-low');
    if (window.missing.mean() > MISSING_SHARE_MAX) return noRate(this.#lastReason);
    if (!window.wave.full) return noRate('learning');
    const { rateHz } = window;
    const wave = window.wave.copy();
    const swing = (seconds: number): number =>
      swingOf(wave.subarray(-Math.round(seconds * rateHz)));
    if (window.isFlat) return noRate('flat');
    const verdict = judgeBreaths(wave, rateHz, (STILL_SHARE * this.#usual) / 2);
    if (swing(BREATH_WINDOW_S) < STILL_SHARE * this.#usual) this.#relearn(wave, rateHz);
    if (swing(APNOEA_S) < STILL_SHARE * this.#usual) return noRate('apnea', 1);
    if (swing(STILL_S) < STILL_SHARE * this.#usual) return noRate('irregular', 1);
    const moved = swing(BREATH_WINDOW_S) > MOTION_SHARE * this.#usual;
    if (Number.isNaN(verdict.rate)) return moved ? noRate('motion', verdict.bars) : verdict;
    if (verdict.bars >= 3 && !moved) {
      const swings = swing(BREATH_WINDOW_S / 2);
      this.#usual = Number.isNaN(this.#usual)
        ? swings
        : this.#usual + 0.05 * (swings - this.#usual);
    }
    return verdict;
  }

  /**
   * A whole window of regular, shallow breathing: the gain has changed, or the patient's breath
   * has.
   */
  #relearn(wave: Float64Array, rateHz: number): void {
    const { rate, bars } = judgeBreaths(wave, rateHz, NaN);
    if (bars >= 3 && rate <= RELEARN_RATE_MAX) this.#usual = swingOf(wave);
  }
}

/** The last 32 s of band-passed RESP. */
class BreathWindow {
  readonly rateHz: number;
  readonly wave: Ring;
  readonly missing: Ring;
  readonly #decimator: Decimator;
  readonly #high: Biquad;
  readonly #low: Biquad;
  readonly #raw: Ring;
  #last = NaN;

  constructor(rateHz: number) {
    this.#decimator = new Decimator(rateHz, WORKING_RATE_HZ);
    this.rateHz = this.#decimator.rateHz;
    this.#high = new Biquad('high-pass', 0.08, this.rateHz);
    this.#low = new Biquad('low-pass', 1, this.rateHz);
    const length = Math.floor(BREATH_WINDOW_S * this.rateHz);
    this.wave = new Ring(length);
    this.missing = new Ring(length);
    this.#raw = new Ring(length);
  }

  push(value: number): void {
    const mean = this.#decimator.step(value);
    if (mean === undefined) return;
    const present = !Number.isNaN(mean);
    if (present && Number.isNaN(this.#last)) this.#high.settle(mean);
    if (present) this.#last = mean;
    const held = Number.isNaN(this.#last) ? 0 : this.#last;
    this.wave.push(this.#low.step(this.#high.step(held)));
    this.#raw.push(held);
    this.missing.push(present ? 0 : 1);
  }

  /** No more than rounding for as long as an apnoea: a chest is never that still, a broken lead is. */
  get isFlat(): boolean {
    const raw = this.#raw.copy().subarray(-Math.round(APNOEA_S * this.rateHz));
    return swingOf(raw) <= 1e-6 * raw.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  }
}

/**
 * SpO₂ from red and infrared light: one estimate a second, over the last 6 s.
 *
 *   red, infrared ──► − ambient ──► mean of k ─┬─► 0.5–5 Hz ──► AC   ┐ slope of red on infrared
 *                                              └─► mean       ──► DC  ┘ = R ──► curve ──► %
 *
 * R by `ratio.ts`. The two channels of a pulse rise and fall together; how well is their
 * correlation, and where it is low for such an R, or R changes within the window, there is motion or noise and no
 * number. The pulse must be one: PulseDetector on infrared gates the rest.
 *
 * Light of the room adds to DC and makes R look nearer to 1: a sensor that samples with its diodes off
 * gives that as `ambient`, and it is taken away sample by sample. 70 to 100 % is where volunteers were
 * measured (ISO 80601-2-61); a number outside is absent, with the reason 'out-of-range'.
 */
import { median } from './filters.ts';
import { Seconds } from './seconds.ts';
import { PulseDetector, PLETH_RATE_HZ_MIN } from './pulse.ts';
import { LightChannel, slopeBetween } from './ratio.ts';
import { SPO2_CURVE_DEFAULT } from './spo2-curves.ts';
import type { Spo2Curve } from './spo2-curves.ts';
import type { Bars, Estimate, Reason } from './stream.ts';
import { centileSwing, correlation, keep } from './windows.ts';

const OXIMETER_WINDOW_S = 6;
const SPO2_MIN = 70;
const SPO2_MAX = 100;
/** Rounding and noise may carry a saturation of 100 so far above it. */
const SPO2_SLACK = 2;
/**
 * A hand that shakes moves both colours nearly alike and pulls R towards 1. What goes its own way,
 * √(1 − correlation²), must be little, and the less the larger R is. Of made bodies whose hand
 * shakes by a tenth to half of the pulse, 0.9 alone let through errors of up to 6.5, these none of 4.
 */
const CORRELATION_MIN = 0.955;
/** Of R · √(1 − correlation²). */
const DOUBT_MAX = 0.2;
/** The ratio of one third of the window over that of another. */
const UNEVEN_MAX = 1.25;
/** Pulsation over level of infrared, %. */
const PERFUSION_PERCENT_MIN = 0.1;
/** The median of as many seconds is what is shown: oximeters average 2 to 16 s. */
const SMOOTHED_S = 5;
/** Between movements a window looks still now and then: so many seconds in a row must. */
const SECONDS_TO_BELIEVE = 3;

/** One moment of a sensor. NaN is missing; ambient is 0 where the sensor takes it away itself. */
export interface LightSample {
  readonly red: number;
  readonly infrared: number;
  readonly ambient?: number;
}

/** An estimate of SpO₂, and the ratio it rests on (NaN where there is none). */
export type Spo2Estimate = Estimate & { readonly ratio: number };

export class Oximeter {
  readonly curve: Spo2Curve;
  readonly #onSpo2: (estimate: Spo2Estimate) => void;
  readonly #pulse: PulseDetector;
  #pulseEstimate: Estimate | null = null;
  #seconds = new Seconds(0, 1);
  #channels: readonly [LightChannel, LightChannel] | null = null;
  #ratios: number[] = [];

  /** Both are told once a second, the pulse first. */
  constructor(
    onSpo2: (estimate: Spo2Estimate) => void,
    onPulse: (estimate: Estimate) => void = () => undefined,
    curve: Spo2Curve = SPO2_CURVE_DEFAULT,
  ) {
    this.#onSpo2 = onSpo2;
    this.curve = curve;
    this.#pulse = new PulseDetector(
      (estimate) => {
        this.#pulseEstimate = estimate;
        onPulse(estimate);
      },
      { coupling: 'dc' },
    );
  }

  begin(startUs: number, rateHz: number): void {
    this.#pulse.begin(startUs, rateHz);
    this.#seconds = new Seconds(startUs, rateHz);
    this.#channels =
      rateHz >= PLETH_RATE_HZ_MIN
        ? [new LightChannel(rateHz, OXIMETER_WINDOW_S), new LightChannel(rateHz, OXIMETER_WINDOW_S)]
        : null;
    this.#ratios = [];
  }

  sample({ red, infrared, ambient = 0 }: LightSample): void {
    const [lit, invisible] = [red - ambient, infrared - ambient];
    if (Number.isNaN(lit) || Number.isNaN(invisible)) this.#pulse.missing('no-data');
    else this.#pulse.sample(invisible);
    this.#channels?.[0].push(lit);
    this.#channels?.[1].push(invisible);
    const atUs = this.#seconds.step();
    if (atUs !== undefined) this.#onSpo2(this.#estimate(atUs));
  }

  #estimate(atUs: number): Spo2Estimate {
    const absent = (reason: Reason, bars: Bars, ratio = NaN): Spo2Estimate => ({
      ...{ atUs, bars, reason, ratio },
      value: null,
    });
    const none = (reason: Reason, bars: Bars = 0): Spo2Estimate => {
      this.#ratios = [];
      return absent(reason, bars);
    };
    const pulse = this.#pulseEstimate;
    if (this.#channels === null || pulse === null) return none('rate-too-low');
    if (pulse.value === null) return none(pulse.reason, pulse.bars);
    const [red, infrared] = this.#channels;
    const [r, i] = [red.relative(), infrared.relative()];
    if (r === null || i === null) return none('no-finger');
    if (centileSwing(i) < PERFUSION_PERCENT_MIN / 100) return none('low-perfusion', 1);
    const together = correlation(r, i);
    const slope = slopeBetween(r, i);
    const doubt = slope * Math.sqrt(1 - Math.min(1, together * together));
    if (together < CORRELATION_MIN || doubt > DOUBT_MAX || uneven(r, i)) return none('motion', 1);
    keep(this.#ratios, slope, SMOOTHED_S);
    if (this.#ratios.length < SECONDS_TO_BELIEVE) return absent('learning', 1);
    const ratio = median(this.#ratios);
    const spo2 = this.curve.spo2OfRatio(ratio);
    if (!(spo2 >= SPO2_MIN && spo2 <= SPO2_MAX + SPO2_SLACK))
      return absent('out-of-range', 1, ratio);
    const bars = Math.min(pulse.bars, together >= 0.98 ? 4 : 3) as Bars;
    return { atUs, value: Math.min(SPO2_MAX, spo2), bars, ratio };
  }
}

/** Whether the ratio of one third of the window is not that of another: movement comes and goes. */
function uneven(red: Float64Array, infrared: Float64Array): boolean {
  const third = Math.floor(red.length / 3);
  const ratios = [0, 1, 2].map((part) => {
    const [from, to] = [part * third, (part + 1) * third];
    return slopeBetween(red.subarray(from, to), infrared.subarray(from, to));
  });
  return !(Math.max(...ratios) <= UNEVEN_MAX * Math.min(...ratios));
}

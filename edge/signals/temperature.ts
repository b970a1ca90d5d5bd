/**
 * Skin temperature from a probe of 0.1 to 10 Hz: one estimate a second, and whether the probe is on.
 *
 *   sample ──► median of 10 s ──► mean of 10 s ──► value        delay 10 s: half of each window
 *                    │
 *                    └──► slope over 30 s ──► off, settling
 *
 * The median throws out spikes of up to 5 s; the mean takes the steps of a coarse probe away. A probe
 * that comes off falls towards the room faster than skin cools, one put on rises likewise: a probe has
 * a time constant of seconds to a minute, skin of many minutes. While it moves so there is no number
 * ('probe-off' falling, 'learning' rising), nor where it came to rest, until it is warmer again. A room
 * as warm as skin cannot be told from skin. Below 1 Hz the windows are as many samples instead.
 *
 * Skin is never core: this estimate is of `skin-temperature` and of nothing else.
 */
import { MovingMean, median } from './filters.ts';
import { Seconds } from './seconds.ts';
import type { Bars, Estimate, Reason, SampleSink } from './stream.ts';
import { keep } from './windows.ts';

const TEMPERATURE_RATE_HZ_MIN = 0.1;
const MEDIAN_S = 10;
const MEAN_S = 10;
const SLOPE_S = 30;
/** Of a probe that comes to rest; a wrist at work changes by less than half a degree a minute. */
const SETTLING_C_PER_MINUTE = 1;
/** What skin can be while somebody is alive to wear it; beyond it the probe is, or is broken. */
const SKIN_C_MIN = 20;
const SKIN_C_MAX = 45;
const MISSING_SHARE_MAX = 0.5;
/** Once off, the probe is on again when it is this much warmer than where it fell to … */
const ON_AGAIN_C = 1;
/** … or stands still at what no room has. */
const WARM_C = 29;
const QUIET_BARS = 4;
const MOVING_C_PER_MINUTE = 0.5;

export class TemperatureFilter implements SampleSink {
  readonly #onEstimate: (estimate: Estimate) => void;
  #seconds = new Seconds(0, 1);
  #lastReason: Reason = 'no-data';
  /** One value a second: the mean of the second's samples, or NaN. */
  #recent: number[] = [];
  #smooth = new MovingMean(MEAN_S);
  #settled: number[] = [];
  #sum = 0;
  #count = 0;
  #lowestOff = NaN;
  #tooSlow = false;

  constructor(onEstimate: (estimate: Estimate) => void) {
    this.#onEstimate = onEstimate;
  }

  begin(startUs: number, rateHz: number): void {
    this.#seconds = new Seconds(startUs, rateHz);
    this.#tooSlow = rateHz < TEMPERATURE_RATE_HZ_MIN;
    this.#recent = [];
    this.#settled = [];
    this.#lowestOff = NaN;
    this.#sum = this.#count = 0;
  }

  sample(value: number): void {
    this.#sum += value;
    this.#count++;
    this.#tick();
  }

  missing(reason: Reason): void {
    this.#lastReason = reason;
    this.#tick();
  }

  end(): void {
    // Nothing waits.
  }

  #tick(): void {
    const atUs = this.#seconds.step();
    if (atUs === undefined) return;
    keep(this.#recent, this.#count > 0 ? this.#sum / this.#count : NaN, MEDIAN_S);
    this.#sum = this.#count = 0;
    const { value, bars, reason } = this.#judge();
    this.#onEstimate(
      Number.isNaN(value) ? { atUs, value: null, bars, reason } : { atUs, value, bars },
    );
  }

  #judge(): { value: number; bars: Bars; reason: Reason } {
    const none = (reason: Reason) => ({ value: NaN, bars: 0, reason }) as const;
    if (this.#tooSlow) return none('rate-too-low');
    const present = this.#recent.filter((value) => !Number.isNaN(value));
    if (present.length < (1 - MISSING_SHARE_MAX) * this.#recent.length)
      return none(this.#lastReason);
    const robust = median(present);
    if (this.#settled.length === 0) this.#smooth.settle(robust);
    const value = this.#smooth.step(robust);
    keep(this.#settled, robust, SLOPE_S);
    if (this.#recent.length < MEDIAN_S || this.#settled.length < SLOPE_S) return none('learning');
    const perMinute = (60 * (robust - this.#settled[0]!)) / (this.#settled.length - 1);
    if (robust < SKIN_C_MIN || robust > SKIN_C_MAX) return none('out-of-range');
    if (perMinute < -SETTLING_C_PER_MINUTE) {
      this.#lowestOff = robust;
      return none('probe-off');
    }
    if (!Number.isNaN(this.#lowestOff)) {
      this.#lowestOff = Math.min(this.#lowestOff, robust);
      if (robust < WARM_C && robust < this.#lowestOff + ON_AGAIN_C) return none('probe-off');
    }
    if (perMinute > SETTLING_C_PER_MINUTE) return none('learning');
    this.#lowestOff = NaN;
    const quiet = Math.abs(perMinute) <= MOVING_C_PER_MINUTE;
    return { value, bars: quiet ? QUIET_BARS : 3, reason: 'learning' };
  }
}

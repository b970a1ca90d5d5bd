/**
 * Errors in one waveform, sample by sample: a sink of `SegmentStream`.
 *
 *   flat-line      max − min of the last FLAT_MS is at most `still`       told after FLAT_MS
 *   out-of-bounds  outside `bounds`                                       at once
 *   data-lost      a missing sample, a gap, silence                       at once, silence after SILENT_MS
 *   spike          up to SPIKE_MS wide, as high as the signal's own       within two spike widths
 *                  peak to peak; see spike-gauge.ts
 *   drift          |baseline − reference| > `driftBound`                  baseline: exponential mean of 2 s
 *
 * What lasts is over once it was good for HOLD_MS: a lead that comes and goes is one error. The reference
 * of the baseline is the mean of the first ten seconds, kept over gaps; where a drift has come to stand
 * within a quarter of the bound for SETTLED_SECONDS, that is the new reference and the drift is over.
 */
import { MovingMax } from '../filters.ts';
import type { Reason, SampleSink } from '../stream.ts';
import { SpikeGauge } from './spike-gauge.ts';
import { LastingErrors, type StreamError } from './stream-error.ts';

/** What a channel can be, in its unit. */
export interface WaveformBounds {
  readonly min: number;
  readonly max: number;
  /** How far the baseline may wander. */
  readonly driftBound: number;
  /** Peak to peak of a converter and cable that see nothing. */
  readonly still: number;
  /** A lower one is no spike. */
  readonly spikeMin: number;
}

/**
 * ECG in mV: ±5 mV is what a monitor must display undistorted (ANSI/AAMI EC13). The 2 mV of drift are
 * above the wander of ambulatory records (1.7 mV in MIT-BIH 119). The least that a lead moves within 1.5 s
 * is 0.135 mV in MIT-BIH 100, 105, 119 and challenge record v102s (100, V5); hum of 20 µV on a lead that sees nothing is 0.04 mV.
 */
export const ECG_BOUNDS: WaveformBounds = {
  ...{ min: -5.5, max: 5.5 },
  ...{ driftBound: 2, still: 0.05, spikeMin: 0.2 },
};

const FLAT_MS = 1_500;
const SILENT_MS = 1_000;
const HOLD_MS = 500;
const SPIKE_MS = 8;
const BASELINE_SECONDS = 2;
const REFERENCE_SECONDS = 10;
const SETTLED_SECONDS = 60;

export class WaveformErrors implements SampleSink {
  readonly #bounds: WaveformBounds;
  readonly #errors: LastingErrors;
  #startUs = 0;
  #rateHz = 1;
  #count = 0;
  /** Where the last sample ended; undefined before the first stretch. */
  #endUs: number | undefined;
  #flatSamples = 1;
  #highest = new MovingMax(1);
  /** Of −x. */
  #lowest = new MovingMax(1);
  #readings = 0;
  #spikes = new SpikeGauge(1, SPIKE_MS, 0);
  #baseline: number | undefined;
  #reference = 0;
  #referenceSamples = 0;
  /** Where the baseline stands, and for how many readings. */
  #level = 0;
  #levelSamples = 0;

  constructor(bounds: WaveformBounds, tell: (error: StreamError) => void) {
    this.#bounds = bounds;
    this.#errors = new LastingErrors(tell, 1_000 * HOLD_MS);
  }

  begin(startUs: number, rateHz: number): void {
    if (this.#endUs !== undefined && startUs > this.#endUs) {
      this.#errors.begin('data-lost', this.#endUs, startUs);
    }
    if (rateHz !== this.#rateHz) {
      this.#errors.close('drift', startUs);
      this.#baseline = undefined;
      this.#referenceSamples = 0;
    }
    this.#startUs = startUs;
    this.#rateHz = rateHz;
    this.#count = 0;
    this.#flatSamples = Math.ceil((FLAT_MS * rateHz) / 1_000);
    this.#highest = new MovingMax(this.#flatSamples);
    this.#lowest = new MovingMax(this.#flatSamples);
    this.#readings = 0;
    this.#spikes = new SpikeGauge(rateHz, SPIKE_MS, this.#bounds.spikeMin);
  }

  sample(value: number): void {
    const atUs = this.#timeOf(this.#count++);
    this.#errors.end('data-lost', atUs);
    const { min, max } = this.#bounds;
    if (value < min || value > max) {
      // No reading of this channel: the other checks look past it.
      this.#errors.begin('out-of-bounds', atUs, atUs);
      this.#spikes.skip();
      return;
    }
    this.#errors.end('out-of-bounds', atUs);
    this.#checkStill(value, atUs);
    this.#checkSpike(value, atUs);
    this.#checkDrift(value, atUs);
  }

  missing(reason: Reason): void {
    const atUs = this.#timeOf(this.#count++);
    // With a lead off the samples are there: they are of nothing, which is an answer of its own.
    if (reason === 'no-data') this.#errors.begin('data-lost', atUs, atUs);
    else this.#errors.end('data-lost', atUs);
    this.#spikes.skip();
  }

  end(): void {
    this.#endUs = this.#timeOf(this.#count);
    // A gap does not end a drift.
    this.#errors.close('flat-line', this.#endUs);
    this.#errors.close('out-of-bounds', this.#endUs);
  }

  /** It is `nowUs` of the channel's time: a stream that fell silent shows in nothing but this. */
  tick(nowUs: number): void {
    const endUs = this.#timeOf(this.#count);
    if (this.#count > 0 && nowUs - endUs >= 1_000 * SILENT_MS) {
      this.#errors.begin('data-lost', endUs, nowUs);
    }
  }

  #checkStill(value: number, atUs: number): void {
    this.#readings++;
    const range = this.#highest.step(value) + this.#lowest.step(-value);
    if (range > this.#bounds.still) {
      // What stood still had no heights: by them the first heartbeat would be a spike.
      if (this.#errors.lasts('flat-line')) {
        this.#spikes = new SpikeGauge(this.#rateHz, SPIKE_MS, this.#bounds.spikeMin);
      }
      this.#errors.end('flat-line', atUs);
    } else if (this.#readings >= this.#flatSamples) {
      this.#errors.begin('flat-line', this.#timeOf(this.#count - this.#flatSamples), atUs);
    }
  }

  #checkSpike(value: number, atUs: number): void {
    const length = this.#spikes.step(value);
    if (length === 0) return;
    const toUs = this.#timeOf(this.#count - 1 - this.#spikes.delay);
    this.#errors.once('spike', toUs - (1e6 * length) / this.#rateHz, atUs, toUs);
  }

  #checkDrift(value: number, atUs: number): void {
    this.#baseline ??= value;
    this.#baseline += (value - this.#baseline) / (BASELINE_SECONDS * this.#rateHz);
    if (this.#referenceSamples < REFERENCE_SECONDS * this.#rateHz) {
      this.#referenceSamples++;
      this.#reference += (value - this.#reference) / this.#referenceSamples;
      return;
    }
    const { driftBound } = this.#bounds;
    if (Math.abs(this.#baseline - this.#level) > driftBound / 4) {
      this.#level = this.#baseline;
      this.#levelSamples = 0;
    }
    const isSettled = ++this.#levelSamples >= SETTLED_SECONDS * this.#rateHz;
    // Only of a drift that was told: a slow one never leaves a quarter of the bound within a minute.
    if (isSettled && this.#errors.lasts('drift')) this.#reference = this.#baseline;
    const off = Math.abs(this.#baseline - this.#reference);
    if (off > driftBound) this.#errors.begin('drift', atUs, atUs);
    else if (off < driftBound / 2) this.#errors.end('drift', atUs);
  }

  #timeOf(index: number): number {
    return this.#startUs + (index * 1e6) / this.#rateHz;
  }
}

/**
 * Errors in one waveform, sample by sample: a sink of `SegmentStream`.
 *
 *   flat-line      within `stillSteps` of one value for FLAT_MS           told after FLAT_MS
 *   out-of-bounds  outside `bounds`                                       at once
 *   data-lost      a missing sample, a gap, silence                       at once, silence after SILENT_MS
 *   spike          see spike-gauge.ts, up to SPIKE_MS wide                within two spike widths
 *   drift          |baseline − where it was at first| > `driftBound`      baseline: exponential mean of 2 s
 *
 * The longest natural still stretch in the shared recordings is 0.9 s (impedance respiration between
 * two breaths), so FLAT_MS leaves room.
 */
import type { Reason, SampleSink } from '../stream.ts';
import { SpikeGauge } from './spike-gauge.ts';
import { LastingErrors, type StreamError } from './stream-error.ts';

/** What a channel can be, in its unit. */
export interface WaveformBounds {
  readonly min: number;
  readonly max: number;
  /** How far the baseline may wander. */
  readonly driftBound: number;
  /** Noise of a converter that sees nothing: values this near to each other are one. */
  readonly still: number;
  /** A lower one is no spike. */
  readonly spikeMin: number;
}

/**
 * ECG in mV: ±5 mV is what a monitor must display undistorted (ANSI/AAMI EC13). The 2 mV of drift are
 * above the wander of ambulatory records (1.7 mV in MIT-BIH 119).
 */
export const ECG_BOUNDS: WaveformBounds = {
  ...{ min: -5.5, max: 5.5 },
  ...{ driftBound: 2, still: 0.0025, spikeMin: 0.2 },
};

const FLAT_MS = 1_500;
const SILENT_MS = 1_000;
const SPIKE_MS = 8;
const BASELINE_SECONDS = 2;
const REFERENCE_SECONDS = 10;

export class WaveformErrors implements SampleSink {
  readonly #bounds: WaveformBounds;
  readonly #errors: LastingErrors;
  #startUs = 0;
  #rateHz = 1;
  #count = 0;
  /** Where the last sample ended; undefined before the first stretch. */
  #endUs: number | undefined;
  #still = 0;
  #stillSamples = 0;
  #spikes = new SpikeGauge(1, SPIKE_MS, 0);
  #baseline: number | undefined;
  #reference = 0;
  #referenceSamples = 0;

  constructor(bounds: WaveformBounds, tell: (error: StreamError) => void) {
    this.#bounds = bounds;
    this.#errors = new LastingErrors(tell);
  }

  begin(startUs: number, rateHz: number): void {
    if (this.#endUs !== undefined && startUs > this.#endUs) {
      this.#errors.begin('data-lost', this.#endUs, startUs);
    }
    this.#startUs = startUs;
    this.#rateHz = rateHz;
    this.#count = 0;
    this.#stillSamples = 0;
    this.#baseline = undefined;
    this.#reference = 0;
    this.#referenceSamples = 0;
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
    for (const kind of ['flat-line', 'out-of-bounds', 'drift'] as const) {
      this.#errors.end(kind, this.#endUs);
    }
  }

  /** It is `nowUs` of the channel's time: a stream that fell silent shows in nothing but this. */
  tick(nowUs: number): void {
    const endUs = this.#timeOf(this.#count);
    if (this.#count > 0 && nowUs - endUs >= 1_000 * SILENT_MS) {
      this.#errors.begin('data-lost', endUs, nowUs);
    }
  }

  #checkStill(value: number, atUs: number): void {
    if (this.#stillSamples > 0 && Math.abs(value - this.#still) <= this.#bounds.still) {
      this.#stillSamples++;
      if (1_000 * this.#stillSamples >= FLAT_MS * this.#rateHz) {
        this.#errors.begin('flat-line', this.#timeOf(this.#count - this.#stillSamples), atUs);
      }
      return;
    }
    if (this.#errors.lasts('flat-line')) {
      // What stood still had no heights: by them the first heartbeat would be a spike.
      this.#spikes = new SpikeGauge(this.#rateHz, SPIKE_MS, this.#bounds.spikeMin);
      this.#errors.end('flat-line', atUs);
    }
    this.#still = value;
    this.#stillSamples = 1;
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
    const off = Math.abs(this.#baseline - this.#reference);
    if (off > this.#bounds.driftBound) this.#errors.begin('drift', atUs, atUs);
    else if (off < this.#bounds.driftBound / 2) this.#errors.end('drift', atUs);
  }

  #timeOf(index: number): number {
    return this.#startUs + (index * 1e6) / this.#rateHz;
  }
}

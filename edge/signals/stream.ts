/**
 * From the segments of one channel to the samples of a detector: time, gaps, units.
 *
 *   segment(startUs, rate, gain, baseline, samples) ──► SegmentStream ──► begin · sample* · end
 *
 *   value = (sample − baseline) / gain                 in the channel's unit; NaN of a Float64Array is missing
 *   time  = startUs of the stretch + index / rate      index counts samples of the stretch, missing ones too
 *
 * A detector is given one sample after the other, so that its results depend on the samples alone and
 * never on how they were cut into segments. What is missing is said to be, with a reason, sample by
 * sample; nothing is filled in. A gap of up to GAP_BRIDGED_MS_MAX is so many missing samples; a longer
 * one, or another rate, ends the stretch. What was there already is dropped and counted.
 *
 * A stream belongs to one channel of one boot of a node: device time never goes back in it.
 */
import { GAP_BRIDGED_MS_MAX } from '../limits.ts';
import { MISSING_SAMPLE } from '../vital/vital.ts';

/** Why there is no number. A page says it in words. */
export const REASONS = [
  'no-data',
  'lead-off',
  'flat',
  'saturated',
  'noise',
  'motion',
  'learning',
  'too-few-beats',
  'irregular',
  'rate-too-low',
  'rate-too-high',
  'no-finger',
  'low-perfusion',
  'apnea',
  'probe-off',
  'out-of-range',
] as const;
export type Reason = (typeof REASONS)[number];

/** Signal quality: 4 good, 3 fair, 2 weak; at 1 and 0 no number is given. */
export type Bars = 0 | 1 | 2 | 3 | 4;
/** The lowest bars with which a number is a number. */
export const BARS_TRUSTED_MIN = 2;

/** A number that can be trusted, or none and why; at the moment `atUs` of the channel's time. */
export type Estimate =
  | { readonly atUs: number; readonly value: number; readonly bars: Bars }
  | { readonly atUs: number; readonly value: null; readonly bars: Bars; readonly reason: Reason };

/** Samples of one channel, one after the other in time. A wire segment is one, a recording too. */
export interface SignalSegment {
  /** Time of the first sample, µs. */
  readonly startUs: number;
  readonly rateMilliHz: number;
  /** Steps per unit; finite, never zero. 1 where values are given in the unit. */
  readonly gain: number;
  readonly baseline: number;
  readonly samples: Int16Array | Float64Array;
  /** The electrode or finger is off: what is in `samples` is no signal. */
  readonly leadOff?: boolean;
}

/** What a detector is to a stream. Calls come in this order: begin, then samples, then end. */
export interface SampleSink {
  /** A stretch of samples at one rate begins; what was learnt before may no longer hold. */
  begin(startUs: number, rateHz: number): void;
  /** The next sample, in the unit of the channel: always a finite number. */
  sample(value: number): void;
  /** The next sample, which is not there. */
  missing(reason: Reason): void;
  /** The stretch is over: what waited for later samples is decided now. */
  end(): void;
}

export class SegmentStream {
  readonly #sink: SampleSink;
  #startUs = 0;
  #rateMilliHz = 0;
  #count = 0;
  /** Samples that were there already. */
  droppedSamples = 0;

  constructor(sink: SampleSink) {
    this.#sink = sink;
  }

  push(segment: SignalSegment): void {
    const { samples, startUs, rateMilliHz } = segment;
    if (samples.length === 0) return;
    if (!(rateMilliHz > 0) || !Number.isFinite(startUs)) {
      throw new RangeError(`segment: expected a rate and a start, got ${rateMilliHz}, ${startUs}`);
    }
    if (!Number.isFinite(segment.gain) || segment.gain === 0) {
      throw new RangeError('segment: expected a finite gain other than 0');
    }
    const skipped = this.#place(startUs, rateMilliHz);
    const skip = Math.min(skipped, samples.length);
    this.droppedSamples += skip;
    this.#feed(segment, skip);
  }

  /** Nothing more will come: ends the stretch. */
  close(): void {
    if (this.#rateMilliHz === 0) return;
    this.#rateMilliHz = 0;
    this.#sink.end();
  }

  /** Begins a stretch, or bridges a gap; returns how many of the next samples were there already. */
  #place(startUs: number, rateMilliHz: number): number {
    if (rateMilliHz !== this.#rateMilliHz) return this.#restart(startUs, rateMilliHz);
    // Whole samples: clocks of nodes are rounded, and jitter of half a sample is no gap.
    const offset = Math.round(((startUs - this.#startUs) * rateMilliHz) / 1e9) - this.#count;
    if (offset <= 0) return -offset;
    if (offset * 1e6 > GAP_BRIDGED_MS_MAX * rateMilliHz) return this.#restart(startUs, rateMilliHz);
    for (let i = 0; i < offset; i++) this.#sink.missing('no-data');
    this.#count += offset;
    return 0;
  }

  #restart(startUs: number, rateMilliHz: number): number {
    this.close();
    this.#startUs = startUs;
    this.#rateMilliHz = rateMilliHz;
    this.#count = 0;
    this.#sink.begin(startUs, rateMilliHz / 1000);
    return 0;
  }

  #feed({ samples, gain, baseline, leadOff }: SignalSegment, from: number): void {
    const sink = this.#sink;
    const raw = samples instanceof Int16Array;
    for (let i = from; i < samples.length; i++) {
      const sample = samples[i]!;
      if (leadOff === true) sink.missing('lead-off');
      else if (raw ? sample === MISSING_SAMPLE : !Number.isFinite(sample)) sink.missing('no-data');
      else sink.sample((sample - baseline) / gain);
    }
    this.#count += samples.length - from;
  }
}

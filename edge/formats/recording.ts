/**
 * What every file format is read into: one patient's waveforms and numerics, and what was left out.
 *
 *   physical value = (sample − baseline) / gain        in `unit`
 *
 * A missing sample is MISSING_SAMPLE. A missing number is absent: a gap is no reading, never NaN.
 */
import type { Lead, Vital, WaveformUnit } from '../vital/vital.ts';

/** How the samples of one waveform are to be read; a player and a wire segment carry the same. */
export interface WaveformShape {
  /** A name of the vocabulary's WAVEFORMS. */
  readonly channel: string;
  /** '' where the lead is not stated, or not one we know. */
  readonly lead: Lead;
  readonly unit: WaveformUnit;
  readonly sampleRateMilliHz: number;
  /** Steps per unit; finite, never zero. */
  readonly gain: number;
  /** The sample that means zero; a 32-bit integer, may lie outside 16 bits. */
  readonly baseline: number;
}

export interface RecordedWaveform extends WaveformShape {
  readonly samples: Int16Array;
}

/** Readings of one vital sign: `values[i]`, in its unit, was read at `secondsFromStart[i]`. */
export interface RecordedNumeric {
  readonly vital: Vital;
  /** Strictly increasing; whole for tables of seconds. */
  readonly secondsFromStart: Float64Array;
  readonly values: Float64Array;
  /** Signal quality of each, 0 to 4, where it is known. */
  readonly bars?: Uint8Array;
}

export interface Recording {
  readonly name: string;
  /** Only where the file names a date and a time; the file's clock is read as UTC. */
  readonly startTime?: Date;
  readonly waveforms: readonly RecordedWaveform[];
  readonly numerics: readonly RecordedNumeric[];
  /** Signals or columns that were not taken, and why. */
  readonly ignored: readonly { readonly name: string; readonly reason: string }[];
  /** What was taken with a reservation, one sentence each. */
  readonly notes: readonly string[];
}

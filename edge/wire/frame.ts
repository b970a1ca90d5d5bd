/**
 * A frame as a value: what a node measured between two sends (WIRE.md, The payload).
 *
 * All times are device time, counted from the node's boot, so that a node without a clock can speak.
 * A time in UTC is `bootTimeMs · 1000 + deviceTimeUs` microseconds [WIRE-7].
 */
import type { Lead, Vital, Waveform, WaveformUnit } from '../vital/vital.ts';

export interface Frame {
  /** When the frame was closed. */
  readonly deviceTimeUs: number;
  /** UTC at device time 0; absent on a node without a clock [WIRE-6]. Constant within a boot. */
  readonly bootTimeMs?: number;
  readonly columns: readonly NumericColumn[];
  readonly segments: readonly WaveformSegment[];
  readonly status?: Status;
  readonly events: readonly NodeEvent[];
}

/** Bars of signal quality are 0 to 4; this is "the sensor cannot tell" [WIRE-10]. */
export const QUALITY_UNKNOWN = 255;

/** Consecutive seconds of one vital sign [WIRE-8]. `column.ts` builds and reads it. */
export interface NumericColumn {
  readonly vital: Vital;
  /** 0 to 4 bars, or `QUALITY_UNKNOWN`. */
  readonly quality: number;
  /** Row i is second `startSecond + i` of device time. */
  readonly startSecond: number;
  /** 1 to 3,600. */
  readonly rowCount: number;
  /** Bit i, lowest bit of byte 0 first: row i has a reading. ⌈rowCount / 8⌉ bytes, unused bits 0. */
  readonly presence: Uint8Array;
  /** Fixed-point integers of the rows present, in order. */
  readonly values: Int32Array;
}

/** Consecutive samples of one channel; physical value = (sample − baseline) / gain [WIRE-9]. */
export interface WaveformSegment {
  readonly waveform: Waveform;
  readonly lead: Lead;
  readonly unit: WaveformUnit;
  readonly leadOff: boolean;
  readonly saturated: boolean;
  readonly quality: number;
  /** Device time of the first sample. */
  readonly startUs: number;
  /** 1 to 100,000,000. */
  readonly rateMilliHz: number;
  /** Finite and not 0. */
  readonly gain: number;
  readonly baseline: number;
  /** 1 to 32,000 of them; −32768 (`MISSING_SAMPLE`) is a gap. */
  readonly samples: Int16Array;
}

/** Why the node last started; the index is the byte on the wire. */
export const RESET_CAUSES = [
  'unknown',
  'power-on',
  'external',
  'brown-out',
  'watchdog',
  'software',
] as const;
export type ResetCause = (typeof RESET_CAUSES)[number];

/** How the device itself is [WIRE-10]; `null` is not known. */
export interface Status {
  readonly batteryPercent: number | null;
  /** RSSI, −127 to 127. */
  readonly linkDbm: number | null;
  readonly bufferedFrames: number;
  readonly resetCause: ResetCause;
  /** Printable ASCII, up to 255 characters. */
  readonly firmware: string;
}

/** What a node can report beside readings, with its byte on the wire. */
export const EVENT_CODES = { 'nurse-call': 1 } as const;
export type EventName = keyof typeof EVENT_CODES;

export interface NodeEvent {
  readonly name: EventName;
  readonly atUs: number;
}

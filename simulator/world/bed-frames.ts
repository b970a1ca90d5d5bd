/**
 * What a simulated bed sends: one frame every 100 ms.
 *
 *   tick k    device time [100·k, 100·(k+1)) ms, closed at its end
 *   every     ECG, 25 samples at 250 Hz
 *   odd       pleth and respiration of this tick and the one before (125 Hz and 25 Hz divide 200 ms)
 *   k = 10·s  the readings of second s
 *   k ≡ 1 (mod 100)  a status block
 *
 * Pure: it knows no clock and no socket. Ticks may be left out in whole seconds, which are then absent.
 */
import type { WaveformShape } from '@vitalshare/edge/formats';
import { findVital, findWaveform, type Waveform } from '@vitalshare/edge/vital';
import {
  type Frame,
  numericColumn,
  type Status,
  type WaveformSegment,
} from '@vitalshare/edge/wire';
import { BODY_WAVEFORMS, type Body, type BodySlice } from '../bodies/bodies.ts';

export const TICK_MS = 100;
const SLICE_TICKS = 2;
const STATUS_TICKS = 100;
/** Bars of a signal without noise. */
const QUALITY_BEST = 4;
/** What the waveforms tell. */
const SHOWN = ['heart-rate', 'pulse-rate', 'spo2', 'respiratory-rate', 'skin-temperature'] as const;
const FIRMWARE = 'vitalshare simulated bed';

export class BedFrames {
  readonly #body: Body;
  readonly #bootTimeMs: number;
  #slice: BodySlice | null = null;
  /** Device time minus body time: whole seconds that were left out. */
  #leftOutMs = 0;
  #tick = 0;

  /** `bootTimeMs` is UTC at device time 0, a whole second so that rows are the clock's seconds. */
  constructor(body: Body, bootTimeMs: number) {
    this.#body = body;
    this.#bootTimeMs = bootTimeMs;
  }

  /** Leaves out whole seconds that nobody measured, because the machine slept. */
  skip(seconds: number): void {
    this.#leftOutMs += seconds * 1000;
    this.#tick += (seconds * 1000) / TICK_MS;
  }

  next(bufferedFrames: number): Frame {
    const tick = this.#tick;
    const isFirstHalf = tick % SLICE_TICKS === 0;
    const slice =
      isFirstHalf || this.#slice === null
        ? (this.#slice = this.#body.next(SLICE_TICKS * TICK_MS))
        : this.#slice;
    this.#tick += 1;
    const sliceStartUs = (slice.fromMs + this.#leftOutMs) * 1000;
    const half = slice.ecg.length / 2;
    const ecg = isFirstHalf ? slice.ecg.subarray(0, half) : slice.ecg.subarray(half);
    const frame: Frame = {
      deviceTimeUs: this.#tick * TICK_MS * 1000,
      bootTimeMs: this.#bootTimeMs,
      columns: isFirstHalf ? this.#columns(slice) : [],
      segments: [
        segment(BODY_WAVEFORMS.ecg, tick * TICK_MS * 1000, ecg),
        ...(isFirstHalf
          ? []
          : [
              segment(BODY_WAVEFORMS.pleth, sliceStartUs, slice.pleth),
              segment(BODY_WAVEFORMS.resp, sliceStartUs, slice.resp),
            ]),
      ],
      events: [],
    };
    return tick % STATUS_TICKS === 1 ? { ...frame, status: statusOf(bufferedFrames) } : frame;
  }

  #columns({ readings, truth }: BodySlice): Frame['columns'] {
    const numbers = truth.seconds.flatMap(({ atMs, numbers }) =>
      SHOWN.flatMap((name) => {
        const value = numbers[name];
        return Number.isNaN(value) ? [] : [{ vital: findVital(name)!, atMs, value }];
      }),
    );
    return [...numbers, ...readings].map(({ vital, atMs, value }) =>
      numericColumn(vital, (atMs + this.#leftOutMs) / 1000, [value], QUALITY_BEST),
    );
  }
}

function segment(shape: WaveformShape, startUs: number, samples: Int16Array): WaveformSegment {
  return {
    waveform: waveformNamed(shape.channel),
    lead: shape.lead,
    unit: shape.unit,
    leadOff: false,
    saturated: false,
    quality: QUALITY_BEST,
    startUs,
    rateMilliHz: shape.sampleRateMilliHz,
    gain: shape.gain,
    baseline: shape.baseline,
    samples,
  };
}

function waveformNamed(name: string): Waveform {
  const waveform = findWaveform(name);
  if (waveform === undefined) throw new TypeError(`expected a waveform, got ${name}`);
  return waveform;
}

const statusOf = (bufferedFrames: number): Status => ({
  batteryPercent: 100,
  linkDbm: null,
  bufferedFrames,
  resetCause: 'power-on',
  firmware: FIRMWARE,
});

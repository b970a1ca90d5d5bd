/**
 * What a simulated bed sends: one frame every 100 ms.
 *
 *   tick k    device time [100·k, 100·(k+1)) ms, closed at its end
 *   every     ECG, 25 samples at 250 Hz
 *   odd       the other waveforms of this tick and the one before (125 Hz and 25 Hz divide 200 ms);
 *             the skin probe's sample where a whole second lies in them
 *   k = 10·s  the numbers of second s, by the detectors on these samples; the core's temperature and a
 *             cuff's pressure as their sensors read them
 *   k ≡ 1 (mod 100)  a status block
 *
 * Pure: it knows no clock and no socket. Ticks may be left out in whole seconds, which are then absent.
 * While its node is silent there is no frame; what it would have sent is lost.
 */
import { BARS_TRUSTED_MIN } from '@vitalshare/edge/signals';
import {
  type Frame,
  numericColumn,
  type NumericColumn,
  QUALITY_UNKNOWN,
  type Status,
  type WaveformSegment,
} from '@vitalshare/edge/wire';
import type { Body, BodySlice } from '../bodies/bodies.ts';
import { nodeStateAt, type NodeState } from '../scenarios/node-state.ts';
import type { Happening } from '../scenarios/scenario.ts';
import { BedSignals, type BedSlice } from './bed-signals.ts';

export const TICK_MS = 100;
const SLICE_TICKS = 2;
const SECOND_US = 1_000_000;
const STATUS_TICKS = 100;
const FIRMWARE = 'vitalshare simulated bed';

export class BedFrames {
  readonly #body: Body;
  readonly #bootTimeMs: number;
  readonly #happenings: readonly Happening[];
  readonly #signals = new BedSignals();
  #slice: BedSlice = { segments: [], numbers: [] };
  /** Rows whose second is not over yet. */
  #waiting: NumericColumn[] = [];
  /** Device time minus body time: whole seconds that were left out. */
  #leftOutMs = 0;
  #tick = 0;

  /** `bootTimeMs` is UTC at device time 0, a whole second so that rows are the clock's seconds. */
  constructor(body: Body, bootTimeMs: number, happenings: readonly Happening[] = []) {
    this.#body = body;
    this.#bootTimeMs = bootTimeMs;
    this.#happenings = happenings;
  }

  /** Leaves out whole seconds that nobody measured, because the machine slept. */
  skip(seconds: number): void {
    this.#leftOutMs += seconds * 1000;
    this.#tick += (seconds * 1000) / TICK_MS;
  }

  /** The next tick's frame; null while the node is silent. */
  next(bufferedFrames: number): Frame | null {
    const tick = this.#tick;
    const isFirstHalf = tick % SLICE_TICKS === 0;
    if (isFirstHalf) this.#measure();
    this.#tick += 1;
    const deviceTimeUs = this.#tick * TICK_MS * 1000;
    const columns = this.#columnsUntil(deviceTimeUs);
    const state = nodeStateAt(this.#happenings, (tick * TICK_MS - this.#leftOutMs) / 1000);
    if (state.isSilent) return null;
    const frame: Frame = {
      deviceTimeUs,
      bootTimeMs: this.#bootTimeMs,
      columns,
      segments: this.#slice.segments.flatMap((segment) => partOf(segment, isFirstHalf)),
      events: [],
    };
    return tick % STATUS_TICKS === 1
      ? { ...frame, status: statusOf(state, bufferedFrames) }
      : frame;
  }

  #measure(): void {
    const slice = this.#body.next(SLICE_TICKS * TICK_MS);
    this.#slice = this.#signals.take(slice, this.#leftOutMs);
    for (const { vital, estimate } of this.#slice.numbers) {
      const { atUs, value, bars } = estimate;
      // What cannot be trusted is absent.
      if (value === null || bars < BARS_TRUSTED_MIN) continue;
      this.#waiting.push(numericColumn(vital, Math.round(atUs / SECOND_US), [value], bars));
    }
    this.#waiting.push(...ownReadings(slice, this.#leftOutMs));
  }

  #columnsUntil(deviceTimeUs: number): NumericColumn[] {
    const isOver = ({ startSecond }: NumericColumn) => startSecond * SECOND_US < deviceTimeUs;
    const over = this.#waiting.filter(isOver);
    if (over.length > 0) this.#waiting = this.#waiting.filter((column) => !isOver(column));
    return over;
  }
}

/** Of sensors that have no waveform here. */
const ownReadings = ({ readings }: BodySlice, aheadMs: number): NumericColumn[] =>
  readings.map(({ vital, atMs, value }) =>
    numericColumn(vital, (atMs + aheadMs) / 1000, [value], QUALITY_UNKNOWN),
  );

/** The ECG goes half by half; everything else with the second half, when it is over. */
function partOf(segment: WaveformSegment, isFirstHalf: boolean): WaveformSegment[] {
  if (segment.waveform.name !== 'ecg') return isFirstHalf ? [] : [segment];
  const { samples, startUs } = segment;
  const half = samples.length / 2;
  return isFirstHalf
    ? [{ ...segment, samples: samples.subarray(0, half) }]
    : [{ ...segment, samples: samples.subarray(half), startUs: startUs + TICK_MS * 1000 }];
}

const statusOf = ({ batteryPercent, linkDbm }: NodeState, bufferedFrames: number): Status => ({
  ...{ batteryPercent, linkDbm, bufferedFrames },
  resetCause: 'power-on',
  firmware: FIRMWARE,
});

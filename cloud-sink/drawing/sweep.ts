/**
 * A sweeping trace, as on a bedside monitor. Time is written left to right at 25 mm/s; the erase bar
 * runs ahead of the newest sample; what stands right of it is the sweep before, at 55 %.
 *
 *   x(t) = (t · speed) mod width
 *
 *   0            head  erase bar                  width
 *   ├── this sweep ──●│         │── sweep before ──┤
 *
 * Nothing is invented: a missing sample (NaN) or a hole between segments lifts the pen, and when the
 * data ends the line ends there while the erase bar goes on. What is drawn depends on the samples and
 * the playhead alone, so late segments still find their place.
 */
import type { Pen } from './pen.ts';

/** Consecutive samples; a missing one is NaN. Times are milliseconds of the signal's own clock. */
export interface SweepSegment {
  readonly startMs: number;
  readonly rateHz: number;
  readonly values: Float32Array;
}

export interface SweepView {
  readonly widthPx: number;
  readonly pxPerSecond: number;
  /** The moment under the head of the sweep. */
  readonly playheadMs: number;
  readonly eraseBarPx: number;
  readonly lineWidthPx: number;
  readonly color: string;
  /** y = baselinePx − value · pxPerUnit. */
  readonly baselinePx: number;
  readonly pxPerUnit: number;
}

const BEFORE_ALPHA = 0.55;
const DOT_PER_LINE = 1.4;

const endMsOf = (segment: SweepSegment): number =>
  segment.startMs + (segment.values.length * 1000) / segment.rateHz;

/** The samples of one channel that may still be seen, in order, none twice. */
export class Sweep {
  #segments: SweepSegment[] = [];

  get segments(): readonly SweepSegment[] {
    return this.#segments;
  }

  /** When the newest sample ends, or `null` when there is none. */
  get endMs(): number | null {
    const last = this.#segments.at(-1);
    return last === undefined ? null : endMsOf(last);
  }

  /** In any order; where segments overlap, the one that came first stays. */
  add(segment: SweepSegment): void {
    const { rateHz } = segment;
    if (!(rateHz > 0)) throw new RangeError(`rateHz: expected more than 0, got ${rateHz}`);
    let place = this.#segments.length;
    while (place > 0 && this.#segments[place - 1]!.startMs > segment.startMs) place--;
    const before = this.#segments[place - 1];
    const after = this.#segments[place];
    const samplesIn = (ms: number): number => Math.max(0, Math.round((ms * rateHz) / 1000));
    const first = before === undefined ? 0 : samplesIn(endMsOf(before) - segment.startMs);
    const count = segment.values.length;
    const end =
      after === undefined ? count : Math.min(count, samplesIn(after.startMs - segment.startMs));
    if (end <= first) return;
    this.#segments.splice(place, 0, {
      startMs: segment.startMs + (first * 1000) / rateHz,
      rateHz,
      values: segment.values.subarray(first, end),
    });
  }

  /** Lets go of what ended before `ms`. */
  forget(ms: number): void {
    this.#segments = this.#segments.filter((segment) => endMsOf(segment) > ms);
  }

  /** Least and greatest value between two moments, or `null` where nothing is. */
  extent(fromMs: number, toMs: number): { lo: number; hi: number } | null {
    let lo = Infinity;
    let hi = -Infinity;
    this.each(fromMs, toMs, (_, value) => {
      if (value < lo) lo = value;
      if (value > hi) hi = value;
    });
    return lo > hi ? null : { lo, hi };
  }

  /** Every sample from `fromMs` up to `toMs` in order; `joined` when it follows the one before it. */
  each(
    fromMs: number,
    toMs: number,
    visit: (timeMs: number, value: number, joined: boolean) => void,
  ): void {
    let previousMs = -Infinity;
    for (const { startMs, rateHz, values } of this.#segments) {
      const periodMs = 1000 / rateHz;
      const first = Math.max(0, Math.ceil((fromMs - startMs) / periodMs));
      const last = Math.min(values.length - 1, Math.floor((toMs - startMs) / periodMs));
      for (let index = first; index <= last; index++) {
        const value = values[index]!;
        if (Number.isNaN(value)) continue;
        const timeMs = startMs + index * periodMs;
        visit(timeMs, value, timeMs - previousMs < 1.5 * periodMs);
        previousMs = timeMs;
      }
    }
  }
}

/** Where the head of a sweep stands. */
export const headOf = ({ widthPx, pxPerSecond, playheadMs }: SweepView): number =>
  ((playheadMs * pxPerSecond) / 1000) % widthPx;

/**
 * Draws both sweeps and the dot on a canvas the caller has cleared. With `sinceMs`, draws of this
 * sweep only what is newer: for a canvas that holds the rest and was cleared and clipped around it.
 */
export function drawSweep(pen: Pen, sweep: Sweep, view: SweepView, sinceMs = -Infinity): void {
  const { widthPx, pxPerSecond, playheadMs } = view;
  const pxPerMs = pxPerSecond / 1000;
  const headPx = headOf(view);
  const turnMs = playheadMs - headPx / pxPerMs;
  const yOf = (value: number): number => view.baselinePx - value * view.pxPerUnit;

  const stroke = (fromMs: number, toMs: number, offsetPx: number, alpha: number) => {
    pen.globalAlpha = alpha;
    pen.beginPath();
    sweep.each(fromMs, toMs, (timeMs, value, joined) => {
      const x = offsetPx + (timeMs - turnMs) * pxPerMs;
      if (joined) pen.lineTo(x, yOf(value));
      else pen.moveTo(x, yOf(value));
    });
    pen.stroke();
  };

  pen.strokeStyle = view.color;
  pen.lineWidth = view.lineWidthPx;
  pen.lineJoin = 'round';
  pen.lineCap = 'round';
  const beforeFromMs = turnMs + (headPx + view.eraseBarPx - widthPx) / pxPerMs;
  // A sample on the turn itself belongs to the new sweep.
  const whole = sinceMs === -Infinity;
  if (whole && beforeFromMs < turnMs) stroke(beforeFromMs, turnMs - 1e-3, widthPx, BEFORE_ALPHA);
  stroke(Math.max(turnMs, sinceMs), playheadMs, 0, 1);

  let newest: { timeMs: number; value: number } | undefined;
  const dotMs = (2 * view.lineWidthPx) / pxPerMs;
  sweep.each(playheadMs - dotMs, playheadMs, (timeMs, value) => (newest = { timeMs, value }));
  if (newest === undefined) return;
  pen.fillStyle = view.color;
  pen.beginPath();
  const x = Math.max(0, (newest.timeMs - turnMs) * pxPerMs);
  pen.arc(x, yOf(newest.value), view.lineWidthPx * DOT_PER_LINE, 0, 2 * Math.PI);
  pen.fill();
}

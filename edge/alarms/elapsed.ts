/**
 * Time that only passes. Delays, pauses and countdowns are counted in it, whatever the wall clock does.
 *
 *   wall    0 ─ 1 ─ 2 ─ 62 ─ 63 ─ 3 ─ 4 s       forward: it may really have passed, so it counts: what
 *   jump            ▲+60     ▲−60                 waits to sound sounds earlier, never later
 *   elapsed 0 ─ 1 ─ 2 ─ 62 ─ 63 ─ 63 ─ 64 s     back: nothing passed
 */
import { CLOCK_BACK_MS, CLOCK_FORWARD_MS } from './constants.ts';

export class Elapsed {
  /** Milliseconds since the first reading of the clock. */
  ms: number;
  /** The wall clock as last read. */
  nowMs: number;

  constructor(nowMs: number, ms = 0) {
    this.nowMs = nowMs;
    this.ms = ms;
  }

  /** How far the clock jumped; 0 where it went on. A time that is none is no time. */
  read(nowMs: number): number {
    if (!Number.isFinite(nowMs)) return 0;
    const step = nowMs - this.nowMs;
    this.nowMs = nowMs;
    this.ms += Math.max(0, step);
    return step > CLOCK_FORWARD_MS || step < -CLOCK_BACK_MS ? step : 0;
  }

  /** When a reading of the wall time `atMs` was made; what lies ahead is of now. */
  of(atMs: number): number {
    return this.ms - Math.max(0, this.nowMs - atMs);
  }

  /** The wall time of a moment of ours, by the clock as it is now. */
  wall(ms: number): number {
    return this.nowMs + (ms - this.ms);
  }
}

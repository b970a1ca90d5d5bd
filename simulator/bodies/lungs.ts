/**
 * The breath clock: one breath after the other, as far ahead as somebody asks. A breath is one sine of
 * the chest, up first; where none begins (an apnoea) the chest rests in the middle.
 */
import type { Patient } from './patient.ts';
import type { Random } from './random.ts';

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Breath {
  readonly startMs: number;
  readonly durationMs: number;
}

const JITTER = 0.05;
/** Kept behind the moment last asked to forget: the rates' window and more. */
const KEPT_MS = 60_000;

export class Lungs {
  #breaths: Breath[];
  readonly #patient: Patient;
  readonly #random: Random;
  readonly #apnoeas: readonly Span[];
  /** Of the breath asked for last. */
  #at = 0;

  /** `apnoeas` in any order, none of which overlap. */
  constructor(startMs: number, patient: Patient, apnoeas: readonly Span[], random: Random) {
    this.#patient = patient;
    this.#random = random;
    this.#apnoeas = apnoeas.toSorted((a, b) => a.fromMs - b.fromMs);
    this.#breaths = [this.#breath(startMs)];
  }

  /** Height of the chest at a moment, −1 to 1. */
  chest(atMs: number): number {
    this.until(atMs);
    const breaths = this.#breaths;
    this.#at = Math.min(this.#at, breaths.length - 1);
    while (this.#at > 0 && breaths[this.#at]!.startMs > atMs) this.#at--;
    while (this.#at + 1 < breaths.length && breaths[this.#at + 1]!.startMs <= atMs) this.#at++;
    const { startMs, durationMs } = breaths[this.#at]!;
    const turn = (atMs - startMs) / durationMs;
    return turn >= 0 && turn < 1 ? Math.sin(2 * Math.PI * turn) : 0;
  }

  /** When the breaths in [fromMs, toMs) begin. */
  between(fromMs: number, toMs: number): number[] {
    this.until(toMs);
    return this.#breaths.flatMap(({ startMs }) =>
      startMs >= fromMs && startMs < toMs ? [startMs] : [],
    );
  }

  until(atMs: number): void {
    for (let last = this.#breaths.at(-1)!; last.startMs <= atMs; last = this.#breaths.at(-1)!) {
      this.#breaths.push(this.#breath(last.startMs + last.durationMs));
    }
  }

  forget(nowMs: number): void {
    const keep = this.#breaths.findIndex(({ startMs }) => startMs >= nowMs - KEPT_MS);
    // The one before may still last.
    if (keep > 1) {
      this.#breaths.splice(0, keep - 1);
      this.#at = 0;
    }
  }

  /** The breath that is due at a moment, or when the apnoea ends that it falls into. */
  #breath(dueMs: number): Breath {
    let startMs = dueMs;
    for (const { fromMs, toMs } of this.#apnoeas) {
      if (startMs >= fromMs && startMs < toMs) startMs = toMs;
    }
    if (startMs === Infinity) return { startMs, durationMs: Infinity };
    const perMin = this.#patient.number('respiratory-rate', startMs / 1000);
    const durationMs = (60_000 / perMin) * (1 + JITTER * this.#random.normal());
    return { startMs, durationMs };
  }
}

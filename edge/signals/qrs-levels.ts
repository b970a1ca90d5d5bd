/**
 * How high a QRS is and how high the noise: medians of the last eight heights of each, so that one artefact
 * moves neither.
 *
 *   threshold = noise + 0.3 · (QRS − noise)
 *
 * Without a beat the QRS level halves every 4 s: the electrode may have moved. Or the heart paused: the level of
 * before is kept, for a minute nothing below a sixteenth of it counts, and the first beat that is half as high
 * brings it back. Else every pause would leave the level lower, down to the T waves.
 */
import { median } from './filters.ts';

/** Heights, intervals that a median is taken of. */
export const LEVELS = 8;
export const THRESHOLD_PART = 0.3;
/** Without a beat for so long the QRS level halves, and again: the electrode may have moved … */
const FADE_S = 4;
/** … but to no less than this many times the noise, or noise alone would beat … */
const FADE_NOISE = 4;
/** … and to no less than this part of what it was, for so long. */
const FORMER_PART = 1 / 16;
const FORMER_S = 60;
const RETURN_PART = 0.5;

export class QrsLevels {
  #qrs = 0;
  #noise = 0;
  #qrsHeights: number[] = [];
  #noiseHeights: number[] = [];
  readonly #rateHz: number;
  #fadedAt = 0;
  /** The level before it faded, and when; 0 when it did not. */
  #former = 0;
  #formerAt = 0;

  constructor(rateHz: number) {
    this.#rateHz = rateHz;
  }

  get qrs(): number {
    return this.#qrs;
  }

  get noise(): number {
    return this.#noise;
  }

  get threshold(): number {
    return this.#noise + THRESHOLD_PART * Math.max(0, this.#qrs - this.#noise);
  }

  /** Whether there was no beat for so long that the level fell, and none since as high as those before. */
  get isFaded(): boolean {
    return this.#former > 0;
  }

  start(qrs: number, noise: number): void {
    this.#qrs = qrs;
    this.#noise = noise;
    this.#qrsHeights = Array.from({ length: LEVELS }, () => qrs);
    this.#noiseHeights = Array.from({ length: LEVELS }, () => noise);
  }

  addQrs(height: number, at: number): void {
    if (this.#former > 0 && height >= RETURN_PART * this.#former) {
      this.#qrsHeights.fill(this.#former);
      this.#former = 0;
    }
    this.#fadedAt = at;
    put(this.#qrsHeights, height);
    this.#qrs = median(this.#qrsHeights);
  }

  addNoise(height: number): void {
    put(this.#noiseHeights, height);
    this.#noise = median(this.#noiseHeights);
  }

  /** To be told that there is no beat yet. */
  fade(now: number): void {
    if (this.#former > 0 && now - this.#formerAt > FORMER_S * this.#rateHz) this.#former = 0;
    if (now - this.#fadedAt < FADE_S * this.#rateHz) return;
    this.#fadedAt = now;
    if (this.#former === 0) [this.#former, this.#formerAt] = [this.#qrs, now];
    const least = Math.max(FADE_NOISE * this.#noise, FORMER_PART * this.#former);
    this.#qrs = Math.max(this.#qrs / 2, Math.min(this.#qrs, least));
    this.#qrsHeights.fill(this.#qrs);
  }
}

/** Adds to the last LEVELS. */
export function put(list: number[], value: number): void {
  list.push(value);
  if (list.length > LEVELS) list.shift();
}

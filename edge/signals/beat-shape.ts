/**
 * What a beat looks like: how wide its QRS is, and whether its like was there before.
 *
 *   width      from where the ECG begins to move to where it rests again: its slope over 20 ms above 15 % of
 *              the steepest, the two ends no further than 200 ms from R
 *   likeness   the correlation of 200 ms around R with the second most similar of the last eight beats: noise
 *              resembles one of eight now and then
 *   usual      the same with the running mean of the patient's own beats; what is wide and faster than 100 a
 *              minute never takes its place, or ventricular tachycardia would be the usual rhythm
 *
 * A QRS counts as wide from 120 ms on (AHA/ACCF/HRS, Circulation 119:e235–e240, 2009); above 15 %
 * of its slope that is about 100 ms here. No unit, no polarity.
 */
import { History, MovingMean } from './filters.ts';
import { Skips } from './skips.ts';
import { keep, correlation } from './windows.ts';

const SLOPE_S = 0.02;
const SMOOTH_S = 0.016;
const WIDTH_PART = 0.15;
const REACH_S = 0.2;
const HALF_S = 0.1;
const SHAPES = 8;
const USUAL_LIKENESS = 0.85;
const USUAL_WEIGHT = 1 / 16;
/** A wide beat is the first usual one below 133 a minute, and takes another's place below 100. */
const FIRST_RR_S_MIN = 0.45;
const OTHER_RR_S_MIN = 0.6;
/** So many beats in a row unlike the usual one, and they are the usual one. */
const UNUSUAL_MAX = 12;
/** Before so many were like it, a few are enough: the first beat of a stretch may be half a beat. */
const SETTLED_MATCHES = 8;
const FIRST_UNUSUAL_MAX = 2;
export const WIDE_S = 0.11;

export interface BeatShape {
  readonly widthS: number;
  /** −1 to 1; NaN for the first beats. */
  readonly likeness: number;
  readonly usual: number;
}

export class BeatShapes {
  readonly #rateHz: number;
  readonly #skips = new Skips();
  readonly #smooth: [MovingMean, MovingMean];
  readonly #delay: number;
  readonly #ecg: History;
  readonly #slope: History;
  readonly #slopeStep: number;
  readonly #shapes: Float64Array[] = [];
  #usual: Float64Array | null = null;
  #unusual = 0;
  /** Beats like the usual one since it was taken for that. */
  #matches = 0;
  #before = 0;

  constructor(rateHz: number) {
    this.#rateHz = rateHz;
    const smooth = Math.max(1, Math.round(SMOOTH_S * rateHz));
    this.#smooth = [new MovingMean(smooth), new MovingMean(smooth)];
    this.#delay = smooth - 1;
    this.#slopeStep = Math.max(1, Math.round(SLOPE_S * rateHz));
    // A beat is said at most 2.5 s after it.
    this.#ecg = new History(4 * rateHz);
    this.#slope = new History(4 * rateHz);
  }

  step(value: number): void {
    const x = this.#skips.step(value);
    const [first, second] = this.#smooth;
    if (this.#skips.isFirst) {
      first.settle(x);
      second.settle(x);
    }
    const index = this.#ecg.count;
    this.#ecg.push(second.step(first.step(x)));
    this.#slope.push(Math.abs(this.#ecg.at(index) - this.#ecg.at(index - this.#slopeStep)));
  }

  /** The shape of the beat whose R is at sample `fiducial`, `rrS` seconds after the one before. */
  measure(fiducial: number, rrS: number): BeatShape {
    const centre = fiducial + this.#delay;
    const shape = this.#cut(centre);
    const alike = this.#shapes.map((other) => correlation(shape, other)).sort((a, b) => b - a);
    const usual = this.#usual === null ? NaN : correlation(shape, this.#usual);
    const widthS = this.#width(centre);
    this.#learn(shape, usual, rrS, widthS < WIDE_S);
    keep(this.#shapes, shape, SHAPES);
    return { widthS, likeness: alike[1] ?? NaN, usual };
  }

  #learn(shape: Float64Array, usual: number, rrS: number, isNarrow: boolean): void {
    const isSettled = this.#matches >= SETTLED_MATCHES;
    const isPossible = isNarrow || rrS >= (isSettled ? OTHER_RR_S_MIN : FIRST_RR_S_MIN);
    if (this.#usual !== null && usual >= USUAL_LIKENESS) {
      this.#unusual = 0;
      this.#matches++;
      for (let i = 0; i < shape.length; i++) {
        this.#usual[i]! += USUAL_WEIGHT * (shape[i]! - this.#usual[i]!);
      }
    } else if (isPossible) {
      if (this.#usual !== null && ++this.#unusual <= (isSettled ? UNUSUAL_MAX : FIRST_UNUSUAL_MAX))
        return;
      this.#usual = shape.slice();
      this.#unusual = this.#matches = 0;
    }
  }

  #cut(centre: number): Float64Array {
    const half = Math.round(HALF_S * this.#rateHz);
    return Float64Array.from({ length: 2 * half + 1 }, (_, i) => this.#ecg.at(centre - half + i));
  }

  #width(centre: number): number {
    const reach = Math.round(REACH_S * this.#rateHz);
    const middle = centre + (this.#slopeStep >> 1);
    const near = Math.round(HALF_S * this.#rateHz);
    let steepest = 0;
    for (let i = middle - near; i <= middle + near; i++) {
      steepest = Math.max(steepest, this.#slope.at(i));
    }
    const least = WIDTH_PART * steepest;
    const rest = Math.max(2, Math.round(SLOPE_S * this.#rateHz));
    const edge = (step: 1 | -1): number => {
      let last = 0;
      for (let away = 0; away <= reach && away - last <= rest; away++) {
        if (this.#slope.at(middle + step * away) > least) last = away;
      }
      return last;
    };
    return (edge(1) + edge(-1)) / this.#rateHz;
  }
}

/**
 * How far one ECG lead can be trusted: 0 to 4 bars, once a second, and the reason where that is too
 * little.
 *
 *   0 bars   nothing there (no data, lead off), a constant, or an amplifier at its end
 *   1 to 4   the lesser of two measures over ten seconds:
 *              agreement   of two detectors that fail on different noise: 2·pairs / (beats + beats)     (bSQI)
 *              likeness    mean correlation of each beat with the second most similar of the eight before
 *
 * bSQI: Q. Li, R. Mark, G. Clifford, Physiological Measurement 29:15–32 (2008). Correlation with a
 * template, and 0.66 as the least that passes: C. Orphanidou et al., IEEE J-BHI 19(3):832–838
 * (2015); the likes of several take the place of their one template, because ectopic beats are not
 * noise. Seconds are judged when both detectors have decided on them, three seconds later.
 */
import { History } from './filters.ts';
import type { Bars, Reason } from './stream.ts';
import { keep } from './windows.ts';

const WINDOW_S = 10;
/** Both detectors have said by then what they found (qrs.ts, two-averages.ts). */
const DECIDED_S = 3;
const MATCH_S = 0.15;
const LEARN_S = 5;
/** A second with less than half its samples is missing; this many of the last ten are too many. */
const MISSING_S_MAX = 5;
const MISSING_NOW_S = 1;
const FLAT_S = 3;
/** At one end of the range for a tenth of a second and more, a quarter of the time. */
const SATURATED_RUN_S = 0.1;
const SATURATED_PART = 0.25;

const BARS: readonly { bars: Bars; agreement: number; likeness: number }[] = [
  { bars: 4, agreement: 0.95, likeness: 0.9 },
  { bars: 3, agreement: 0.85, likeness: 0.8 },
  { bars: 2, agreement: 0.7, likeness: 0.66 },
];

export interface Quality {
  readonly bars: Bars;
  /** Why no number is given, where bars are below BARS_TRUSTED_MIN. */
  readonly reason: Reason | null;
}

export class EcgQuality {
  readonly #rateHz: number;
  readonly #values: History;
  #beats: { atS: number; likeness: number }[] = [];
  #others: number[] = [];
  /** Of each of the last ten seconds: samples that were missing, and why the last was. */
  readonly #missing: number[] = [];
  #missingNow = 0;
  #missingRun = 0;
  #missingReason: Reason = 'no-data';

  constructor(rateHz: number) {
    this.#rateHz = rateHz;
    this.#values = new History((FLAT_S + 1) * rateHz);
  }

  sample(value: number): void {
    this.#missingRun = 0;
    this.#values.push(value);
  }

  missing(reason: Reason): void {
    this.#missingNow++;
    this.#missingRun++;
    this.#missingReason = reason;
    this.#values.push(NaN);
  }

  beat(atS: number, likeness: number): void {
    this.#beats.push({ atS, likeness });
  }

  /** A beat of the second detector. */
  otherBeat(atS: number): void {
    this.#others.push(atS);
  }

  /** At the end of each second of the stretch. */
  second(nowS: number): Quality {
    const fromS = nowS - WINDOW_S - DECIDED_S;
    this.#beats = this.#beats.filter(({ atS }) => atS >= fromS);
    this.#others = this.#others.filter((atS) => atS >= fromS);
    keep(this.#missing, this.#missingNow, WINDOW_S);
    this.#missingNow = 0;
    const lost = this.#missing.filter((count) => count > this.#rateHz / 2).length;
    const isLost = this.#missingRun >= MISSING_NOW_S * this.#rateHz || lost > MISSING_S_MAX;
    if (isLost) return { bars: 0, reason: this.#missingReason };
    const end = this.#end();
    if (end !== null) return { bars: 0, reason: end };
    if (nowS < LEARN_S) return { bars: 0, reason: 'learning' };
    const [agreement, likeness] = [this.#agreement(nowS - DECIDED_S), this.#likeness()];
    const best = BARS.find((row) => agreement >= row.agreement && likeness >= row.likeness);
    return best ? { bars: best.bars, reason: null } : { bars: 1, reason: 'noise' };
  }

  #agreement(untilS: number): number {
    const mine = this.#beats.filter(({ atS }) => atS < untilS);
    const theirs = this.#others.filter((atS) => atS < untilS);
    if (mine.length + theirs.length === 0) return 1;
    const pairs = mine.filter(({ atS }) =>
      this.#others.some((other) => Math.abs(other - atS) <= MATCH_S),
    ).length;
    // A beat at the edge may have its pair just beyond it.
    return Math.min(1, (2 * pairs) / (mine.length + theirs.length));
  }

  #likeness(): number {
    const known = this.#beats.filter(({ likeness }) => !Number.isNaN(likeness));
    if (known.length === 0) return 1;
    return known.reduce((sum, { likeness }) => sum + Math.max(0, likeness), 0) / known.length;
  }

  /** A constant, or an amplifier at its end. */
  #end(): Reason | null {
    const to = this.#values.count;
    const from = to - Math.round(FLAT_S * this.#rateHz);
    if (from < 0) return null;
    let [highest, lowest] = [-Infinity, Infinity];
    for (let i = from; i < to; i++) {
      const value = this.#values.at(i);
      if (value > highest) highest = value;
      if (value < lowest) lowest = value;
    }
    if (!(highest > lowest)) return highest === lowest ? 'flat' : null;
    const long = SATURATED_RUN_S * this.#rateHz;
    let [stuck, run] = [0, 0];
    for (let i = from; i < to; i++) {
      const value = this.#values.at(i);
      run = value === highest || value === lowest ? run + 1 : 0;
      if (run > long) stuck++;
    }
    return stuck > SATURATED_PART * (to - from) ? 'saturated' : null;
  }
}

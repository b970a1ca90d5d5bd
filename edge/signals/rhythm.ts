/**
 * Rhythm flags from beats, each with its definition.
 *
 *   asystole      no QRS for 4 s while there is an ECG; until three beats like the usual one, or a trusted lead
 *   vf            two seconds in a row of fibrillation (fibrillation.ts) that is no vt
 *   vt            five ventricular beats in a row above 100 a minute, alike; also regular where the ECG is all wave,
 *                 and ten of them where vf stands
 *   bradycardia   five beats in a row below 40 a minute
 *   tachycardia   seventeen beats in a row above 140 a minute
 *   af            for 30 s, coefficient of sample entropy above −1.4 of 32 RR intervals between usual beats
 *
 * The first five are the alarms of G. Clifford et al., "The PhysioNet/Computing in Cardiology
 * Challenge 2015", with what tells VT from VF added. A beat is ventricular when it is wide and
 * unlike the patient's usual one (beat-shape.ts). AF: D. Lake and J. Moorman, Am J Physiol
 * 300:H319–H325 (2011), m = 1, r = 30 ms; thirty-two intervals for their twelve and no ectopic
 * beats, because bigeminy is irregular too; 30 s as in ESC, Eur Heart J 42:373–498 (2020).
 *
 * Flags are raised only while the lead can be trusted, but for vf and asystole, which spoil the
 * measures of trust: these need no more than an ECG that is there. One of the first three hides the
 * last three. O(1) per beat.
 */
import type { RhythmFlag } from '../vital/vital.ts';
import { median } from './filters.ts';
import { BARS_TRUSTED_MIN, type Reason } from './stream.ts';
import type { Quality } from './ecg-quality.ts';
import { keep } from './windows.ts';

const ASYSTOLE_S = 4;
const BRADYCARDIA_PER_MIN = 40;
const BRADYCARDIA_BEATS = 5;
const TACHYCARDIA_PER_MIN = 140;
const TACHYCARDIA_BEATS = 17;
const VT_PER_MIN = 100;
const VT_BEATS = 5;
/** Fibrillation shows five such now and then. */
const VT_BEATS_IN_VF = 10;
const VF_SECONDS = 2;
/** Each second of fibrillation counts one up to this, each other second one down. */
const VF_SECONDS_KEPT = 5;
const AF_ENTROPY = -1.4;
const AF_BEATS = 32;
const AF_SECONDS = 30;
const AF_TOLERANCE_S = 0.03;
const VT_LIKENESS = 0.7;
/** In fibrillation the intervals of what is taken for beats differ by more. */
const VT_RR_RATIO_MAX = 1.2;
const BEATS_BACK = 3;
const HISTORY = TACHYCARDIA_BEATS + 1;

export interface RhythmBeat {
  readonly atS: number;
  readonly isVentricular: boolean;
  /** With the most similar of the beats before; NaN at first. */
  readonly likeness: number;
  /** Whether it looks like the patient's usual beat. */
  readonly isUsual: boolean;
}

/** There is no ECG to speak of; noise is one. */
const NOT_THERE: readonly Reason[] = ['no-data', 'lead-off', 'flat', 'saturated', 'learning'];

export class Rhythm {
  #beats: RhythmBeat[] = [];
  #sinceS = 0;
  #fibrillating = 0;
  #isVt = false;
  #isAsystole = false;
  #afSeconds = 0;
  /** RR between two usual beats, the last AF_BEATS. */
  #usualRr: number[] = [];

  /** A gap of unknown length, or a start: nothing is known of before. */
  #restart(atS: number): void {
    this.#beats = [];
    this.#sinceS = atS;
    this.#fibrillating = 0;
    this.#isVt = false;
    this.#isAsystole = false;
    this.#afSeconds = 0;
    this.#usualRr = [];
  }

  beat(beat: RhythmBeat): void {
    const last = this.#beats.at(-1);
    if (last?.isUsual === true && beat.isUsual) {
      keep(this.#usualRr, beat.atS - last.atS, AF_BEATS);
    }
    keep(this.#beats, beat, HISTORY);
  }

  /** At the end of each second; the flags that stand, in the order of RHYTHM_FLAGS. */
  second(nowS: number, quality: Quality, isFibrillating: boolean): RhythmFlag[] {
    if (quality.reason !== null && NOT_THERE.includes(quality.reason)) {
      this.#restart(nowS);
      return [];
    }
    const isTrusted = quality.bars >= BARS_TRUSTED_MIN;
    const wasVf = this.#fibrillating >= VF_SECONDS;
    this.#isVt = this.#ventricular(
      nowS,
      isTrusted,
      isFibrillating,
      wasVf ? VT_BEATS_IN_VF : VT_BEATS,
    );
    const fibrillating = this.#fibrillating + (isFibrillating ? 1 : -1);
    this.#fibrillating = this.#isVt ? 0 : Math.max(0, Math.min(VF_SECONDS_KEPT, fibrillating));
    const isVf = this.#fibrillating >= VF_SECONDS;
    this.#isAsystole = !isVf && !this.#isVt && this.#pauses(nowS, isTrusted);
    if (isVf || this.#isVt || this.#isAsystole) {
      this.#afSeconds = 0;
      return [isVf ? 'vf' : this.#isVt ? 'vt' : 'asystole'];
    }
    this.#afSeconds = isTrusted && this.#entropy() > AF_ENTROPY ? this.#afSeconds + 1 : 0;
    const slow = this.#rates(BRADYCARDIA_BEATS, (rate) => rate < BRADYCARDIA_PER_MIN);
    const fast = this.#rates(TACHYCARDIA_BEATS, (rate) => rate > TACHYCARDIA_PER_MIN);
    const stands = {
      bradycardia: isTrusted && slow,
      tachycardia: isTrusted && fast,
      af: this.#afSeconds >= AF_SECONDS,
    } as const;
    return (['bradycardia', 'tachycardia', 'af'] as const).filter((flag) => stands[flag]);
  }

  #pauses(nowS: number, isTrusted: boolean): boolean {
    const lastS = this.#beats.at(-1)?.atS ?? this.#sinceS;
    if (nowS - lastS >= ASYSTOLE_S) return true;
    if (!this.#isAsystole) return false;
    const isBack = this.#beats.slice(-BEATS_BACK).every(({ isUsual }) => isUsual);
    return !isBack && !isTrusted;
  }

  /** The last `beats` beats, all at such a rate. */
  #rates(beats: number, holds: (perMinute: number) => boolean): boolean {
    const last = this.#beats.slice(-beats - 1);
    if (last.length <= beats) return false;
    return last.slice(1).every(({ atS }, i) => holds(60 / (atS - last[i]!.atS)));
  }

  #ventricular(nowS: number, isTrusted: boolean, isFibrillating: boolean, beats: number): boolean {
    const last = this.#beats.slice(-beats);
    if (last.length < beats || nowS - last.at(-1)!.atS > ASYSTOLE_S) return false;
    const perMinute = (60 * (beats - 1)) / (last.at(-1)!.atS - last[0]!.atS);
    const alike = median(last.map(({ likeness }) => likeness));
    const rr = last.slice(1).map(({ atS }, i) => atS - last[i]!.atS);
    if ((isFibrillating || beats > VT_BEATS) && Math.max(...rr) > VT_RR_RATIO_MAX * Math.min(...rr))
      return false;
    const holds =
      last.every(({ isVentricular }) => isVentricular) &&
      perMinute > VT_PER_MIN &&
      alike >= VT_LIKENESS;
    return holds && (isTrusted || this.#isVt);
  }

  /**
   * CosEn = −ln(A / B) + ln(2r) − ln(mean RR), with A and B counted over all pairs; NaN below
   * AF_BEATS.
   */
  #entropy(): number {
    const rr = this.#usualRr;
    if (rr.length < AF_BEATS) return NaN;
    let [long, short] = [0, 0];
    const alike = (i: number, j: number): boolean => Math.abs(rr[i]! - rr[j]!) <= AF_TOLERANCE_S;
    for (let i = 0; i + 1 < rr.length; i++) {
      for (let j = i + 1; j + 1 < rr.length; j++) {
        if (!alike(i, j)) continue;
        short++;
        if (alike(i + 1, j + 1)) long++;
      }
    }
    if (short === 0) return Infinity;
    const mean = rr.reduce((sum, interval) => sum + interval, 0) / rr.length;
    return -Math.log(Math.max(long, 0.5) / short) + Math.log(2 * AF_TOLERANCE_S) - Math.log(mean);
  }
}

/**
 * Heartbeats from one ECG lead: thresholds that follow the signal, and a second look where a beat is due.
 *
 *   candidate ──► a T wave? a jump of the baseline?                             ──► no beat
 *       │         height > noise + 0.3 · (QRS − noise)?    ──no──► noise, kept for the second look
 *       ▼ yes
 *   early, lower than both its neighbours, and the next on time all the same?   ──► no beat
 *       │ no
 *       ▼
 *     beat       ── none for 1.5 RR ──► the highest candidate above half the threshold is one
 *
 * The levels are those of qrs-levels.ts; low beats that come evenly, which no threshold lets pass, those of
 * qrs-train.ts. The rules are those of J. Pan
 * and W. Tompkins, IEEE TBME 32(3):230–236 (1985) and P. Hamilton, Computers in Cardiology 29:101–104 (2002); the
 * one about early beats looks at both neighbours, which they, deciding at once, could not.
 *
 * No unit, no polarity. A beat is said 0.4 s after its R peak; an early one when the next has been seen, one of
 * the second look 2.4 s after the beat before, at the latest; the first three seconds of a stretch at their end,
 * eight where no two candidates compare; the first two of a train with its third.
 */
import { median } from './filters.ts';
import { Candidates, REFRACTORY_S, type Candidate } from './qrs-candidates.ts';
import { LEVELS, put, QrsLevels, THRESHOLD_PART } from './qrs-levels.ts';
import { P_WAVE_S, QrsTrain } from './qrs-train.ts';

/** Long enough for two beats, at 40 a minute … */
const LEARN_S = 3;
/** … or for as long as the two highest are not comparable: below that, or an artefact. */
const LEARN_S_MAX = 8;
/** Within this after a beat, what slopes less than half as steeply is its T wave … */
const T_WAVE_S = 0.36;
const T_WAVE_SLOPE_PART = 0.5;
/** … unless it is larger than the beat: a ventricular beat on a T wave. */
const T_WAVE_RANGE_PART = 1.2;
const SECOND_LOOK_RR = 1.5;
const SECOND_LOOK_S_MAX = 2.2;
const SECOND_LOOK_PART = 0.5;
/** An interval below this part of the usual one is early … */
const EARLY_RR = 0.75;
/** … where the middle of the eight intervals is no further than this from the usual one. */
const REGULAR_RR = 0.12;
const ON_TIME_RR = 0.15;
/** An interpolated ventricular beat is higher than its neighbours, or more than this much larger. */
const EARLY_RANGE_PART = 1.5;
/** Two alike, one beat apart, are no noise: every other beat may be low. */
const AGAIN_RR = 0.1;
const AGAIN_HEIGHT = 0.3;

/** A candidate that is a beat, and its height over the threshold it passed. */
export type OnQrs = (candidate: Candidate, strength: number) => void;

export class Qrs {
  readonly #emit: OnQrs;
  readonly #candidates: Candidates;
  readonly #rateHz: number;
  /** Until the levels are known: what was seen so far. */
  #learning: Candidate[] | null = [];
  readonly #levels: QrsLevels;
  readonly #train: QrsTrain;
  #ranges: number[] = [];
  #slopes: number[] = [];
  #intervals: number[] = [];
  #interval: number;
  #isRegular = false;
  /** The last beat; one that came early and waits for the next; the last such one, between two on time. */
  #last: Candidate | null = null;
  #early: Candidate | null = null;
  #isEarlyOfTrain = false;
  #between: Candidate | null = null;
  /** What was too low since the last beat. */
  #passedOver: Candidate[] = [];
  /** Low beats of a train that wait for what follows. */
  #low: readonly Candidate[] = [];

  /** `rateHz`: 50 to 500. */
  constructor(rateHz: number, emit: OnQrs) {
    this.#emit = emit;
    this.#rateHz = rateHz;
    this.#candidates = new Candidates(rateHz);
    this.#levels = new QrsLevels(rateHz);
    this.#train = new QrsTrain(rateHz);
    this.#interval = rateHz;
  }

  /** Takes the next sample, NaN for a missing one. */
  step(value: number): void {
    const candidate = this.#candidates.step(value);
    if (candidate !== null) this.#take(candidate);
    const now = this.#candidates.count;
    if (this.#learning !== null) {
      if (this.#canLearn(now)) this.#learn();
      return;
    }
    this.#acceptLow(now);
    this.#waitForBeat(now);
  }

  end(): void {
    const candidate = this.#candidates.take();
    if (candidate !== null) this.#take(candidate);
    if (this.#learning !== null) this.#learn();
    this.#acceptLow(Infinity);
    this.#confirmEarly();
  }

  #take(candidate: Candidate): void {
    if (this.#learning !== null) this.#learning.push(candidate);
    else this.#judge(candidate);
  }

  #canLearn(now: number): boolean {
    if (now < LEARN_S * this.#rateHz) return false;
    if (now >= LEARN_S_MAX * this.#rateHz) return true;
    // Two beats that both pass; or a ventricular beat, far higher, and two that are alike.
    const [highest = 0, second = 0, third = 0] = sortedHeights(this.#learning ?? []);
    const isPair = second >= THRESHOLD_PART * highest;
    return highest > 0 && (isPair || (third > 0.8 * second && second > highest / 8));
  }

  /** The second highest is a QRS; then all are judged. */
  #learn(): void {
    const candidates = this.#learning ?? [];
    this.#learning = null;
    const heights = sortedHeights(candidates);
    const qrs = heights[1] ?? heights[0] ?? 0;
    const low = heights.filter((height) => height < THRESHOLD_PART * qrs);
    this.#levels.start(qrs, low.length === 0 ? 0 : median(low));
    for (const candidate of candidates) {
      this.#acceptLow(candidate.at + REFRACTORY_S * this.#rateHz);
      this.#judge(candidate);
    }
  }

  #judge(candidate: Candidate): void {
    const before = this.#early ?? this.#last;
    const isTWave =
      before !== null &&
      candidate.at - before.at < T_WAVE_S * this.#rateHz &&
      candidate.slope < T_WAVE_SLOPE_PART * before.slope &&
      candidate.range < T_WAVE_RANGE_PART * before.range;
    const isJump = !candidate.twoSlopes;
    if (isJump) return;
    if (isTWave) {
      this.#levels.addNoise(candidate.height);
      return;
    }
    const usual = { range: Math.max(...this.#ranges), slope: Math.max(...this.#slopes) };
    const train = this.#train.take(candidate, usual, before);
    if (candidate.height > this.#levels.threshold) {
      this.#accept(candidate);
      this.#isEarlyOfTrain = train.length > 0;
      return;
    }
    if (train.length > 0) this.#low = train;
    else this.#levels.addNoise(candidate.height);
    this.#passedOver.push(candidate);
  }

  /** A train goes on if no beat followed within the time of a P wave. */
  #acceptLow(now: number): void {
    const newest = this.#low.at(-1);
    if (newest === undefined || now - newest.at < (P_WAVE_S + REFRACTORY_S) * this.#rateHz) return;
    const low = this.#low;
    this.#low = [];
    for (const candidate of low) {
      const before = this.#early ?? this.#last;
      if (before === null || candidate.at - before.at >= P_WAVE_S * this.#rateHz) {
        this.#accept(candidate, true);
      }
    }
  }

  #accept(candidate: Candidate, isOfTrain = false): void {
    this.#low = [];
    this.#train.beat(candidate.at);
    if (this.#early !== null && this.#isBetween(this.#early, candidate)) {
      const isAfterPWave = candidate.at - this.#early.at >= P_WAVE_S * this.#rateHz;
      const isAgain = this.#isAgain(this.#early) || (this.#isEarlyOfTrain && isAfterPWave);
      this.#between = this.#early;
      if (!isAgain) this.#early = null;
    }
    this.#confirmEarly();
    const isEarly =
      !isOfTrain &&
      this.#last !== null &&
      this.#isRegular &&
      candidate.at - this.#last.at < EARLY_RR * this.#interval;
    if (isEarly) this.#early = candidate;
    else this.#confirm(candidate);
    this.#passedOver = this.#passedOver.filter(({ at }) => at > candidate.at);
  }

  /** Whether the rhythm goes on as if `early` had not been, and it is lower than both its neighbours. */
  #isBetween(early: Candidate, next: Candidate): boolean {
    const last = this.#last!;
    const isOnTime = Math.abs(next.at - last.at - this.#interval) < ON_TIME_RR * this.#interval;
    return (
      isOnTime &&
      early.height < Math.min(last.height, next.height) &&
      early.range < EARLY_RANGE_PART * Math.min(last.range, next.range)
    );
  }

  /** Whether the last such one was like it, and a beat ago. */
  #isAgain(early: Candidate): boolean {
    const before = this.#between;
    return (
      before !== null &&
      Math.abs(early.at - before.at - this.#interval) < AGAIN_RR * this.#interval &&
      Math.abs(early.height - before.height) < AGAIN_HEIGHT * before.height
    );
  }

  #confirmEarly(): void {
    if (this.#early === null) return;
    const early = this.#early;
    this.#early = null;
    this.#confirm(early);
  }

  #confirm(candidate: Candidate): void {
    if (this.#last !== null) {
      put(this.#intervals, candidate.at - this.#last.at);
      this.#interval = median(this.#intervals);
      const apart = this.#intervals.map((interval) => Math.abs(interval - this.#interval));
      this.#isRegular =
        this.#intervals.length === LEVELS && median(apart) < REGULAR_RR * this.#interval;
    }
    this.#last = candidate;
    const strength = candidate.height / this.#levels.threshold;
    this.#levels.addQrs(candidate.height, candidate.at);
    put(this.#ranges, candidate.range);
    put(this.#slopes, candidate.slope);
    this.#emit(candidate, strength);
  }

  /** What is due with time alone: an early beat without a next one, the second look, the fading level. */
  #waitForBeat(now: number): void {
    const since = now - (this.#last?.at ?? 0);
    const patience = Math.min(SECOND_LOOK_RR * this.#interval, SECOND_LOOK_S_MAX * this.#rateHz);
    if (since < patience + REFRACTORY_S * this.#rateHz) return;
    if (this.#early !== null) this.#confirmEarly();
    else this.#lookAgain();
    this.#levels.fade(now);
  }

  #lookAgain(): void {
    const part = this.#levels.isFaded ? 1 : SECOND_LOOK_PART;
    const threshold = part * this.#levels.threshold;
    const from = (this.#last?.at ?? -Infinity) + T_WAVE_S * this.#rateHz;
    let best: Candidate | null = null;
    for (const candidate of this.#passedOver) {
      if (candidate.at < from || candidate.height <= threshold) continue;
      if (best === null || candidate.height > best.height) best = candidate;
    }
    if (best !== null) this.#accept(best);
    else if (this.#passedOver.length > 0) {
      // Nothing here was a beat at half the threshold; what comes is judged on its own.
      const old = this.#candidates.count - SECOND_LOOK_S_MAX * this.#rateHz;
      this.#passedOver = this.#passedOver.filter(({ at }) => at > old);
    }
  }
}

const sortedHeights = (candidates: readonly Candidate[]): number[] =>
  candidates.map(({ height }) => height).sort((a, b) => b - a);

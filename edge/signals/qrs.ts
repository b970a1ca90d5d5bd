/**
 * Heartbeats from one ECG lead: thresholds that follow the signal, and a second look where a beat
 * is due.
 *
 *   candidate ──► a T wave? a jump of the baseline?                             ──► no beat
 *       │         height > noise + 0.3 · (QRS − noise)?    ──no──► noise, kept for the second look
 *       ▼ yes
 *   early, lower than both its neighbours, and the next on time all the same?   ──► no beat
 *       │ no
 *       ▼
 *     beat       ── none for 1.5 RR ──► the highest candidate above half the threshold is one
 *
 * QRS and noise are medians of the last eight heights: one artefact moves neither. The rules are
 * those of J. Pan and W. Tompkins, IEEE TBME 32(3):230–236 (1985) and P. Hamilton, Computers in
 * Cardiology 29:101–104 (2002); the one about early beats looks at both neighbours, which they,
 * deciding at once, could not.
 *
 * No unit, no polarity. A beat is said 0.4 s after its R peak; an early one when the next has been
 * seen, one of the second look 2.4 s after the beat before, at the latest; the first three seconds
 * of a stretch at their end.
 */
import { median } from './filters.ts';
import { Candidates, REFRACTORY_S, type Candidate } from './qrs-candidates.ts';
import { keep } from './windows.ts';

const LEARN_S = 3;
const LEVELS = 8;
const THRESHOLD_PART = 0.3;
/** Within this after a beat, what slopes less than half as steeply is its T wave … */
const T_WAVE_S = 0.36;
const T_WAVE_SLOPE_PART = 0.5;
/** … unless it is larger than the beat: a ventricular beat on a T wave. */
const T_WAVE_RANGE_PART = 1.2;
const SECOND_LOOK_RR = 1.5;
const SECOND_LOOK_S_MAX = 2.2;
const SECOND_LOOK_PART = 0.5;
/** Without a beat for so long the QRS level halves, and again: the electrode may have moved … */
const FADE_S = 4;
/** … but to no less than this many times the noise, or noise alone would beat. */
const FADE_NOISE = 4;
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
  #qrsHeights: number[] = [];
  #noiseHeights: number[] = [];
  #intervals: number[] = [];
  #qrs = 0;
  #noise = 0;
  #interval: number;
  #isRegular = false;
  /** The last beat; one that came early and waits for the next; the last such one that was none. */
  #last: Candidate | null = null;
  #early: Candidate | null = null;
  #dropped: Candidate | null = null;
  /** What was too low since the last beat. */
  #passedOver: Candidate[] = [];
  #fadedAt = 0;

  /** `rateHz`: 50 to 500. */
  constructor(rateHz: number, emit: OnQrs) {
    this.#emit = emit;
    this.#rateHz = rateHz;
    this.#candidates = new Candidates(rateHz);
    this.#interval = rateHz;
  }

  /** Takes the next sample, NaN for a missing one. */
  step(value: number): void {
    const candidate = this.#candidates.step(value);
    if (candidate !== null) this.#take(candidate);
    const now = this.#candidates.count;
    if (this.#learning === null) this.#waitForBeat(now);
    else if (now >= LEARN_S * this.#rateHz) this.#learn();
  }

  end(): void {
    const candidate = this.#candidates.take();
    if (candidate !== null) this.#take(candidate);
    if (this.#learning !== null) this.#learn();
    this.#confirmEarly();
  }

  #take(candidate: Candidate): void {
    if (this.#learning !== null) this.#learning.push(candidate);
    else this.#judge(candidate);
  }

  /**
   * The second highest of three seconds is a QRS at any rate above 40 a minute; then all are
   * judged.
   */
  #learn(): void {
    const candidates = this.#learning ?? [];
    this.#learning = null;
    const heights = candidates.map(({ height }) => height).sort((a, b) => b - a);
    this.#qrs = heights[1] ?? heights[0] ?? 0;
    const low = heights.filter((height) => height < THRESHOLD_PART * this.#qrs);
    this.#noise = low.length === 0 ? 0 : median(low);
    this.#qrsHeights = Array.from({ length: LEVELS }, () => this.#qrs);
    this.#noiseHeights = Array.from({ length: LEVELS }, () => this.#noise);
    for (const candidate of candidates) this.#judge(candidate);
  }

  #threshold(): number {
    return this.#noise + THRESHOLD_PART * Math.max(0, this.#qrs - this.#noise);
  }

  #judge(candidate: Candidate): void {
    const before = this.#early ?? this.#last;
    const isTWave =
      before !== null &&
      candidate.at - before.at < T_WAVE_S * this.#rateHz &&
      candidate.slope < T_WAVE_SLOPE_PART * before.slope &&
      candidate.range < T_WAVE_RANGE_PART * before.range;
    const isJump = !candidate.twoSlopes;
    if (!isTWave && !isJump && candidate.height > this.#threshold()) {
      this.#accept(candidate);
      return;
    }
    if (!isJump) this.#addNoise(candidate.height);
    if (!isTWave && !isJump) this.#passedOver.push(candidate);
  }

  #accept(candidate: Candidate): void {
    if (this.#early !== null && this.#isNoBeat(this.#early, candidate)) {
      this.#dropped = this.#early;
      this.#early = null;
    }
    this.#confirmEarly();
    const isEarly =
      this.#last !== null &&
      this.#isRegular &&
      candidate.at - this.#last.at < EARLY_RR * this.#interval;
    if (isEarly) this.#early = candidate;
    else this.#confirm(candidate);
    this.#passedOver = this.#passedOver.filter(({ at }) => at > candidate.at);
  }

  /**
   * Whether the rhythm goes on as if `early` had not been, and it is lower than both its
   * neighbours.
   */
  #isNoBeat(early: Candidate, next: Candidate): boolean {
    const last = this.#last!;
    const isOnTime = Math.abs(next.at - last.at - this.#interval) < ON_TIME_RR * this.#interval;
    const dropped = this.#dropped;
    const isAgain =
      dropped !== null &&
      Math.abs(early.at - dropped.at - this.#interval) < AGAIN_RR * this.#interval &&
      Math.abs(early.height - dropped.height) < AGAIN_HEIGHT * dropped.height;
    return (
      isOnTime &&
      !isAgain &&
      early.height < Math.min(last.height, next.height) &&
      early.range < EARLY_RANGE_PART * Math.min(last.range, next.range)
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
      keep(this.#intervals, candidate.at - this.#last.at, LEVELS);
      this.#interval = median(this.#intervals);
      const apart = this.#intervals.map((interval) => Math.abs(interval - this.#interval));
      this.#isRegular =
        this.#intervals.length === LEVELS && median(apart) < REGULAR_RR * this.#interval;
    }
    this.#last = candidate;
    this.#fadedAt = candidate.at;
    const strength = candidate.height / this.#threshold();
    keep(this.#qrsHeights, candidate.height, LEVELS);
    this.#qrs = median(this.#qrsHeights);
    this.#emit(candidate, strength);
  }

  #addNoise(height: number): void {
    keep(this.#noiseHeights, height, LEVELS);
    this.#noise = median(this.#noiseHeights);
  }

  /**
   * What is due with time alone: an early beat without a next one, the second look, the fading
   * level.
   */
  #waitForBeat(now: number): void {
    const since = now - (this.#last?.at ?? 0);
    const patience = Math.min(SECOND_LOOK_RR * this.#interval, SECOND_LOOK_S_MAX * this.#rateHz);
    if (since < patience + REFRACTORY_S * this.#rateHz) return;
    if (this.#early !== null) this.#confirmEarly();
    else this.#lookAgain();
    if (now - this.#fadedAt < FADE_S * this.#rateHz) return;
    this.#fadedAt = now;
    const faded = Math.max(this.#qrs / 2, Math.min(this.#qrs, FADE_NOISE * this.#noise));
    this.#qrsHeights = this.#qrsHeights.map(() => faded);
    this.#qrs = faded;
  }

  #lookAgain(): void {
    const threshold = SECOND_LOOK_PART * this.#threshold();
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

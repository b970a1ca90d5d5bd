/**
 * Pulse rate from a pleth of any rate from 20 Hz on: one estimate a second, and the beats it rests on.
 *
 *   PlethWindow (12 s) ──► period of the window ──┐
 *                    └───► beats, how alike ──────┴─► judgePulse ──► bars and a rate, or a reason
 *
 * The rate is that of the last 12 s; there is none in the first 12 s of a stretch. Nothing is held over:
 * a second whose window is not trusted has no rate, and a pulse is believed when three seconds in a
 * row agree, so that a chance likeness in noise (a pulse with no finger in the clip) shows
 * no number; nor does what beats as evenly as a machine (`machine.ts`). Beats are told up to 3 s late, when the window has settled around them.
 *
 * Orientation: an inverted pleth is recognised by its slope and turned. Perfusion: where samples are a
 * level of light (`coupling: 'dc'`), pulsation over level tells an empty clip from noise; a maker's
 * pleth without its level cannot tell them apart, and says 'noise'.
 */
import type { Estimate, Reason, SampleSink } from './stream.ts';
import { isMachine } from './machine.ts';
import { Seconds } from './seconds.ts';
import { periodicity, shareBesideTone } from './periodicity.ts';
import { plethBeats, slopeSkewness } from './pleth-beats.ts';
import type { PlethBeats } from './pleth-beats.ts';
import { PlethWindow } from './pleth-window.ts';
import { perfusionIndex, swings } from './pleth-quality.ts';
import { judgePulse } from './pulse-quality.ts';
import { noRate, type RateVerdict } from './verdict.ts';

export const PLETH_RATE_HZ_MIN = 20;
const PERIOD_S_MIN = 60 / 240;
const PERIOD_S_MAX = 60 / 30;
const MISSING_SHARE_MAX = 0.2;
const STUCK_SHARE_MAX = 0.25;
const SECONDS_TO_BELIEVE = 3;
/** Two seconds whose rates differ by more are not the same pulse. */
const BELIEVE_PER_MINUTE = 8;
/** A beat is told when this much has followed it: its top has passed, its neighbours are known. */
const BEAT_SETTLED_S = 2;
/** Pulsation over level, %, below which a clip is empty; the oximeter asks for as much. */
const PERFUSION_PERCENT_MIN = 0.1;

/** Times the usual swing of a second: beyond it a hand moves. */
const MOTION_SWINGS = 3;
const USUAL_FORGOTTEN_S = 30;
/** A pulse is never one sine (least measured: 0.12); flicker that folds back is. */
const BESIDE_TONE_MIN = 0.02;
/** Above 150 a minute the band takes most of the overtones away. */
const BESIDE_TONE_FAST_MIN = 0.003;
const FAST_PERIOD_S = 60 / 150;

export interface PlethBeat {
  /** Where the pulse rises fastest. */
  readonly atUs: number;
  /** Foot to top, in the channel's unit. */
  readonly height: number;
  /** The top. */
  readonly level: number;
}

export interface PulseOptions {
  /** What the samples are: 'ac' a maker's pleth without its level, 'dc' a level of light. */
  readonly coupling?: 'ac' | 'dc';
  readonly onBeat?: (beat: PlethBeat) => void;
}

export class PulseDetector implements SampleSink {
  readonly #onEstimate: (estimate: Estimate) => void;
  readonly #options: PulseOptions;
  #window: PlethWindow | null = null;
  #seconds = new Seconds(0, 1);
  #startUs = 0;
  #skewness = 0;
  #lastReason: Reason = 'no-data';
  #believed = 0;
  #previousRate = NaN;
  #lastBeatUs = -Infinity;
  /** Peak to peak in a second of the last pulse that was trusted; NaN before. */
  #usualSwing = NaN;
  /** Seconds since then. */
  #untrusted = 0;

  constructor(onEstimate: (estimate: Estimate) => void, options: PulseOptions = {}) {
    this.#onEstimate = onEstimate;
    this.#options = options;
  }

  begin(startUs: number, rateHz: number): void {
    this.#startUs = startUs;
    this.#seconds = new Seconds(startUs, rateHz);
    this.#window = rateHz >= PLETH_RATE_HZ_MIN ? new PlethWindow(rateHz) : null;
    this.#skewness = this.#believed = 0;
    this.#previousRate = this.#usualSwing = NaN;
    this.#lastBeatUs = -Infinity;
  }

  sample(value: number): void {
    this.#push(value);
  }

  missing(reason: Reason): void {
    this.#lastReason = reason;
    this.#push(NaN);
  }

  /** What is told late is not told any more: a stretch that is over needs no beats. */
  end(): void {
    this.#window = null;
  }

  #push(value: number): void {
    this.#window?.push(value);
    const atUs = this.#seconds.step();
    if (atUs !== undefined) this.#onEstimate(this.#estimate(atUs));
  }

  #estimate(atUs: number): Estimate {
    const { rate, bars, reason } = this.#judge();
    const same = Math.abs(rate - this.#previousRate) <= BELIEVE_PER_MINUTE;
    this.#believed = Number.isNaN(rate) ? 0 : same ? this.#believed + 1 : 1;
    this.#previousRate = rate;
    if (Number.isNaN(rate)) return { atUs, value: null, bars, reason };
    if (this.#believed < SECONDS_TO_BELIEVE) {
      return { atUs, value: null, bars: 1, reason: 'learning' };
    }
    return { atUs, value: rate, bars };
  }

  #judge(): RateVerdict {
    const window = this.#window;
    if (window === null) return noRate('rate-too-low');
    if (window.missingShare > MISSING_SHARE_MAX) return noRate(this.#lastReason);
    if (!window.full) return noRate('learning');
    if (window.flat) return noRate('flat');
    if (window.stuckShare > STUCK_SHARE_MAX) return noRate('saturated');
    const wave = window.wave.copy();
    const level = window.level.copy();
    const { rateHz } = window;
    const periods = periodicity(
      wave,
      Math.floor(PERIOD_S_MIN * rateHz),
      Math.ceil(PERIOD_S_MAX * rateHz),
    );
    const besideToneMin =
      periods.period < FAST_PERIOD_S * rateHz ? BESIDE_TONE_FAST_MIN : BESIDE_TONE_MIN;
    const besideTone = shareBesideTone(wave, periods.period);
    if (besideTone < besideToneMin) return noRate('noise');
    this.#skewness += 0.1 * (slopeSkewness(wave) - this.#skewness);
    const sign = this.#skewness < 0 ? -1 : 1;
    // Where nothing repeats the beats are looked for as if there were 75 a minute.
    const guess = periods.period || 0.8 * rateHz;
    const beats = plethBeats(wave, rateHz, guess, sign);
    const perfusion = this.#options.coupling === 'dc' ? perfusionIndex(wave, level) : Infinity;
    const verdict = judgePulse(beats, periods, rateHz);
    if (Number.isNaN(verdict.rate) && perfusion < PERFUSION_PERCENT_MIN) return noRate('no-finger');
    if (!Number.isNaN(verdict.rate) && isMachine(wave, beats.intervals, besideTone)) {
      return noRate('noise');
    }
    const { largest, typical } = swings(wave, rateHz);
    // A finger that was put in anew pulsates as it likes.
    if (++this.#untrusted > USUAL_FORGOTTEN_S) this.#usualSwing = NaN;
    const moved = largest > MOTION_SWINGS * Math.min(typical, this.#usualSwing || typical);
    // What is as regular as four bars ask is a pulse that grew, not a hand that moves.
    if (moved && verdict.bars < 4) return noRate('motion', 1);
    if (Number.isNaN(verdict.rate)) return verdict;
    if (verdict.bars >= 3) this.#usualSwing = typical;
    this.#untrusted = 0;
    if (perfusion < PERFUSION_PERCENT_MIN) return noRate('low-perfusion', 1);
    this.#tellBeats(beats, sign, level);
    const marred = window.missingShare > 0 || window.stuckShare > 0.05;
    return marred && verdict.bars > 3 ? { ...verdict, bars: 3 } : verdict;
  }

  #tellBeats({ at, intervals }: PlethBeats, sign: 1 | -1, level: Float64Array): void {
    const { onBeat } = this.#options;
    const window = this.#window;
    if (onBeat === undefined || window === null) return;
    const { rateHz, wave } = window;
    const spanUs = (samples: number): number => (samples * 1e6) / rateHz;
    const firstUs = this.#startUs + spanUs(wave.count - wave.length);
    for (const [i, beat] of at.entries()) {
      const period = intervals[i];
      const atUs = firstUs + spanUs(beat);
      if (period === undefined || beat > level.length - BEAT_SETTLED_S * rateHz) break;
      if (atUs <= this.#lastBeatUs + spanUs(period) / 2) continue;
      this.#lastBeatUs = atUs;
      const { height, top } = heightAround(level, beat, period, sign);
      onBeat({ atUs, height, level: top });
    }
  }
}

/** From the lowest of the 0.4 periods before the steepest point to the highest of the 0.4 after it. */
function heightAround(level: Float64Array, beat: number, period: number, sign: 1 | -1) {
  const middle = Math.round(beat);
  const span = Math.max(1, Math.round(0.4 * period));
  let [foot, top] = [Infinity, -Infinity];
  for (let i = Math.max(0, middle - span); i <= middle; i++)
    foot = Math.min(foot, sign * level[i]!);
  for (let i = middle; i <= middle + span && i < level.length; i++) {
    top = Math.max(top, sign * level[i]!);
  }
  return { height: top - foot, top };
}

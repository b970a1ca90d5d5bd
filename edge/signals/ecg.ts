/**
 * Everything one ECG lead tells, as it streams by: beats, and every second heart rate, quality,
 * rhythm flags.
 *
 *   sample ─► Decimator ─┬─► Qrs ────────► beats ─► BeatShapes ─► HeartRate, HrvWindow, Rhythm ─┐
 *                        ├─► TwoAverages ───────────────────────► EcgQuality ──────────────────┼─► a report
 *                        └─► Fibrillation ─────────────────────────────────────────────────────┘   a second
 *
 * Give it to a SegmentStream; the node and the gateway run the same. A report is of the second that
 * just ended and knows the beats said until then (qrs.ts: 0.4 s, at most 2.4 s late). Constant
 * memory.
 */
import type { RhythmFlag } from '../vital/vital.ts';
import { BeatShapes, WIDE_S } from './beat-shape.ts';
import type { Beat } from './beat.ts';
import { Decimator } from './decimate.ts';
import { EcgQuality, type Quality } from './ecg-quality.ts';
import { Fibrillation, isFibrillation } from './fibrillation.ts';
import { median } from './filters.ts';
import { HeartRate } from './heart-rate.ts';
import { type Hrv, HrvWindow } from './hrv.ts';
import type { Candidate } from './qrs-candidates.ts';
import { ECG_RATE_HZ_MIN, ECG_WORKING_RATE_HZ } from './qrs-detectors.ts';
import { Qrs } from './qrs.ts';
import { Rhythm } from './rhythm.ts';
import {
  BARS_TRUSTED_MIN,
  type Bars,
  type Estimate,
  type Reason,
  type SampleSink,
} from './stream.ts';
import { TwoAverages } from './two-averages.ts';
import { keep } from './windows.ts';

/** A beat less like the usual one than this, and wide, comes from a ventricle. */
const VENTRICULAR_USUAL = 0.85;
/** For AF, which ectopic beats must not feign. */
const USUAL = 0.9;
const RANGES = 16;

export interface EcgBeat extends Beat {
  readonly isVentricular: boolean;
  /** From the first movement of the QRS to the last, s (beat-shape.ts). */
  readonly widthS: number;
}

export interface EcgReport {
  /** The end of the second it is about. */
  readonly atUs: number;
  /** Beats a minute. */
  readonly heartRate: Estimate;
  readonly bars: Bars;
  /** Why no number is given; null where one could be. */
  readonly reason: Reason | null;
  readonly flags: readonly RhythmFlag[];
  /** Of the last five minutes, where they hold enough normal beats. */
  readonly hrv: Hrv | null;
}

export interface EcgListener {
  onBeat?(beat: EcgBeat): void;
  onSecond?(report: EcgReport): void;
}

export class EcgMonitor implements SampleSink {
  readonly #listener: EcgListener;
  #stretch: Stretch | null = null;

  constructor(listener: EcgListener) {
    this.#listener = listener;
  }

  begin(startUs: number, rateHz: number): void {
    this.#stretch = new Stretch(startUs, rateHz, this.#listener);
  }

  sample(value: number): void {
    this.#stretch?.step(value, null);
  }

  missing(reason: Reason): void {
    this.#stretch?.step(NaN, reason);
  }

  end(): void {
    this.#stretch?.end();
    this.#stretch = null;
  }
}

class Stretch {
  readonly #startUs: number;
  readonly #rawRateHz: number;
  readonly #listener: EcgListener;
  readonly #decimator: Decimator;
  readonly #detectors: Detectors | null;
  #raw = 0;
  #seconds = 0;
  #reason: Reason = 'no-data';

  constructor(startUs: number, rateHz: number, listener: EcgListener) {
    this.#startUs = startUs;
    this.#rawRateHz = rateHz;
    this.#listener = listener;
    this.#decimator = new Decimator(rateHz, ECG_WORKING_RATE_HZ, 0);
    const onBeat = (atS: number, beat: Omit<EcgBeat, 'atUs'>): void =>
      listener.onBeat?.({ atUs: startUs + Math.round(atS * 1e6), ...beat });
    this.#detectors = rateHz < ECG_RATE_HZ_MIN ? null : new Detectors(this.#decimator, onBeat);
  }

  step(value: number, reason: Reason | null): void {
    if (reason !== null) this.#reason = reason;
    const mean = this.#decimator.step(value);
    if (mean !== undefined) this.#detectors?.step(mean, this.#reason);
    this.#raw++;
    if (this.#raw < (this.#seconds + 1) * this.#rawRateHz) return;
    this.#seconds++;
    this.#listener.onSecond?.(this.#report(this.#seconds));
  }

  end(): void {
    this.#detectors?.end();
  }

  #report(nowS: number): EcgReport {
    const atUs = this.#startUs + nowS * 1e6;
    if (this.#detectors !== null) return { atUs, ...this.#detectors.second(nowS, atUs) };
    const reason = 'rate-too-low';
    const heartRate = { atUs, value: null, bars: 0, reason } as const;
    return { atUs, heartRate, bars: 0, reason, flags: [], hrv: null };
  }
}

/** The detectors of one stretch, on its time in seconds. */
class Detectors {
  readonly #qrs: Qrs;
  readonly #other: TwoAverages;
  readonly #shapes: BeatShapes;
  readonly #fibrillation: Fibrillation;
  readonly #quality: EcgQuality;
  readonly #heartRate = new HeartRate();
  readonly #hrv = new HrvWindow();
  readonly #rhythm = new Rhythm();
  readonly #onBeat: (atS: number, beat: Omit<EcgBeat, 'atUs'>) => void;
  readonly #decimator: Decimator;
  #lastS = NaN;
  /** Of the last beats of the usual kind. */
  readonly #ranges: number[] = [];

  constructor(decimator: Decimator, onBeat: (atS: number, beat: Omit<EcgBeat, 'atUs'>) => void) {
    const { rateHz } = decimator;
    this.#decimator = decimator;
    this.#onBeat = onBeat;
    this.#shapes = new BeatShapes(rateHz);
    this.#fibrillation = new Fibrillation(rateHz);
    this.#quality = new EcgQuality(rateHz);
    this.#qrs = new Qrs(rateHz, (candidate, strength) => this.#beat(candidate, strength));
    this.#other = new TwoAverages(rateHz, (at) =>
      this.#quality.otherBeat(this.#decimator.secondsOf(at)),
    );
  }

  step(value: number, reason: Reason): void {
    if (Number.isNaN(value)) this.#quality.missing(reason);
    else this.#quality.sample(value);
    this.#shapes.step(value);
    this.#fibrillation.step(value);
    this.#other.step(value);
    this.#qrs.step(value);
  }

  end(): void {
    this.#other.end();
    this.#qrs.end();
  }

  #beat({ fiducial, range }: Candidate, strength: number): void {
    const atS = this.#decimator.secondsOf(fiducial);
    const { widthS, likeness, usual } = this.#shapes.measure(fiducial, atS - this.#lastS);
    const isVentricular = widthS >= WIDE_S && !(usual >= VENTRICULAR_USUAL);
    this.#lastS = atS;
    if (usual >= VENTRICULAR_USUAL) keep(this.#ranges, range, RANGES);
    this.#quality.beat(atS, likeness);
    this.#heartRate.beat(atS);
    this.#hrv.beat(atS, usual);
    this.#rhythm.beat({ atS, isVentricular, likeness, isUsual: usual >= USUAL });
    this.#onBeat(atS, { strength, isVentricular, widthS });
  }

  second(nowS: number, atUs: number): Omit<EcgReport, 'atUs'> {
    const quality = this.#quality.second(nowS);
    const wave = this.#fibrillation.measure();
    const isFibrillating = wave !== null && isFibrillation(wave, median(this.#ranges));
    const flags = this.#rhythm.second(nowS, quality, isFibrillating);
    const heartRate = this.#rate(nowS, atUs, quality, flags);
    const hrv = quality.bars >= BARS_TRUSTED_MIN ? this.#hrv.at(nowS) : null;
    return { heartRate, bars: quality.bars, reason: quality.reason, flags, hrv };
  }

  #rate(nowS: number, atUs: number, quality: Quality, flags: readonly RhythmFlag[]): Estimate {
    const { bars } = quality;
    const absent = (reason: Reason): Estimate => ({ atUs, value: null, bars, reason });
    if (quality.reason !== null) return absent(quality.reason);
    if (flags.includes('vf')) return absent('irregular');
    const value = this.#heartRate.at(nowS);
    if (flags.includes('asystole') || Number.isNaN(value)) return absent('too-few-beats');
    return { atUs, value, bars };
  }
}

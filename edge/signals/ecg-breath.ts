/**
 * Respiratory rate from the heartbeats of an ECG, ectopic beats kept out of it: a beat from a ventricle
 * is higher, lower and earlier for another reason than breath, and a patient who has one every three
 * seconds would seem to breathe twenty times a minute (MIT-BIH 119).
 *
 *   normal beat ─► BeatBreath       more than ECTOPIC_SHARE_MAX of the window from a ventricle ─► no rate
 */
import { BEAT_BREATH_WINDOW_S, BeatBreath } from './beat-breath.ts';
import { BeatHeights } from './beat-heights.ts';
import type { EcgBeat } from './ecg.ts';
import type { Estimate } from './stream.ts';

/** Two beats of the 48 to 80 in a window: what is left of their sway is a breath's again. */
const ECTOPIC_SHARE_MAX = 0.04;

export class EcgBreath {
  /** Give it the samples of the ECG, before the monitor that finds the beats has them. */
  readonly heights = new BeatHeights();
  readonly #breath = new BeatBreath();
  #beats: { readonly atUs: number; readonly isVentricular: boolean }[] = [];

  push({ atUs, isVentricular }: Pick<EcgBeat, 'atUs' | 'isVentricular'>): void {
    this.#beats.push({ atUs, isVentricular });
    const beat = isVentricular ? null : this.heights.at(atUs);
    if (beat !== null) this.#breath.push(beat);
  }

  estimate(atUs: number): Estimate {
    const estimate = this.#breath.estimate(atUs);
    const fromUs = atUs - 1e6 * BEAT_BREATH_WINDOW_S;
    this.#beats = this.#beats.filter((beat) => beat.atUs >= fromUs);
    const ectopic = this.#beats.filter(({ isVentricular }) => isVentricular).length;
    if (ectopic <= ECTOPIC_SHARE_MAX * this.#beats.length) return estimate;
    return { atUs, value: null, bars: 1, reason: 'irregular' };
  }
}

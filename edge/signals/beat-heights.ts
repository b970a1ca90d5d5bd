/**
 * How high the QRS of a beat is and where its baseline lies, for a detector that tells times only.
 *
 *   height = largest − smallest within ±60 ms of the beat       level = mean of 120 to 60 ms before it
 *
 * Keeps the last samples, for detectors that tell late. Both breathe: the axis of the heart turns and
 * the electrodes move with the chest.
 */
import { History } from './filters.ts';
import type { BeatOfBreath } from './beat-breath.ts';
import type { SampleSink } from './stream.ts';

/** QRS detectors tell a beat at most so late, search back included. */
const KEPT_S = 8;
const AROUND_S = 0.06;
const BASELINE_S = 0.12;

export class BeatHeights implements SampleSink {
  #startUs = 0;
  #rateHz = 1;
  #samples = new History(2);
  #last = 0;

  begin(startUs: number, rateHz: number): void {
    this.#startUs = startUs;
    this.#rateHz = rateHz;
    this.#samples = new History(Math.ceil(KEPT_S * rateHz));
  }

  sample(value: number): void {
    this.#last = value;
    this.#samples.push(value);
  }

  missing(): void {
    this.#samples.push(this.#last);
  }

  end(): void {
    // Nothing waits.
  }

  /** Null where the beat is no longer, or not yet, among the samples kept. */
  at(atUs: number): BeatOfBreath | null {
    const index = Math.round(((atUs - this.#startUs) * this.#rateHz) / 1e6);
    const around = Math.max(1, Math.round(AROUND_S * this.#rateHz));
    const baseline = Math.round(BASELINE_S * this.#rateHz);
    const { count } = this.#samples;
    if (index - baseline < Math.max(0, count - KEPT_S * this.#rateHz) || index > count) return null;
    let [lowest, highest, level] = [Infinity, -Infinity, 0];
    for (let i = index - around; i <= Math.min(index + around, count - 1); i++) {
      lowest = Math.min(lowest, this.#samples.at(i));
      highest = Math.max(highest, this.#samples.at(i));
    }
    const before = Math.max(1, baseline - around);
    for (let i = 0; i < before; i++) level += this.#samples.at(index - baseline + i) / before;
    return { atUs, height: highest - lowest, level };
  }
}

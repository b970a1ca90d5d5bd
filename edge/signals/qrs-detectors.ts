/**
 * The QRS detectors as sinks of a stream, by name. The first is the one every number rests on; the
 * others are there to compare with.
 */
import type { Beat } from './beat.ts';
import { Decimator } from './decimate.ts';
import { Qrs } from './qrs.ts';
import type { SampleSink } from './stream.ts';
import { TwoAverages } from './two-averages.ts';

/** Below this a QRS is a sample or two. */
export const ECG_RATE_HZ_MIN = 50;
/** Signals of twice this and more are averaged down to 250 to 500 Hz: the detectors take 50 to 500. */
export const ECG_WORKING_RATE_HZ = 250;

type OnBeat = (beat: Beat) => void;
/** A detector at a rate of 50 to 500 Hz: samples in, NaN for missing ones; beats by their sample. */
interface Detector {
  step(value: number): void;
  end(): void;
}
type MakeDetector = (
  rateHz: number,
  emit: (beat: { fiducial: number }, strength: number) => void,
) => Detector;

/**
 * A detector behind a decimator, on the stream's time. A stretch slower than ECG_RATE_HZ_MIN has no
 * beats.
 */
class BeatSink implements SampleSink {
  readonly #make: MakeDetector;
  readonly #onBeat: OnBeat;
  #decimator: Decimator | null = null;
  #detector: Detector | null = null;

  constructor(make: MakeDetector, onBeat: OnBeat) {
    this.#make = make;
    this.#onBeat = onBeat;
  }

  begin(startUs: number, rateHz: number): void {
    if (rateHz < ECG_RATE_HZ_MIN) return;
    const decimator = new Decimator(rateHz, ECG_WORKING_RATE_HZ, 0);
    this.#decimator = decimator;
    this.#detector = this.#make(decimator.rateHz, ({ fiducial }, strength) => {
      const atUs = startUs + Math.round(decimator.secondsOf(fiducial) * 1e6);
      this.#onBeat({ atUs, strength });
    });
  }

  sample(value: number): void {
    const mean = this.#decimator?.step(value);
    if (mean !== undefined) this.#detector?.step(mean);
  }

  missing(): void {
    this.sample(NaN);
  }

  end(): void {
    this.#detector?.end();
    this.#decimator = this.#detector = null;
  }
}

export const QRS_DETECTORS: Readonly<Record<string, (onBeat: OnBeat) => SampleSink>> = {
  slope: (onBeat) => new BeatSink((rateHz, emit) => new Qrs(rateHz, emit), onBeat),
  'two-averages': (onBeat) =>
    new BeatSink(
      (rateHz, emit) => new TwoAverages(rateHz, (at) => emit({ fiducial: at }, 1)),
      onBeat,
    ),
};

/** Recordings through the detectors of the bedside: what each says, second by second. */
import type { RecordedWaveform } from '@vitalshare/edge/formats';
import {
  BeatBreath,
  BeatHeights,
  PulseDetector,
  QRS_DETECTORS,
  SegmentStream,
  type Estimate,
  type SampleSink,
} from '@vitalshare/edge/signals';
import { eventRate } from './rates.ts';

const HEART_WINDOW_S = 10;

/** Runs a whole waveform from time 0 through one sink. */
export function play(waveform: RecordedWaveform, sink: SampleSink): void {
  const { sampleRateMilliHz: rateMilliHz, gain, baseline, samples } = waveform;
  const stream = new SegmentStream(sink);
  stream.push({ startUs: 0, rateMilliHz, gain, baseline, samples });
  stream.close();
}

export function estimatesOf(
  waveform: RecordedWaveform,
  make: (onEstimate: (estimate: Estimate) => void) => SampleSink,
): Estimate[] {
  const estimates: Estimate[] = [];
  play(
    waveform,
    make((estimate) => estimates.push(estimate)),
  );
  return estimates;
}

/** Pulse from a pleth, and breathing from how its beats sway. */
export function plethRates(waveform: RecordedWaveform): {
  pulseRate: Estimate[];
  respiratoryRate: Estimate[];
} {
  const breath = new BeatBreath();
  const respiratoryRate: Estimate[] = [];
  const pulseRate = estimatesOf(
    waveform,
    (onEstimate) =>
      new PulseDetector(
        (estimate) => {
          onEstimate(estimate);
          respiratoryRate.push(breath.estimate(estimate.atUs));
        },
        { onBeat: (beat) => breath.push(beat) },
      ),
  );
  return { pulseRate, respiratoryRate };
}

/** Heart rate from an ECG by a named QRS detector, and breathing from how its beats sway. */
export function ecgRates(
  waveform: RecordedWaveform,
  detector: string,
): { heartRate: Estimate[]; respiratoryRate: Estimate[] } {
  const make = QRS_DETECTORS[detector];
  if (make === undefined) throw new TypeError(`expected a detector, got ${detector}`);
  const beatsS: number[] = [];
  const breath = new BeatBreath();
  const heights = new BeatHeights();
  const qrs = make(({ atUs }) => {
    beatsS.push(atUs / 1e6);
    const beat = heights.at(atUs);
    if (beat !== null) breath.push(beat);
  });
  const heartRate: Estimate[] = [];
  const respiratoryRate: Estimate[] = [];
  let [index, rateHz] = [0, 1];
  const step = (): void => {
    index++;
    const [before, now] = [Math.floor((index - 1) / rateHz), Math.floor(index / rateHz)];
    if (now === before) return;
    const atUs = now * 1e6;
    respiratoryRate.push(breath.estimate(atUs));
    const rate = eventRate(beatsS.slice(-60), now, HEART_WINDOW_S);
    heartRate.push(
      Number.isNaN(rate)
        ? { atUs, value: null, bars: 0, reason: 'too-few-beats' }
        : { atUs, value: rate, bars: 4 },
    );
  };
  play(waveform, {
    begin: (startUs, hz) => {
      rateHz = hz;
      heights.begin(startUs, hz);
      qrs.begin(startUs, hz);
    },
    sample: (value) => {
      heights.sample(value);
      qrs.sample(value);
      step();
    },
    missing: (reason) => {
      heights.missing();
      qrs.missing(reason);
      step();
    },
    end: () => qrs.end(),
  });
  return { heartRate, respiratoryRate };
}

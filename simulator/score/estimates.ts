/** Recordings through the detectors of the bedside: what each says, second by second. */
import type { RecordedWaveform } from '@vitalshare/edge/formats';
import {
  BeatBreath,
  EcgBreath,
  EcgMonitor,
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

/** What a bedside shows from an ECG, and a plain count over the beats of each QRS detector to compare. */
export const HEART_RATES = ['monitor', ...Object.keys(QRS_DETECTORS)] as const;

/** Heart rate from an ECG by one of HEART_RATES, and breathing from how its beats sway. */
export function ecgRates(
  waveform: RecordedWaveform,
  name: string,
): { heartRate: Estimate[]; respiratoryRate: Estimate[] } {
  const breath = new EcgBreath();
  const heartRate: Estimate[] = [];
  const respiratoryRate: Estimate[] = [];
  const onSecond = (estimate: Estimate): void => {
    heartRate.push(estimate);
    respiratoryRate.push(breath.estimate(estimate.atUs));
  };
  const detector =
    name === 'monitor'
      ? new EcgMonitor({
          onBeat: (beat) => breath.push(beat),
          onSecond: ({ heartRate: estimate }) => onSecond(estimate),
        })
      : countBeats(name, (atUs) => breath.push({ atUs, isVentricular: false }), onSecond);
  play(waveform, both(breath.heights, detector));
  return { heartRate, respiratoryRate };
}

/** The same samples to two sinks, in this order. */
const both = (first: SampleSink, second: SampleSink): SampleSink => ({
  begin: (startUs, rateHz) => {
    first.begin(startUs, rateHz);
    second.begin(startUs, rateHz);
  },
  sample: (value) => {
    first.sample(value);
    second.sample(value);
  },
  missing: (reason) => {
    first.missing(reason);
    second.missing(reason);
  },
  end: () => {
    first.end();
    second.end();
  },
});

/** A rate a second from the beats of the last 10 s, without any gate. */
function countBeats(
  name: string,
  onBeat: (atUs: number) => void,
  onSecond: (estimate: Estimate) => void,
): SampleSink {
  const make = QRS_DETECTORS[name];
  if (make === undefined) throw new TypeError(`expected a detector, got ${name}`);
  const beatsS: number[] = [];
  const qrs = make(({ atUs }) => {
    beatsS.push(atUs / 1e6);
    onBeat(atUs);
  });
  let [index, hz] = [0, 1];
  const step = (): void => {
    const [before, now] = [Math.floor(index / hz), Math.floor((index + 1) / hz)];
    index++;
    if (now === before) return;
    const rate = eventRate(beatsS.slice(-60), now, HEART_WINDOW_S);
    const atUs = now * 1e6;
    if (Number.isNaN(rate)) onSecond({ atUs, value: null, bars: 0, reason: 'too-few-beats' });
    else onSecond({ atUs, value: rate, bars: 4 });
  };
  return {
    begin: (startUs, rateHz) => {
      hz = rateHz;
      qrs.begin(startUs, rateHz);
    },
    sample: (value) => {
      qrs.sample(value);
      step();
    },
    missing: (reason) => {
      qrs.missing(reason);
      step();
    },
    end: () => qrs.end(),
  };
}

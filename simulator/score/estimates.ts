/**
 * Recordings through the detectors of the bedside: what each says, second by second. The numbers
 * are made by the very code of a replay (`numbersOf`); only the plain counts to compare with are
 * made here.
 */
import type { RecordedWaveform } from '@vitalshare/edge/formats';
import {
  EcgBreath,
  QRS_DETECTORS,
  SegmentStream,
  type Estimate,
  type SampleSink,
} from '@vitalshare/edge/signals';
import { numbersOf } from '../player/derive.ts';
import { eventRate } from './rates.ts';

const HEART_WINDOW_S = 10;

/** Runs a whole waveform from time 0 through one sink. */
export function play(waveform: RecordedWaveform, sink: SampleSink): void {
  const { sampleRateMilliHz: rateMilliHz, gain, baseline, samples } = waveform;
  const stream = new SegmentStream(sink);
  stream.push({ startUs: 0, rateMilliHz, gain, baseline, samples });
  stream.close();
}

/** Breathing from impedance. */
export const respRates = (waveform: RecordedWaveform): readonly Estimate[] =>
  bedRates(waveform, 'respiratory-rate').respiratoryRate;

/** What a bed of this waveform alone tells: its rate, and breathing from how its beats sway. */
function bedRates(waveform: RecordedWaveform, rate: string): Rates {
  const numbers = numbersOf({ waveforms: [waveform] });
  const of = (vital: string): readonly Estimate[] => numbers.estimates.get(vital) ?? [];
  return { rate: of(rate), respiratoryRate: of('respiratory-rate') };
}

export interface Rates {
  readonly rate: readonly Estimate[];
  readonly respiratoryRate: readonly Estimate[];
}

/** Pulse from a pleth, and breathing from how its beats sway. */
export const plethRates = (waveform: RecordedWaveform): Rates => bedRates(waveform, 'pulse-rate');

/**
 * What a bedside shows from an ECG, and a plain count over the beats of each QRS detector to
 * compare.
 */
export const HEART_RATES = ['monitor', ...Object.keys(QRS_DETECTORS)] as const;

/** Heart rate from an ECG by one of HEART_RATES, and breathing from how its beats sway. */
export function ecgRates(waveform: RecordedWaveform, name: string): Rates {
  if (name === 'monitor') return bedRates(waveform, 'heart-rate');
  const breath = new EcgBreath();
  const rate: Estimate[] = [];
  const respiratoryRate: Estimate[] = [];
  const onSecond = (estimate: Estimate): void => {
    rate.push(estimate);
    respiratoryRate.push(breath.estimate(estimate.atUs));
  };
  const onBeat = (atUs: number): void => breath.push({ atUs, isVentricular: false });
  play(waveform, both(breath.heights, countBeats(name, onBeat, onSecond)));
  return { rate, respiratoryRate };
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

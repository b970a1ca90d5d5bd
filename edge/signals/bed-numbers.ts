/**
 * The vital signs that the waveforms of one bed tell, second by second, each by the detector that is
 * scored (`vitalshare score`): what a node sends that has waveforms and no numbers.
 *
 *   ecg    the first lead named   ─► EcgMonitor     ─► heart-rate, rhythm flags
 *   pleth                         ─► PulseDetector  ─► pulse-rate
 *   resp                          ─► BreathDetector ─► respiratory-rate
 *   no resp, but pleth or ecg     ─► BeatBreath     ─► respiratory-rate       (pleth before ecg)
 *
 * A number is of the moment it is made: what is told at second s knows nothing later than s.
 */
import { BeatBreath } from './beat-breath.ts';
import { BreathDetector } from './breath.ts';
import { EcgMonitor, type EcgReport } from './ecg.ts';
import { EcgBreath } from './ecg-breath.ts';
import { PulseDetector } from './pulse.ts';
import {
  type Estimate,
  type Reason,
  type SampleSink,
  SegmentStream,
  type SignalSegment,
} from './stream.ts';

export interface BedChannel {
  readonly channel: string;
  readonly lead: string;
}

/** What the ECG tells besides its rate. */
export type BedRhythm = Pick<EcgReport, 'atUs' | 'flags' | 'hrv'>;

export interface BedListener {
  /** Once a second for each vital sign the channels tell. */
  onNumber(vital: string, estimate: Estimate): void;
  /** Once a second where there is an ECG. */
  onRhythm?(rhythm: BedRhythm): void;
}

export class BedNumbers {
  readonly #streams = new Map<string, SegmentStream>();

  constructor(channels: readonly BedChannel[], listener: BedListener) {
    const first = (channel: string) => channels.find((each) => each.channel === channel);
    const [ecg, pleth, resp] = [first('ecg'), first('pleth'), first('resp')];
    const breathing =
      resp === undefined ? { pleth: pleth !== undefined, ecg: pleth === undefined } : undefined;
    if (ecg) this.#add(ecg, ecgSink(listener, breathing?.ecg === true));
    if (pleth) this.#add(pleth, plethSink(listener, breathing?.pleth === true));
    if (resp) {
      const tell = (estimate: Estimate) => listener.onNumber('respiratory-rate', estimate);
      this.#add(resp, new BreathDetector(tell));
    }
  }

  /** A channel that tells nothing is passed over. */
  push(channel: BedChannel, segment: SignalSegment): void {
    this.#streams.get(keyOf(channel))?.push(segment);
  }

  /** Nothing more will come. */
  close(): void {
    for (const stream of this.#streams.values()) stream.close();
  }

  #add(channel: BedChannel, sink: SampleSink): void {
    this.#streams.set(keyOf(channel), new SegmentStream(sink));
  }
}

const keyOf = ({ channel, lead }: BedChannel): string => `${channel}.${lead}`;

function plethSink(listener: BedListener, tellsBreathing: boolean): SampleSink {
  const breath = new BeatBreath();
  return new PulseDetector(
    (estimate) => {
      listener.onNumber('pulse-rate', estimate);
      if (tellsBreathing) listener.onNumber('respiratory-rate', breath.estimate(estimate.atUs));
    },
    { onBeat: (beat) => breath.push(beat) },
  );
}

function ecgSink(listener: BedListener, tellsBreathing: boolean): SampleSink {
  const breath = new EcgBreath();
  const { heights } = breath;
  const monitor = new EcgMonitor({
    onBeat: (beat) => breath.push(beat),
    onSecond: ({ atUs, heartRate, flags, hrv }) => {
      listener.onNumber('heart-rate', heartRate);
      listener.onRhythm?.({ atUs, flags, hrv });
      if (tellsBreathing) listener.onNumber('respiratory-rate', breath.estimate(atUs));
    },
  });
  return {
    begin: (startUs, rateHz) => {
      heights.begin(startUs, rateHz);
      monitor.begin(startUs, rateHz);
    },
    sample: (value) => {
      heights.sample(value);
      monitor.sample(value);
    },
    missing: (reason: Reason) => {
      heights.missing();
      monitor.missing(reason);
    },
    end: () => monitor.end(),
  };
}

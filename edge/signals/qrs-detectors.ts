/** The QRS detectors by name; the first is the one every number rests on, the others are there to compare. */
import type { Beat } from './beat.ts';
import { QrsDetector } from './qrs.ts';
import type { SampleSink } from './stream.ts';
import { TwoAverages } from './two-averages.ts';

export const QRS_DETECTORS: Readonly<Record<string, (onBeat: (beat: Beat) => void) => SampleSink>> =
  {
    slope: (onBeat) => new QrsDetector(onBeat),
    'two-averages': (onBeat) => new TwoAverages(onBeat),
  };

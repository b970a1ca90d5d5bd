/**
 * Door `@vitalshare/edge/signals`: numbers from waveforms, as they stream by.
 *
 *   stream.ts    segments of one channel to samples: time, gaps, units    SegmentStream, SampleSink
 *   filters.ts   biquads, moving windows, history; any rate, O(1)         Biquad, MovingMean
 *   ecg.ts       everything one ECG lead tells                            EcgMonitor, EcgReport
 *   qrs-detectors.ts   its heartbeats alone, by several methods           QRS_DETECTORS
 *   rhythm.ts    what the flags mean                                      RHYTHM_FLAGS
 */
export { BARS_TRUSTED_MIN, REASONS, SegmentStream } from './stream.ts';
export type { Bars, Estimate, Reason, SampleSink, SignalSegment } from './stream.ts';
export { Biquad, Chain, History, MovingMax, MovingMean, median } from './filters.ts';
export { Q_BUTTERWORTH, Q_BUTTERWORTH_4 } from './filters.ts';
export type { FilterKind } from './filters.ts';
export type { Beat } from './beat.ts';
export { QRS_DETECTORS } from './qrs-detectors.ts';
export { EcgMonitor } from './ecg.ts';
export type { EcgBeat, EcgListener, EcgReport } from './ecg.ts';
export type { Hrv } from './hrv.ts';
export { RHYTHM_FLAGS } from './rhythm.ts';
export type { RhythmFlag } from './rhythm.ts';

/**
 * Door `@vitalshare/edge/signals`: numbers from waveforms, as they stream by.
 *
 *   stream.ts    segments of one channel to samples: time, gaps, units    SegmentStream, SampleSink
 *   filters.ts   biquads, moving windows, history; any rate, O(1)         Biquad, MovingMean
 */
export { BARS_TRUSTED_MIN, REASONS, SegmentStream } from './stream.ts';
export type { Bars, Estimate, Reason, SampleSink, SignalSegment } from './stream.ts';
export { Biquad, Chain, History, MovingMax, MovingMean, median } from './filters.ts';
export { Q_BUTTERWORTH, Q_BUTTERWORTH_4 } from './filters.ts';
export type { FilterKind } from './filters.ts';

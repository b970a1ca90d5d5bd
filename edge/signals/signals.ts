/**
 * Door `@vitalshare/edge/signals`: numbers from waveforms, as they stream by.
 *
 *   stream.ts    segments of one channel to samples: time, gaps, units    SegmentStream, SampleSink
 *   filters.ts   biquads, moving windows, history; any rate, O(1)         Biquad, MovingMean
 *   errors/      what is wrong with a sensor, told from its readings       WaveformErrors, NumericErrors
 */
export { BARS_TRUSTED_MIN, REASONS, SegmentStream } from './stream.ts';
export type { Bars, Estimate, Reason, SampleSink, SignalSegment } from './stream.ts';
export { Biquad, Chain, History, MovingMax, MovingMean, median } from './filters.ts';
export { Q_BUTTERWORTH, Q_BUTTERWORTH_4 } from './filters.ts';
export type { FilterKind } from './filters.ts';
export { STREAM_ERRORS } from './errors/stream-error.ts';
export type { StreamError, StreamErrorKind } from './errors/stream-error.ts';
export { ECG_BOUNDS, WaveformErrors } from './errors/waveform-errors.ts';
export type { WaveformBounds } from './errors/waveform-errors.ts';
export { boundsOf, NumericErrors, numericErrors } from './errors/numeric-errors.ts';
export type { NumericBounds } from './errors/numeric-errors.ts';
export { Disagreement } from './errors/disagreement.ts';
export { GapFiller, PROVENANCE } from './errors/gap-fill.ts';
export type { FilledRow, Provenance } from './errors/gap-fill.ts';

/**
 * Door `@vitalshare/edge/signals`: numbers from waveforms, as they stream by.
 *
 *   stream.ts          segments of one channel to samples: time, gaps     SegmentStream, SampleSink
 *   bed-numbers.ts     the vital signs a bed's waveforms tell             BedNumbers
 *   ecg.ts             everything one ECG lead tells                      EcgMonitor, EcgReport
 *   qrs-detectors.ts   its heartbeats alone, by several methods           QRS_DETECTORS
 *   ecg-numbers.ts     that as readings: heart rate, rhythm, variability  EcgNumbers, in BedNumbers
 *   rhythm.ts          what the flags mean                                RhythmFlag
 *   pulse.ts           pulse rate and beats from a pleth                  PulseDetector
 *   heart-rate.ts      heart rate from the times of beats                 HeartRate, in EcgMonitor
 *   machine.ts         what beats too evenly to be a heart                in PulseDetector
 *   oximeter.ts        SpO₂ from red and infrared, curves by name         Oximeter, SPO2_CURVES
 *   light-pair.ts      two channels of light, sample by sample          LightPair, in BedNumbers
 *   ratio.ts           the ratio of ratios of two whole stretches         ratioOfRatios
 *   breath.ts          respiratory rate from impedance                    BreathDetector
 *   ecg-breath.ts      the same from an ECG, ectopic beats kept out           EcgBreath
 *   beat-breath.ts     respiratory rate from how heartbeats sway          BeatBreath, BeatHeights
 *   temperature.ts     skin temperature, and whether the probe is on      TemperatureFilter
 *   errors/            what is wrong with a sensor, told by its readings  WaveformErrors, NumericErrors
 *   filters.ts         what scorers need of our tools; windows.ts too     Biquad, median, correlation
 */
export { GAP_BRIDGED_MS_MAX } from '../limits.ts';
export { BARS_TRUSTED_MIN, REASONS, SegmentStream } from './stream.ts';
export type { Bars, Estimate, Reason, SampleSink, SignalSegment } from './stream.ts';
export { Biquad, median } from './filters.ts';
export type { Beat } from './beat.ts';
export { QRS_DETECTORS } from './qrs-detectors.ts';
export { EcgMonitor } from './ecg.ts';
export type { EcgBeat, EcgListener, EcgReport } from './ecg.ts';
export type { Hrv } from './hrv.ts';
export type { RhythmFlag } from '../vital/vital.ts';
export { PulseDetector } from './pulse.ts';
export type { PlethBeat, PulseOptions } from './pulse.ts';
export { Oximeter } from './oximeter.ts';
export type { LightSample, Spo2Estimate } from './oximeter.ts';
export { ratioOfRatios } from './ratio.ts';
export { correlation } from './windows.ts';
export { SPO2_CURVE_DEFAULT, SPO2_CURVES, curveOfPolynomial, curveOfTable } from './spo2-curves.ts';
export type { Spo2Curve } from './spo2-curves.ts';
export { HeartRate } from './heart-rate.ts';
export { BREATH_WINDOW_S, BreathDetector } from './breath.ts';
export { BEAT_BREATH_WINDOW_S, BeatBreath } from './beat-breath.ts';
export type { BeatOfBreath } from './beat-breath.ts';
export { BeatHeights } from './beat-heights.ts';
export { TemperatureFilter } from './temperature.ts';
export { STREAM_ERRORS } from './errors/stream-error.ts';
export type { StreamError, StreamErrorKind } from './errors/stream-error.ts';
export { ECG_BOUNDS, WaveformErrors } from './errors/waveform-errors.ts';
export type { WaveformBounds } from './errors/waveform-errors.ts';
export { NumericErrors, numericErrors } from './errors/numeric-errors.ts';
export type { NumericBounds } from './errors/numeric-errors.ts';
export { Disagreement } from './errors/disagreement.ts';
export { GapFiller, PROVENANCE } from './errors/gap-fill.ts';
export type { FilledRow, Provenance } from './errors/gap-fill.ts';
export { BedNumbers } from './bed-numbers.ts';
export type { BedChannel, BedListener, BedRhythm } from './bed-numbers.ts';
export { EcgBreath } from './ecg-breath.ts';

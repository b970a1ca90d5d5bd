/**
 * The vital signs that the waveforms of one bed tell, second by second, each by the detector that is
 * scored (`vitalshare score`): what a node sends that has waveforms and no numbers.
 *
 *   ecg    the first lead named   ─► EcgMonitor     ─► heart-rate, rhythm, hrv-sdnn, hrv-rmssd
 *   pleth                         ─► PulseDetector  ─► pulse-rate
 *   red and infrared              ─► Oximeter       ─► spo2 by a curve that is named; pulse-rate
 *                                                      where there is no pleth
 *   resp                          ─► BreathDetector ─► respiratory-rate
 *   no resp, but pleth or ecg     ─► BeatBreath     ─► respiratory-rate       (pleth before ecg)
 *   skin-probe, in degrees        ─► TemperatureFilter ─► skin-temperature
 *
 * A number is of the moment it is made: what is told at second s knows nothing later than s.
 *
 * One channel judges another, where it is pushed no more than NEAR_S apart (a second at a time, say):
 *
 *   pulse more than 10/min from an ECG of three bars  ─► no pulse, 'motion': walking has a rhythm too
 *   the oximeter's pulse so                             ─► no SpO₂, 'motion'
 *   weak ECG (two bars) says fast                        ─► no heart rate and no rhythm, 'motion', where a
 *                                                      pulse of three bars is 10/min slower; told fast of
 *                                                      its rhythm only from the third second on
 *   resp within 5 % of heart or pulse rate, or of half ─► no rate, 'irregular': impedance shows the heart
 *
 * Limits: an apnoea whose heartbeats fill the impedance needs an ECG or a pleth to be seen as one; a
 * patient who does breathe at half the heart's rate has no number from impedance; of fibrillation whose
 * beats do not all reach the finger the pulse is absent.
 */
import { RHYTHMS } from '../vital/vital.ts';
import { BeatBreath } from './beat-breath.ts';
import { BreathDetector } from './breath.ts';
import { EcgMonitor, type EcgReport } from './ecg.ts';
import { EcgBreath } from './ecg-breath.ts';
import { EcgNumbers } from './ecg-numbers.ts';
import { LightPair } from './light-pair.ts';
import { Oximeter } from './oximeter.ts';
import { PulseDetector } from './pulse.ts';
import { SPO2_CURVE_DEFAULT, type Spo2Curve } from './spo2-curves.ts';
import {
  BARS_TRUSTED_MIN,
  type Bars,
  type Estimate,
  type Reason,
  type SampleSink,
  SegmentStream,
  type SignalSegment,
} from './stream.ts';
import { TemperatureFilter } from './temperature.ts';

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

const NEAR_S = 5;
/** Estimates kept of a vital sign, one a second: what was pushed ahead is among them. */
const RECENT_MAX = 2 * NEAR_S;
const PULSE_DIFFERS_PER_MINUTE = 10;
const HEART_BARS_MIN = 3;
/** A chest that moves feigns a fast heart for a second or two; what lasts is told. */
const WEAK_FAST_SECONDS = 3;
const HEART_IN_BREATH_SHARE = 0.05;
/** The oximeter's pulse where a pleth tells the pulse rate: held against the ECG, and not told. */
const LIGHT_PULSE = 'light-pulse';
/** As the detectors had it: each judges the other before either is judged. */
const UNEXAMINED_PULSE = 'unexamined-pulse';
const UNEXAMINED_HEART = 'unexamined-heart';
const UNEXAMINED: Readonly<Record<string, string>> = {
  'heart-rate': UNEXAMINED_HEART,
  'pulse-rate': UNEXAMINED_PULSE,
};
/** Values of `rhythm` that say fast. */
const FAST_RHYTHMS = RHYTHMS.flatMap((flags, value) =>
  flags.includes('vt') || flags.includes('tachycardia') ? [value] : [],
);

export class BedNumbers {
  readonly #streams = new Map<string, SegmentStream>();

  /** `curve`: of the sensor that red and infrared come from. */
  constructor(
    channels: readonly BedChannel[],
    told: BedListener,
    curve: Spo2Curve = SPO2_CURVE_DEFAULT,
  ) {
    const first = (channel: string) => channels.find((each) => each.channel === channel);
    const [ecg, pleth, resp] = [first('ecg'), first('pleth'), first('resp')];
    const [red, infrared, probe] = [first('red'), first('infrared'), first('skin-probe')];
    const listener = crossExamined(told, pleth === undefined ? 'pulse-rate' : LIGHT_PULSE);
    const breathing =
      resp === undefined ? { pleth: pleth !== undefined, ecg: pleth === undefined } : undefined;
    if (ecg) this.#add(ecg, ecgSink(listener, breathing?.ecg === true));
    if (pleth) this.#add(pleth, plethSink(listener, breathing?.pleth === true));
    if (resp) {
      const tell = (estimate: Estimate) => listener.onNumber('respiratory-rate', estimate);
      this.#add(resp, new BreathDetector(tell));
    }
    if (red && infrared) {
      const pair = lightPair(listener, curve);
      this.#add(red, pair.red);
      this.#add(infrared, pair.infrared);
    }
    if (probe) {
      const tell = (estimate: Estimate) => listener.onNumber('skin-temperature', estimate);
      this.#add(probe, new TemperatureFilter(tell));
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

interface ExaminedListener extends BedListener {
  /** Under which name the oximeter's pulse is told. */
  readonly lightPulse: string;
}

/** Numbers that another channel contradicts are told as absent. */
function crossExamined(listener: BedListener, lightPulse: string): ExaminedListener {
  const recent = new Map<string, Estimate[]>();
  const remember = (vital: string, estimate: Estimate): void => {
    recent.set(vital, [...(recent.get(vital) ?? []), estimate].slice(-RECENT_MAX));
  };
  const rateOf = (vital: string, atUs: number, barsMin: Bars): number => {
    const known = recent.get(vital)?.findLast((one) => one.atUs <= atUs);
    const fresh = known !== undefined && atUs - known.atUs <= NEAR_S * 1e6;
    return fresh && known.bars >= barsMin ? (known.value ?? NaN) : NaN;
  };
  let weakFastSeconds = 0;
  const weakEcg = (vital: string, { atUs, value, bars }: Estimate): Reason | null => {
    const isFast = vital === 'heart-rate' || FAST_RHYTHMS.includes(value!);
    if (vital === 'rhythm')
      weakFastSeconds = isFast && bars < HEART_BARS_MIN ? weakFastSeconds + 1 : 0;
    if (!isFast || bars >= HEART_BARS_MIN) return null;
    const pulse = rateOf(UNEXAMINED_PULSE, atUs, HEART_BARS_MIN);
    const heart =
      vital === 'heart-rate' ? value! : rateOf(UNEXAMINED_HEART, atUs, BARS_TRUSTED_MIN);
    if (heart - pulse > PULSE_DIFFERS_PER_MINUTE) return 'motion';
    return vital === 'rhythm' && weakFastSeconds < WEAK_FAST_SECONDS ? 'noise' : null;
  };
  const objection = (vital: string, estimate: Estimate): Reason | null => {
    const { atUs, value } = estimate;
    if (value === null) {
      if (vital === 'rhythm') weakFastSeconds = 0;
      return null;
    }
    if (vital === 'heart-rate' || vital === 'rhythm') return weakEcg(vital, estimate);
    if (vital === 'spo2') {
      const pulse = recent.get(lightPulse)?.at(-1);
      return pulse?.atUs === atUs && pulse.value === null ? pulse.reason : null;
    }
    if (vital === 'pulse-rate' || vital === LIGHT_PULSE) {
      const heart = rateOf('heart-rate', atUs, HEART_BARS_MIN);
      return Math.abs(value - heart) > PULSE_DIFFERS_PER_MINUTE ? 'motion' : null;
    }
    if (vital !== 'respiratory-rate') return null;
    const hearts = ['heart-rate', 'pulse-rate'].map((one) => rateOf(one, atUs, BARS_TRUSTED_MIN));
    const isHeart = hearts.some((heart) =>
      [heart, heart / 2].some((rate) => Math.abs(value - rate) <= HEART_IN_BREATH_SHARE * rate),
    );
    return isHeart ? 'irregular' : null;
  };
  return {
    lightPulse,
    onNumber: (vital, estimate) => {
      const unexamined = UNEXAMINED[vital];
      if (unexamined !== undefined) remember(unexamined, estimate);
      const reason = objection(vital, estimate);
      const { atUs } = estimate;
      const given: Estimate = reason ? { atUs, value: null, bars: 1, reason } : estimate;
      remember(vital, given);
      if (vital !== LIGHT_PULSE) listener.onNumber(vital, given);
    },
    onRhythm: (rhythm) => listener.onRhythm?.(rhythm),
  };
}

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

function lightPair(listener: ExaminedListener, curve: Spo2Curve): LightPair {
  return new LightPair(
    new Oximeter(
      (estimate) => listener.onNumber('spo2', estimate),
      (estimate) => listener.onNumber(listener.lightPulse, estimate),
      curve,
    ),
  );
}

function ecgSink(listener: BedListener, tellsBreathing: boolean): SampleSink {
  const breath = new EcgBreath();
  const { heights } = breath;
  const numbers = new EcgNumbers((vital, estimate) => listener.onNumber(vital, estimate));
  const monitor = new EcgMonitor({
    onBeat: (beat) => breath.push(beat),
    onSecond: (report) => {
      const { atUs, flags, hrv } = report;
      numbers.second(report);
      listener.onRhythm?.({ atUs, flags, hrv });
      if (tellsBreathing) listener.onNumber('respiratory-rate', breath.estimate(atUs));
    },
  });
  return {
    begin: (startUs, rateHz) => {
      heights.begin(startUs, rateHz);
      numbers.begin(startUs);
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

/**
 * One channel of one node under its classifier. Readings that are not newer than the newest seen come
 * from the node's memory or a second time, and are passed over: time never goes back in a classifier.
 *
 *   heart-rate pulse-rate respiratory-rate spo2 body-… skin-temperature   NumericErrors
 *   ecg in mV or uV                        WaveformErrors within ECG_BOUNDS
 *   pleth abp red infrared                 stands still (on one step exactly), lost
 *   resp skin-probe                        lost
 *
 * The other waveforms come in units of their monitor, whose bounds nobody declares; a chest that
 * stands still is the patient's and not the sensor's; skin does for minutes. Blood pressure and observations are single
 * measurements, which may repeat. An absent row is the node's own answer (a number that cannot be
 * trusted is absent), so only LOST_MS of absence are lost data.
 */
import { fromFixedPoint, type WaveformUnit } from '@vitalshare/edge/vital';
import {
  BARS_TRUSTED_MIN,
  ECG_BOUNDS,
  NumericErrors,
  SegmentStream,
  type StreamError,
  type WaveformBounds,
  WaveformErrors,
} from '@vitalshare/edge/signals';
import type { NumericColumn, WaveformSegment } from '@vitalshare/edge/wire';
import type { PlacedSegment } from '../../ingest/place.ts';
import { SENSOR_RATE_HZ_MAX, SENSOR_RATE_HZ_MIN } from '../../limits.ts';
import { Cadence } from './cadence.ts';

const JUDGED_VITALS: readonly string[] = [
  ...['heart-rate', 'pulse-rate', 'respiratory-rate', 'spo2'],
  ...['body-temperature', 'skin-temperature'],
];
/** A number is stale on the page from here on. */
const LOST_MS = 10_000;
/** Further apart they are single measurements: nothing of the one is said of the next. */
const APART_SECONDS_MAX = 60;

const UNBOUND: WaveformBounds = {
  ...{ min: -Infinity, max: Infinity },
  ...{ driftBound: Infinity, still: 0, spikeMin: Infinity },
};
/** No two values are nearer than this. */
const NEVER_STILL = -1;
/** Two frames of a tenth of a second, and some of the air. */
const WAVE_LOST_MS = 1_000;

export const isJudged = ({ vital, quality }: NumericColumn): boolean =>
  quality >= BARS_TRUSTED_MIN && JUDGED_VITALS.includes(vital.name);

type Tell = (error: StreamError) => void;

export interface NumberListener {
  /** A reading that is new and in the plausible range. */
  read(second: number, value: number): void;
  /** What was said of the channel no longer holds. */
  anew(): void;
}

export class NumberChannel {
  readonly #tell: Tell;
  readonly #cadence = new Cadence(LOST_MS);
  #errors: NumericErrors | undefined;
  #second = -Infinity;
  #stepSeconds = 1;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** `anchorSecond` is UTC at the node's time 0, `nowUs` when the frame was closed. */
  take(column: NumericColumn, anchorSecond: number, nowUs: number, listener: NumberListener): void {
    const { vital, rowCount, presence, values, startSecond } = column;
    let next = 0;
    for (let row = 0; row < rowCount; row++) {
      if ((presence[row >> 3]! & (1 << (row & 7))) === 0) continue;
      const value = fromFixedPoint(vital, values[next++]!);
      const second = anchorSecond + startSecond + row;
      const step = second - this.#second;
      if (step <= 0) continue;
      if (this.#errors === undefined || step > APART_SECONDS_MAX) {
        if (this.#errors !== undefined) listener.anew();
        this.#errors = new NumericErrors(vital, this.#tell);
      } else this.#stepSeconds = step;
      this.#second = second;
      this.#errors.row(1e6 * second, value);
      if (value >= vital.min && value <= vital.max) listener.read(second, value);
      this.#cadence.come(nowUs);
    }
  }

  resume(nowUs: number): void {
    this.#cadence.resume(nowUs);
  }

  tick(nowUs: number): void {
    // Its place in the classifier's rows is the first that did not come.
    if (this.#cadence.isSilent(nowUs)) {
      this.#errors?.row(1e6 * (this.#second + this.#stepSeconds), null);
    }
  }
}

function boundsOf(waveform: string, unit: WaveformUnit): WaveformBounds | undefined {
  if (waveform === 'ecg') return stepsPerMillivolt(unit) === undefined ? undefined : ECG_BOUNDS;
  return waveform === 'resp' || waveform === 'skin-probe' ? { ...UNBOUND, still: NEVER_STILL } : UNBOUND;
}

/** How many of `unit` a millivolt is. */
const stepsPerMillivolt = (unit: WaveformUnit): number | undefined =>
  unit === 'mV' ? 1 : unit === 'uV' ? 1_000 : undefined;

export function isJudgedWave({ waveform, unit, rateMilliHz }: WaveformSegment): boolean {
  const rateHz = rateMilliHz / 1000;
  const isRate = rateHz >= SENSOR_RATE_HZ_MIN && rateHz <= SENSOR_RATE_HZ_MAX;
  return isRate && boundsOf(waveform.name, unit) !== undefined;
}

export class WaveChannel {
  readonly #errors: WaveformErrors;
  readonly #stream: SegmentStream;
  readonly #cadence = new Cadence(WAVE_LOST_MS);
  #endUs = -Infinity;

  constructor(segment: WaveformSegment, tell: Tell) {
    const bounds = boundsOf(segment.waveform.name, segment.unit) ?? UNBOUND;
    this.#errors = new WaveformErrors(bounds, tell);
    this.#stream = new SegmentStream(this.#errors);
  }

  take(segment: PlacedSegment, nowUs: number): void {
    const { samples, startMicros, rateMilliHz, unit, waveform } = segment;
    const endUs = startMicros + (1e9 * samples.length) / rateMilliHz;
    // Half a sample: clocks of nodes are rounded.
    if (endUs <= this.#endUs + 5e8 / rateMilliHz) return;
    const isEcg = waveform.name === 'ecg';
    const gain = segment.gain * (isEcg ? (stepsPerMillivolt(unit) ?? 1) : 1);
    const { baseline, leadOff } = segment;
    this.#stream.push({ startUs: startMicros, rateMilliHz, gain, baseline, samples, leadOff });
    this.#endUs = endUs;
    this.#cadence.come(nowUs);
  }

  resume(nowUs: number): void {
    this.#cadence.resume(nowUs);
  }

  tick(nowUs: number): void {
    if (this.#cadence.isSilent(nowUs)) this.#errors.tick(nowUs);
  }
}

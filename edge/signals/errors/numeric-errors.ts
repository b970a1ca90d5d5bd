/**
 * Errors in one vital sign at one reading a second (or slower): a row is a reading or its absence.
 *
 *   flat-line      one value for the vital sign's `flatSeconds`      SpO₂ stays the same for minutes
 *   out-of-bounds  outside the plausible range                       at once
 *   data-lost      a row absent or no number, or none came           at once, or with the next row
 *   spike          `spikeStep` away from the rows before and after,  when it is over, 2 rows at most
 *                  for 1 or 2 rows
 *   drift          |mean of a minute − mean of the first ten minutes| > `driftBound`
 *                                                                    temperatures only: a heart may
 *
 * Rows come when they come: none came where the time since the last is above 1.6 times the longest of the
 * last 16 intervals, so that jitter of nearly half a row is none, and a lost row of steady ones is one.
 * Where five intervals in a row are that long, it is the rows' new pace. A row not newer than the last is
 * ignored.
 */
import { median } from '../filters.ts';
import { findVital, type Vital } from '../../vital/vital.ts';
import { LastingErrors, type StreamError } from './stream-error.ts';

export interface NumericBounds {
  readonly flatSeconds: number;
  /** In the vital sign's unit. */
  readonly spikeStep: number;
  readonly driftBound?: number;
}

/**
 * Flat times are above the longest natural ones in the shared BIDMC numerics (heart rate 93 s, pulse
 * 76 s, respiration 57 s, SpO₂ 481 s, which is a whole recording); steps above the natural 8/min a
 * second of a heart with ectopic beats.
 */
const BOUNDS: Readonly<Record<string, NumericBounds>> = {
  'heart-rate': { flatSeconds: 180, spikeStep: 25 },
  'pulse-rate': { flatSeconds: 180, spikeStep: 25 },
  'respiratory-rate': { flatSeconds: 180, spikeStep: 12 },
  spo2: { flatSeconds: 1_800, spikeStep: 8 },
  'body-temperature': { flatSeconds: 3_600, spikeStep: 0.8, driftBound: 1.5 },
  'skin-temperature': { flatSeconds: 3_600, spikeStep: 2, driftBound: 2.5 },
};
/** For a vital sign not named above. */
const DEFAULT_FLAT_SECONDS = 3_600;
const SPIKE_ROWS_MAX = 2;
const INTERVALS = 16;
/** Below so many the pace is not known, and no row is missed. */
const INTERVALS_MIN = 8;
const LATE_TIMES = 1.6;
const LATE_ROWS_MAX = 5;
const BASELINE_SECONDS = 60;
const REFERENCE_SECONDS = 600;

export const boundsOf = (vital: Vital): NumericBounds =>
  BOUNDS[vital.name] ?? {
    flatSeconds: DEFAULT_FLAT_SECONDS,
    spikeStep: (vital.max - vital.min) / 4,
  };

export class NumericErrors {
  readonly #vital: Vital;
  readonly #bounds: NumericBounds;
  readonly #errors: LastingErrors;
  #lastUs: number | undefined;
  /** Between rows, of late. */
  #intervalsUs: number[] = [];
  #lateRows = 0;
  #value: number | undefined;
  #stillUs = 0;
  /** The last reading that was no spike, and the rows since. */
  #ground: number | undefined;
  #aboveFromUs = 0;
  #aboveRows = 0;
  #above = 0;
  #baseline: number | undefined;
  #reference = 0;
  #referenceFromUs: number | undefined;
  #referenceRows = 0;

  constructor(
    vital: Vital,
    tell: (error: StreamError) => void,
    bounds: NumericBounds = boundsOf(vital),
  ) {
    this.#vital = vital;
    this.#bounds = bounds;
    this.#errors = new LastingErrors(tell);
  }

  /** `value` in the vital sign's unit, null where the row has none. */
  row(atUs: number, value: number | null): void {
    if (this.#lastUs !== undefined && !(atUs > this.#lastUs)) return;
    if (!Number.isFinite(atUs)) return;
    this.#checkPace(atUs);
    this.#lastUs = atUs;
    if (value === null || !Number.isFinite(value)) {
      this.#errors.begin('data-lost', atUs, atUs);
      this.#aboveRows = 0;
      return;
    }
    this.#errors.end('data-lost', atUs);
    const { min, max } = this.#vital;
    if (value < min || value > max) {
      this.#errors.begin('out-of-bounds', atUs, atUs);
      this.#aboveRows = 0;
      return;
    }
    this.#errors.end('out-of-bounds', atUs);
    this.#checkStill(value, atUs);
    this.#checkSpike(value, atUs);
    this.#checkDrift(value, atUs);
  }

  #checkPace(atUs: number): void {
    if (this.#lastUs === undefined) return;
    const intervalUs = atUs - this.#lastUs;
    const isKnown = this.#intervalsUs.length >= INTERVALS_MIN;
    if (isKnown && intervalUs > LATE_TIMES * Math.max(...this.#intervalsUs)) {
      this.#errors.begin('data-lost', this.#lastUs + this.#rowUs, atUs);
      if (++this.#lateRows < LATE_ROWS_MAX) return;
      this.#intervalsUs = [];
    }
    this.#lateRows = 0;
    this.#intervalsUs.push(intervalUs);
    if (this.#intervalsUs.length > INTERVALS) this.#intervalsUs.shift();
  }

  get #rowUs(): number {
    return median(this.#intervalsUs);
  }

  #checkStill(value: number, atUs: number): void {
    if (value !== this.#value) {
      this.#errors.end('flat-line', atUs);
      this.#value = value;
      this.#stillUs = atUs;
    } else if (atUs - this.#stillUs >= 1e6 * this.#bounds.flatSeconds) {
      this.#errors.begin('flat-line', this.#stillUs, atUs);
    }
  }

  #checkSpike(value: number, atUs: number): void {
    const ground = this.#ground;
    const step = ground === undefined ? 0 : value - ground;
    if (ground === undefined || Math.abs(step) <= this.#bounds.spikeStep) {
      if (this.#aboveRows > 0) this.#errors.once('spike', this.#aboveFromUs, atUs, atUs);
      this.#ground = value;
      this.#aboveRows = 0;
      return;
    }
    const isOther = this.#aboveRows > 0 && Math.sign(step) !== Math.sign(this.#above);
    if (this.#aboveRows === SPIKE_ROWS_MAX || isOther) {
      // It stays there: a step, and the new ground.
      this.#ground = value;
      this.#aboveRows = 0;
      return;
    }
    if (this.#aboveRows++ === 0) this.#aboveFromUs = atUs;
    this.#above = step;
  }

  #checkDrift(value: number, atUs: number): void {
    const { driftBound } = this.#bounds;
    if (driftBound === undefined || this.#aboveRows > 0) return;
    this.#referenceFromUs ??= atUs;
    this.#baseline ??= value;
    const rows = Math.max(1, (1e6 * BASELINE_SECONDS) / (this.#rowUs || 1e6));
    this.#baseline += (value - this.#baseline) / rows;
    if (atUs - this.#referenceFromUs < 1e6 * REFERENCE_SECONDS) {
      this.#reference += (value - this.#reference) / ++this.#referenceRows;
      return;
    }
    const off = Math.abs(this.#baseline - this.#reference);
    if (off > driftBound) this.#errors.begin('drift', atUs, atUs);
    else if (off < driftBound / 2) this.#errors.end('drift', atUs);
  }
}

/** The bounds of a vital sign by name; throws RangeError for one that is not known. */
export function numericErrors(name: string, tell: (error: StreamError) => void): NumericErrors {
  const vital = findVital(name);
  if (vital === undefined) throw new RangeError(`errors: expected a vital sign, got ${name}`);
  return new NumericErrors(vital, tell);
}

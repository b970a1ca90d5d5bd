/**
 * What an ECG's report of a second is as readings of vital signs, each a number or the reason why not:
 *
 *   heart-rate              as reported
 *   rhythm                  the flags that stand, as an index of RHYTHMS; 0 where none does
 *   hrv-sdnn, hrv-rmssd     of the last five minutes, ms
 *
 * That no flag stands is said only of a lead that can be trusted. A flag stands by its own definition
 * (rhythm.ts), and fibrillation spoils the measures of trust: a raised one has at least the fewest bars
 * a number can have. Until five minutes hold enough normal beats the reason is 'learning' for the first
 * five and 'irregular' after that.
 */
import { RHYTHMS, type RhythmFlag } from '../vital/vital.ts';
import type { EcgReport } from './ecg.ts';
import { HRV_WINDOW_S } from './hrv.ts';
import { BARS_TRUSTED_MIN, type Bars, type Estimate, type Reason } from './stream.ts';

/** The index in RHYTHMS of flags in the order of RHYTHM_FLAGS. Throws RangeError where there is none. */
export function rhythmValue(flags: readonly RhythmFlag[]): number {
  const value = RHYTHMS.findIndex((known) => known.join() === flags.join());
  if (value < 0) throw new RangeError(`rhythm: no value says ${flags.join()} at once`);
  return value;
}

export class EcgNumbers {
  readonly #tell: (vital: string, estimate: Estimate) => void;
  #sinceUs = 0;

  constructor(tell: (vital: string, estimate: Estimate) => void) {
    this.#tell = tell;
  }

  begin(startUs: number): void {
    this.#sinceUs = startUs;
  }

  second(report: EcgReport): void {
    const { hrv } = report;
    this.#tell('heart-rate', report.heartRate);
    this.#tell('rhythm', this.#rhythm(report));
    this.#tell('hrv-sdnn', this.#variability(report, hrv?.sdnnMs));
    this.#tell('hrv-rmssd', this.#variability(report, hrv?.rmssdMs));
  }

  #rhythm({ atUs, bars, reason, flags }: EcgReport): Estimate {
    if (flags.length > 0) {
      const least = Math.max(bars, BARS_TRUSTED_MIN) as Bars;
      return { atUs, value: rhythmValue(flags), bars: least };
    }
    return bars >= BARS_TRUSTED_MIN
      ? { atUs, value: 0, bars }
      : { atUs, value: null, bars, reason: reason ?? 'noise' };
  }

  #variability({ atUs, bars, reason }: EcgReport, ms: number | undefined): Estimate {
    if (ms !== undefined && Number.isFinite(ms)) return { atUs, value: ms, bars };
    const early = atUs - this.#sinceUs < HRV_WINDOW_S * 1e6;
    const why: Reason = reason ?? (early ? 'learning' : 'irregular');
    return { atUs, value: null, bars: Math.min(bars, BARS_TRUSTED_MIN - 1) as Bars, reason: why };
  }
}

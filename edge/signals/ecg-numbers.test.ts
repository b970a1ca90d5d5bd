import { describe, expect, it } from 'vitest';
import { RHYTHM_FLAGS, RHYTHMS, findVital, type RhythmFlag } from '../vital/vital.ts';
import { EcgNumbers, rhythmValue } from './ecg-numbers.ts';
import type { EcgReport } from './ecg.ts';
import type { Estimate } from './stream.ts';

const RATE: Estimate = { atUs: 400e6, value: 60, bars: 4 };
const QUIET: EcgReport = {
  ...{ atUs: 400e6, heartRate: RATE, bars: 4, reason: null, flags: [], hrv: null },
};

function told(report: Partial<EcgReport>, sinceUs = 0): Record<string, Estimate> {
  const all: Record<string, Estimate> = {};
  const numbers = new EcgNumbers((vital, estimate) => (all[vital] = estimate));
  numbers.begin(sinceUs);
  numbers.second({ ...QUIET, ...report });
  return all;
}

describe('rhythm as a reading', () => {
  // As every log has them: none of these may ever change.
  it.each([
    ['', 0],
    ['asystole', 1],
    ['vf', 2],
    ['vt', 3],
    ['bradycardia', 4],
    ['tachycardia', 5],
    ['af', 6],
    ['bradycardia af', 7],
    ['tachycardia af', 8],
  ])('%j is %i', (flags, value) => {
    const given = flags === '' ? [] : (flags.split(' ') as RhythmFlag[]);
    expect(told({ flags: given })['rhythm']).toEqual({ atUs: 400e6, value, bars: 4 });
  });

  it('has a value for each set of flags that can stand: one of the first three, or of the others', () => {
    const [asystole, vf, vt, slow, fast, af] = RHYTHM_FLAGS;
    const sets = [[], [asystole], [vf], [vt], [slow], [fast], [af], [slow, af], [fast, af]];
    expect(sets.map(rhythmValue).sort()).toEqual(RHYTHMS.map((_, value) => value));
    expect(findVital('rhythm')!.max).toBe(RHYTHMS.length - 1);
    expect(() => rhythmValue([vf, vt])).toThrow(RangeError);
  });

  it('is absent, not 0, where the lead cannot be trusted; a flag stands all the same', () => {
    const poor = { bars: 1, reason: 'noise' } as const;
    expect(told(poor)['rhythm']).toEqual({ atUs: 400e6, value: null, ...poor });
    expect(told({ ...poor, flags: ['vf'] })['rhythm']).toMatchObject({ value: 2, bars: 2 });
  });
});

describe('variability as a reading', () => {
  it('is both numbers, or why not', () => {
    const hrv = { sdnnMs: 41.5, rmssdMs: 30.25, intervals: 300 };
    expect(told({ hrv })).toMatchObject({
      'heart-rate': RATE,
      'hrv-sdnn': { value: 41.5, bars: 4 },
      'hrv-rmssd': { value: 30.25, bars: 4 },
    });
    expect(told({})['hrv-sdnn']).toMatchObject({ value: null, bars: 1, reason: 'irregular' });
    expect(told({}, 200e6)['hrv-sdnn']).toMatchObject({ value: null, reason: 'learning' });
    expect(told({ bars: 0, reason: 'lead-off' })['hrv-rmssd']).toMatchObject({
      ...{ value: null, bars: 0, reason: 'lead-off' },
    });
    const odd = { sdnnMs: 0, rmssdMs: NaN, intervals: 2 };
    expect(told({ hrv: odd })['hrv-rmssd']).toMatchObject({ value: null });
  });
});

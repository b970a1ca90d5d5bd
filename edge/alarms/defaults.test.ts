import { describe, expect, it } from 'vitest';
import { defaultLimits } from './defaults.ts';
import { checkLimits, LIMITED_VITALS } from './limits.ts';

const AGES = [0, 2, 3, 6, 9, 11, 12, 18, 24, 36, 48, 71, 72, 96, 120, 144, 180, 191, 192, 900];

describe('default limits', () => {
  it('of an adult', () => {
    const adult = {
      'heart-rate': { extremeLow: 40, low: 45, high: 130, extremeHigh: 140 },
      spo2: { extremeLow: 80, low: 88 },
      'respiratory-rate': { extremeLow: 6, low: 9, high: 24, extremeHigh: 35 },
      'body-temperature': { low: 35.1, high: 39 },
      'systolic-pressure': { low: 91, high: 219 },
    };
    expect(defaultLimits()).toEqual(adult);
    expect(defaultLimits(192)).toEqual(adult);
    expect(defaultLimits(undefined, 2).spo2).toEqual({ extremeLow: 80, low: 84 });
  });

  // Fleming 2011: first and 99th centile; hypotension and extremes of the heart by PALS.
  it.each([
    [0, 60, 107, 181, 220, 25, 66, 70],
    [11, 60, 93, 161, 220, 22, 58, 70],
    [12, 60, 88, 156, 180, 21, 53, 72],
    [30, 60, 76, 142, 180, 18, 38, 74],
    [60, 60, 65, 131, 180, 17, 29, 80],
    [84, 40, 59, 123, 180, 16, 27, 84],
    [120, 40, 52, 115, 180, 14, 25, 90],
    [150, 40, 47, 108, 180, 12, 23, 90],
    [191, 40, 43, 104, 180, 11, 22, 90],
  ])('at %d months', (age, extremeLow, low, high, extremeHigh, slow, fast, systolic) => {
    const limits = defaultLimits(age);
    expect(limits['heart-rate']).toEqual({ extremeLow, low, high, extremeHigh });
    expect(limits['respiratory-rate']).toEqual({ extremeLow: 6, low: slow, high: fast });
    expect(limits['systolic-pressure']).toEqual({ low: systolic });
  });

  it.each(AGES)('are limits that would be accepted by hand, at %d months', (age) => {
    for (const scale of [1, 2] as const) {
      const limits = defaultLimits(age, scale);
      for (const vital of LIMITED_VITALS) {
        expect(checkLimits(vital, limits[vital])).toEqual(limits[vital]);
      }
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findVital, VITALS, type Vital } from '@vitalshare/edge/vital';
import { binEdges } from '@vitalshare/edge/vital/bins';
import { type Bin, histogramOf, quantileOf } from './quantiles.ts';

const heart = findVital('heart-rate')!;

/** Plain counting of fixed-point readings, bin by bin. */
function countsOf(vital: Vital, readings: readonly number[]): number[] {
  const edges = binEdges(vital);
  const bins = edges.length - 1;
  return Array.from({ length: bins }, (_, i) => {
    const isLast = i === bins - 1;
    return readings.filter((x) => x >= edges[i]! && (x < edges[i + 1]! || isLast)).length;
  });
}

const readingsOf = (vital: Vital) =>
  fc.array(fc.integer({ min: vital.min * vital.scale, max: vital.max * vital.scale }), {
    minLength: 1,
    maxLength: 60,
  });

describe('a histogram', () => {
  it('has every bin with its edges in the unit', () => {
    const counts = new Array<number>(28).fill(0);
    counts[8] = 3;
    const bins = histogramOf(heart, counts);
    expect([bins[0], bins[8], bins[27]]).toEqual([
      { low: 0, high: 30, count: 0 },
      { low: 70, high: 75, count: 3 },
      { low: 200, high: 350, count: 0 },
    ]);
    expect(() => histogramOf(heart, [1])).toThrow('heart-rate has 28 bins, got 1 counts');
  });
});

describe('a quantile from bins', () => {
  const bins: Bin[] = [
    { low: 0, high: 10, count: 2 },
    { low: 10, high: 20, count: 0 },
    { low: 20, high: 30, count: 8 },
  ];

  it('is interpolated inside the bin that holds its rank', () => {
    // 10 readings: the 5th is the third of the eight in 20 … 30.
    expect(quantileOf(bins, 0.5)).toEqual({ at: 0.5, value: 23.75, low: 20, high: 30 });
    expect(quantileOf(bins, 0.2)).toEqual({ at: 0.2, value: 10, low: 0, high: 10 });
    expect(quantileOf(bins, 0.1)).toEqual({ at: 0.1, value: 5, low: 0, high: 10 });
    expect(quantileOf(bins, 0.21).low).toBe(20);
  });

  it('does not move a bin for a rounding: 0.07 of 100 is 7.000000000000001 in doubles', () => {
    const two = [
      { low: 0, high: 1, count: 7 },
      { low: 1, high: 2, count: 93 },
    ];
    expect(0.07 * 100).toBeGreaterThan(7);
    expect(quantileOf(two, 0.07)).toMatchObject({ low: 0, high: 1 });
  });

  it('has wider bounds where readings were not counted', () => {
    // 10 of 12: the 6th of all is the 4th to the 6th of the counted.
    expect(quantileOf(bins, 0.5, 2)).toMatchObject({ low: 20, high: 30 });
    expect(quantileOf(bins, 0.3, 4)).toMatchObject({ low: 0, high: 30 });
    expect(quantileOf(bins, 0.05, 5)).toMatchObject({ low: 0, high: 10 });
    expect(quantileOf(bins, 0.99, 5)).toMatchObject({ low: 20, high: 30 });
  });

  it('holds the true quantile between its bounds, of any readings, counted or not', () => {
    fc.assert(
      fc.property(
        fc
          .constantFrom(...VITALS)
          .chain((vital) =>
            fc.tuple(
              fc.constant(vital),
              readingsOf(vital),
              fc.array(fc.nat(), { maxLength: 20 }),
              fc.double({ min: 0.001, max: 0.999, noNaN: true }),
            ),
          ),
        ([vital, readings, drops, at]) => {
          const counted = [...readings];
          for (const drop of drops) {
            if (counted.length > 1) counted.splice(drop % counted.length, 1);
          }
          const found = histogramOf(vital, countsOf(vital, counted));
          const missing = readings.length - counted.length;
          const { value, low, high } = quantileOf(found, at, missing);
          const sorted = readings.map((x) => x / vital.scale).sort((a, b) => a - b);
          const truth = sorted[Math.max(1, Math.ceil(at * sorted.length)) - 1]!;
          expect(low <= truth && truth <= high).toBe(true);
          expect(low <= value && value <= high).toBe(true);
          if (missing === 0) {
            const edges = binEdges(vital).map((edge) => edge / vital.scale);
            expect(edges.indexOf(high) - edges.indexOf(low)).toBeLessThanOrEqual(2);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('refuses what has no quantile', () => {
    for (const at of [0, 1, -1, 2, NaN]) expect(() => quantileOf(bins, at)).toThrow(RangeError);
    expect(() => quantileOf([{ low: 0, high: 1, count: 0 }], 0.5)).toThrow('no readings');
  });
});

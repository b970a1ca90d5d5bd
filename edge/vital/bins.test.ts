import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binCount, binEdges, binOf } from './bins.ts';
import { findVital, VITALS, type Vital } from './vital.ts';

const named = (name: string): Vital => findVital(name)!;

/** Edges in the unit, as they stand in every log there is: none of these may ever change. */
const FROZEN: Record<string, string> = {
  'heart-rate':
    '0 30 40 45 50 55 60 65 70 75 80 85 90 95 100 105 110 115 120 125 130 135 140 145 150 160 180 200 350',
  'pulse-rate':
    '0 30 40 45 50 55 60 65 70 75 80 85 90 95 100 105 110 115 120 125 130 135 140 145 150 160 180 200 350',
  spo2: '0 49.5 59.5 69.5 74.5 79.5 80.5 81.5 82.5 83.5 84.5 85.5 86.5 87.5 88.5 89.5 90.5 91.5 92.5 93.5 94.5 95.5 96.5 97.5 98.5 99.5 100',
  'respiratory-rate':
    '0 5 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 28 30 35 40 50 60 150',
  'body-temperature':
    '20 32 34 35 35.2 35.4 35.6 35.8 36 36.2 36.4 36.6 36.8 37 37.2 37.4 37.6 37.8 38 38.2 38.4 38.6 38.8 39 39.5 40 41 46',
  'skin-temperature':
    '-20 0 10 20 24 26 28 29 29.5 30 30.5 31 31.5 32 32.5 33 33.5 34 34.5 35 35.5 36 36.5 37 38 39 40 45 60',
  'systolic-pressure':
    '0 40 50 60 70 75 80 85 90 95 100 105 110 115 120 125 130 135 140 145 150 155 160 170 180 200 220 250 350',
  'diastolic-pressure':
    '0 20 30 35 40 45 50 55 60 65 70 75 80 85 90 95 100 105 110 120 130 150 200 300',
  consciousness: '0 1 2 3 4 4',
  oxygen: '0 0.1 1 2 3 4 5 6 8 10 12 15 20 30 60 100',
  rhythm: '0 1 2 3 4 5 6 7 8 8',
  'hrv-sdnn': '0 5 10 15 20 25 30 35 40 45 50 60 70 80 100 120 150 200 300 500 1000',
  'hrv-rmssd': '0 5 10 15 20 25 30 35 40 45 50 60 70 80 100 120 150 200 300 500 1000',
};

describe('bins', () => {
  it.each(Object.entries(FROZEN))('of %s are as every log has them', (name, text) => {
    const vital = named(name);
    expect(binEdges(vital).map((edge) => edge / vital.scale)).toEqual(text.split(' ').map(Number));
  });

  it('are declared or equal for every vital sign, rise, and are at most 28', () => {
    expect(Object.keys(FROZEN)).toEqual(VITALS.map(({ name }) => name));
    for (const vital of VITALS) {
      const edges = binEdges(vital);
      expect(binCount(vital)).toBeLessThanOrEqual(28);
      expect(edges.every(Number.isInteger)).toBe(true);
      const inner = edges.slice(0, -1);
      expect(inner).toEqual([...new Set(inner)].sort((a, b) => a - b));
      expect(edges.at(-1)).toBeGreaterThanOrEqual(inner.at(-1)!);
    }
  });

  it('of a vital sign that declares none are 20 of equal width', () => {
    const vital = { ...named('spo2'), name: 'perfusion-index', scale: 100, min: 0, max: 30 };
    expect(binCount(vital)).toBe(20);
    expect([...binEdges(vital)]).toEqual(Array.from({ length: 21 }, (_, i) => 150 * i));
  });

  it('hold every plausible reading once: at an edge it belongs above', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...VITALS),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (v, at) => {
          const edges = binEdges(v);
          const reading = Math.round(edges[0]! + at * (edges.at(-1)! - edges[0]!));
          const bin = binOf(v, reading);
          const plain = edges.findLastIndex((edge, i) => i < edges.length - 1 && edge <= reading);
          expect(bin).toBe(plain);
          expect(reading <= edges[bin + 1]!).toBe(true);
        },
      ),
    );
    for (const vital of VITALS) {
      const edges = binEdges(vital);
      edges.slice(0, -1).forEach((edge, i) => {
        expect(binOf(vital, edge)).toBe(i);
        if (i > 0) expect(binOf(vital, edge - 1)).toBe(i - 1);
      });
      expect(binOf(vital, edges.at(-1)!)).toBe(binCount(vital) - 1);
    }
  });

  it('have no place for what is not plausible', () => {
    for (const reading of [-1, 3501, NaN]) {
      expect(() => binOf(named('heart-rate'), reading)).toThrow(RangeError);
    }
    expect(binOf(named('skin-temperature'), -20_000)).toBe(0);
  });
});

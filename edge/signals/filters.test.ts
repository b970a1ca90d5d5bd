import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Biquad, History, MovingMean, median } from './filters.ts';

/** Height of a sine after a filter, once the filter has settled. */
function gainAt(step: (x: number) => number, frequencyHz: number, rateHz: number): number {
  let peak = 0;
  for (let i = 0; i < 20 * rateHz; i++) {
    const y = step(Math.sin((2 * Math.PI * frequencyHz * i) / rateHz));
    if (i > 10 * rateHz) peak = Math.max(peak, Math.abs(y));
  }
  return peak;
}

describe('biquads', () => {
  it.each([100, 125, 250, 360, 500, 1000])('are 3 dB down at their corner at %d Hz', (rateHz) => {
    for (const kind of ['low-pass', 'high-pass'] as const) {
      const at = (frequencyHz: number) => {
        const filter = new Biquad(kind, 10, rateHz);
        return gainAt((x) => filter.step(x), frequencyHz, rateHz);
      };
      expect(at(10)).toBeCloseTo(0.7071, 2);
      expect(at(kind === 'low-pass' ? 1 : 30)).toBeGreaterThan(0.97);
      expect(at(kind === 'low-pass' ? 40 : 1)).toBeLessThan(0.07);
    }
  });

  it.each([50, 60])('a notch at %d Hz takes mains hum out and leaves 10 Hz', (mainsHz) => {
    const step = () => {
      const notch = new Biquad('notch', mainsHz, 360, 5);
      return (x: number) => notch.step(x);
    };
    expect(gainAt(step(), mainsHz, 360)).toBeLessThan(0.001);
    expect(gainAt(step(), 10, 360)).toBeGreaterThan(0.99);
  });

  it('settled on a constant, they do not ring', () => {
    const low = new Biquad('low-pass', 10, 360);
    const high = new Biquad('high-pass', 0.5, 360);
    low.settle(3);
    high.settle(3);
    for (let i = 0; i < 100; i++) {
      expect(low.step(3)).toBeCloseTo(3, 9);
      expect(high.step(3)).toBeCloseTo(0, 9);
    }
  });

  it('refuse a corner no rate can show', () => {
    expect(() => new Biquad('notch', 50, 100)).toThrow(
      'expected a frequency in (0, 50) Hz, got 50',
    );
    expect(() => new Biquad('low-pass', 0, 100)).toThrow(RangeError);
  });
});

describe('windows', () => {
  const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1 });

  it('a mean is that of the last n', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 20 }), (list, length) => {
        const mean = new MovingMean(length);
        list.forEach((value, index) => {
          const last = list.slice(Math.max(0, index - length + 1), index + 1);
          expect(mean.step(value)).toBeCloseTo(last.reduce((a, b) => a + b, 0) / length, 6);
        });
      }),
    );
  });

  it('a mean forgets a huge number altogether', () => {
    const mean = new MovingMean(3);
    [1e300, 1, 1, 1, 1, 1].forEach((value) => mean.step(value));
    expect(mean.step(1)).toBe(1);
  });

  it('history answers by index', () => {
    const history = new History(4);
    for (let i = 0; i < 10; i++) history.push(i);
    expect([6, 7, 9].map((index) => history.at(index))).toEqual([6, 7, 9]);
    expect([history.at(0), history.at(10), history.count]).toEqual([6, NaN, 10]);
  });

  it('a median needs no order', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([])]).toEqual([2, 2.5, NaN]);
  });
});

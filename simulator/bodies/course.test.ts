import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Course } from './course.ts';

describe('a number over time', () => {
  it('goes to its target, stays, and comes back', () => {
    const course = new Course(97, [{ fromS: 100, toS: 300, overS: 60, target: 85 }]);
    const expected = { 0: 97, 100: 97, 130: 91, 160: 85, 299: 85, 300: 85, 330: 91, 360: 97 };
    for (const [atS, value] of Object.entries(expected)) {
      expect(course.at(Number(atS)), `${atS} s`).toBeCloseTo(value, 9);
    }
  });

  it('turns where it is when the next state begins on its way back', () => {
    const course = new Course(80, [
      { fromS: 120, toS: Infinity, overS: 10, target: 100 },
      { fromS: 10, toS: 100, overS: 40, target: 120 },
    ]);
    expect(course.at(119.999)).toBeCloseTo(course.at(120), 2);
    expect(course.at(120)).toBeCloseTo(100, 9);
    expect(course.at(1e6)).toBe(100);
  });

  it('jumps where no time is given, and never leaves the span of mean and targets', () => {
    const course = new Course(0, [{ fromS: 5, toS: 6, overS: 0, target: 1 }]);
    expect([4.999, 5, 5.999, 6].map((atS) => course.at(atS))).toEqual([0, 1, 1, 0]);
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            gap: fc.nat(50),
            long: fc.integer({ min: 1, max: 50 }),
            overS: fc.nat(80),
            target: fc.integer({ min: 50, max: 100 }),
          }),
          { maxLength: 8 },
        ),
        fc.array(fc.nat(1000), { maxLength: 20 }),
        (list, times) => {
          let at = 0;
          const states = list.map(({ gap, long, overS, target }) => {
            const fromS = at + gap;
            at = fromS + long;
            return { fromS, toS: at, overS, target };
          });
          const [one, other] = [new Course(75, states), new Course(75, states)];
          for (const atS of times) {
            expect(one.at(atS)).toBeGreaterThanOrEqual(50 - 1e-9);
            expect(one.at(atS)).toBeLessThanOrEqual(100 + 1e-9);
          }
          // In whatever order it is asked.
          for (const atS of times.toReversed()) expect(other.at(atS)).toBe(one.at(atS));
        },
      ),
    );
  });
});

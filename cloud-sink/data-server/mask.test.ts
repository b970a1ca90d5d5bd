import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Mask } from './mask.ts';
import { Stretches } from './stretches.ts';

const slot = fc.oneof(
  fc.constantFrom(0, 31, 32, 63, 64, 3_999),
  fc.integer({ min: 0, max: 3_999 }),
);
const ranges = fc.array(
  fc.tuple(slot, slot).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b) + 1]),
  { maxLength: 6 },
);

function both(of: readonly (readonly [number, number])[]): [Mask, Set<number>] {
  const [mask, set] = [new Mask(), new Set<number>()];
  for (const [from, to] of of) {
    mask.add(from, to);
    for (let i = from; i < to; i++) set.add(i);
  }
  return [mask, set];
}

/** Bit i mod 8 of byte ⌊i/8⌋. */
const slotsOf = ({ bytes }: Mask): number[] =>
  Array.from({ length: 4_000 }, (_, i) => i).filter((i) => (bytes[i >> 3]! >> (i & 7)) & 1);

describe('a mask', () => {
  it('is the set of its slots', () => {
    fc.assert(
      fc.property(ranges, ranges, slot, slot, (a, b, x, y) => {
        const [mask, set] = both(a);
        const [other, otherSet] = both(b);
        expect(slotsOf(mask)).toEqual([...set].sort((m, n) => m - n));
        expect(mask.count()).toBe(set.size);
        expect(mask.holds(other)).toBe([...otherSet].every((i) => set.has(i)));
        expect(mask.equals(other)).toBe(
          set.size === otherSet.size && [...set].every((i) => otherSet.has(i)),
        );
        const [from, to] = [Math.min(x, y), Math.max(x, y)];
        for (const isIn of [true, false]) {
          const met: number[] = [];
          let end = -1;
          mask.eachStretch(from, to, isIn, (first, slots) => {
            expect(slots).toBeGreaterThan(0);
            expect(first).toBeGreaterThan(end);
            end = first + slots;
            for (let i = first; i < end; i++) met.push(i);
          });
          const range = Array.from({ length: to - from }, (_, i) => from + i);
          expect(met).toEqual(range.filter((i) => set.has(i) === isIn));
        }
        mask.and(other);
        expect(mask.count()).toBe([...set].filter((i) => otherSet.has(i)).length);
        mask.setOnly(from, to);
        expect(mask.count()).toBe(to - from);
        mask.setOnly(0, 4_000);
        expect(mask.count()).toBe(4_000);
      }),
      { numRuns: 200 },
    );
  });
});

it('stretches sort by slot with all that belongs to them', () => {
  const stretches = new Stretches();
  stretches.push(0, 2 ** 40, 100, 5);
  stretches.push(1, 7, 20, 3);
  stretches.push(0, 9, 50, 1);
  stretches.sort();
  const rows = [0, 1, 2].map((i) => [
    stretches.firsts[i],
    stretches.slots[i],
    stretches.parts[i],
    stretches.positions[i],
  ]);
  expect(rows).toEqual([
    [20, 3, 1, 7],
    [50, 1, 0, 9],
    [100, 5, 0, 2 ** 40],
  ]);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chiSquared, mergeBins } from './chi-squared.ts';
import { type Patient, sumsOf } from './patients.fixture.ts';
import { loadDistributions } from './distributions.ts';
import { StatisticError } from './statistics.ts';

type Matrix = readonly (readonly number[])[];
const times = (a: Matrix, b: Matrix): number[][] =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0)));
const transposed = (a: Matrix): number[][] => a[0]!.map((_, j) => a.map((row) => row[j]!));
const traceOf = (a: Matrix): number => a.reduce((sum, row, i) => sum + row[i]!, 0);

/** Every patient's own residuals, and M = L·V·Lᵀ as matrices, in plain doubles. */
function independently(groups: readonly (readonly Patient[])[]) {
  const cells = groups[0]![0]!.length;
  const n = groups.map((group) => group.flat().reduce((a, b) => a + b, 0));
  const all = n.reduce((a, b) => a + b, 0);
  const p = groups.map((group, i) =>
    Array.from({ length: cells }, (_, j) => group.reduce((sum, c) => sum + c[j]!, 0) / n[i]!),
  );
  const pooled = Array.from({ length: cells }, (_, j) =>
    p.reduce((sum, pi, i) => sum + (n[i]! / all) * pi[j]!, 0),
  );
  const size = groups.length * cells;
  const v = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  groups.forEach((group, i) => {
    for (const patient of group) {
      const m = patient.reduce((a, b) => a + b, 0);
      const z = patient.map((c, j) => (c - p[i]![j]! * m) / n[i]!);
      for (let a = 0; a < cells; a++) {
        for (let b = 0; b < cells; b++) {
          v[i * cells + a]![i * cells + b]! += (group.length / (group.length - 1)) * z[a]! * z[b]!;
        }
      }
    }
  });
  const l = Array.from({ length: size }, (_, row) => {
    const [i, j] = [Math.floor(row / cells), row % cells];
    return Array.from({ length: size }, (__, column) => {
      const [k, a] = [Math.floor(column / cells), column % cells];
      if (a !== j) return 0;
      return Math.sqrt(n[i]! / pooled[j]!) * ((i === k ? 1 : 0) - n[k]! / all);
    });
  });
  const m = times(times(l, v), transposed(l));
  let pearson = 0;
  p.forEach((pi, i) =>
    pi.forEach((pij, j) => (pearson += (n[i]! * (pij - pooled[j]!) ** 2) / pooled[j]!)),
  );
  const above = traceOf(m) ** 2 / traceOf(times(m, m));
  // What each group alone adds to the trace: L·V·Lᵀ with the other groups' V at zero.
  const parts = groups.map((_, i) => {
    const inside = (row: number): boolean => Math.floor(row / cells) === i;
    const own = v.map((row, a) => row.map((x, b) => (inside(a) && inside(b) ? x : 0)));
    return traceOf(times(times(l, own), transposed(l)));
  });
  const spread = parts.reduce((sum, a, i) => sum + a ** 2 / (groups[i]!.length - 1), 0);
  return { pearson, f: pearson / traceOf(m), above, below: (above * traceOf(m) ** 2) / spread };
}

const near = (got: number, expected: number): void =>
  expect(Math.abs(got - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected));

describe('χ² between groups of patients', () => {
  it('equals an independent computation from the patients themselves', () => {
    const group = (cells: number) =>
      fc.array(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: cells, maxLength: cells }), {
        minLength: 3,
        maxLength: 12,
      });
    fc.assert(
      fc.property(
        fc
          .tuple(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 2, max: 6 }))
          .chain(([r, c]) => fc.tuple(...Array.from({ length: r }, () => group(c)))),
        (groups) => {
          const expected = independently(groups);
          fc.pre(expected.pearson > 1e-3 && Number.isFinite(expected.f));
          const got = chiSquared(groups.map(sumsOf));
          near(got.pearson, expected.pearson);
          near(got.f, expected.f);
          near(got.degreesOfFreedom[0], expected.above);
          near(got.degreesOfFreedom[1], expected.below);
          const cells = groups[0]![0]!.length;
          near(got.designEffect * got.f, got.pearson / ((groups.length - 1) * (cells - 1)));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('of one reading a patient is nearly the χ² of a textbook', () => {
    // 2 × 3 table of 200 and 300 patients with one reading each.
    const table = [
      [60, 80, 60],
      [90, 150, 60],
    ];
    const groups = table.map((counts) =>
      counts.flatMap((count, j) =>
        Array.from({ length: count }, () => counts.map((_, cell) => (cell === j ? 1 : 0))),
      ),
    );
    const { pearson, f, designEffect } = chiSquared(groups.map(sumsOf));
    // By hand: expected 60 92 48 and 90 138 72; Σ (o − e)²/e.
    near(pearson, 144 / 92 + 144 / 48 + 144 / 138 + 144 / 72);
    expect(designEffect).toBeGreaterThan(0.97);
    expect(designEffect).toBeLessThan(1.03);
    expect(Math.abs(f / (pearson / 2) - 1)).toBeLessThan(0.03);
  });

  it('refuses what tells nothing, and what no patients can have', () => {
    const same = sumsOf([
      [5, 5],
      [10, 10],
    ]);
    expect(() => chiSquared([same, same])).toThrow(StatisticError);
    const good = sumsOf([
      [5, 1],
      [2, 10],
      [4, 4],
    ]);
    expect(() => chiSquared([good])).toThrow(RangeError);
    expect(() => chiSquared([good, { ...good, products: [0n, 0n, 0n] }])).toThrow(
      expect.objectContaining({ code: 'impossible' }),
    );
  });
});

describe('cells of merged bins', () => {
  it('hold what five patients of the smallest group would, lowest bins first', () => {
    // A tenth of the readings in each of ten bins; with 20 patients five are a quarter.
    const even = new Array<bigint>(10).fill(100n);
    expect(mergeBins(even, 20, 10)).toEqual([0, 3, 6]);
    expect(mergeBins(even, 50, 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(mergeBins(even, 50, 4)).toEqual([0, 1, 2, 3]);
    expect(mergeBins(even, 10, 10)).toEqual([0, 5]);
    expect(mergeBins(even, 9, 10)).toBeNull();
    expect(mergeBins([0n, 0n, 7n, 0n, 93n, 0n], 60, 10)).toBeNull();
    expect(mergeBins([0n, 0n, 9n, 0n, 91n, 0n], 60, 10)).toEqual([0, 3]);
  });

  it('never begin behind the last reading, whatever the counts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt(0n, 500n), { minLength: 2, maxLength: 40 }),
        fc.integer({ min: 2, max: 80 }),
        (counts, patients) => {
          const cells = mergeBins(counts, patients, 10);
          const all = counts.reduce((a, b) => a + b, 0n);
          if (cells === null) return;
          cells.forEach((first, i) => {
            const held = counts.slice(first, cells[i + 1]).reduce((a, b) => a + b, 0n);
            expect(held * BigInt(patients) >= 5n * all).toBe(true);
          });
        },
      ),
    );
  });
});

describe("Fisher's distribution", () => {
  it('has the tails of printed tables', async () => {
    const dists = await loadDistributions();
    // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.3: upper 5 % and 1 % points.
    for (const [above, below, five, one] of [
      [1, 10, 4.965, 10.044],
      [3, 20, 3.098, 4.938],
      [10, 60, 1.993, 2.632],
    ] as const) {
      expect(dists.fTail(five, above, below)).toBeCloseTo(0.05, 3);
      expect(dists.fTail(one, above, below)).toBeCloseTo(0.01, 3);
    }
    expect(dists.fTail(0, 3, 20)).toBe(1);
    expect(dists.fTail(1e6, 30, 1e6)).toBe(0);
  });
});

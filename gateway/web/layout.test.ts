import { describe, expect, it } from 'vitest';
import { layoutOf } from './layout.ts';

/** Full HD less the top bar and the foot. */
const FULL_HD = [1920, 1000] as const;

describe('the wall', () => {
  it.each([
    [1, 1],
    [2, 2],
    [4, 2],
    [5, 3],
    [6, 3],
    [7, 4],
    [12, 4],
    [13, 5],
    [20, 5],
    [21, 6],
    [30, 6],
    [31, 7],
    [42, 7],
    [43, 8],
    [64, 8],
    [200, 8],
  ])('puts %i beds into %i columns', (beds, columns) => {
    expect(layoutOf(beds, 3840, 2080).columns).toBe(columns);
  });

  it('has full tiles with 84 px numbers for 12 beds at full HD', () => {
    const layout = layoutOf(12, ...FULL_HD);
    expect(layout).toMatchObject({ mode: 'full', foot: true });
    expect(layout.numberPx).toBeGreaterThan(83);
    expect(layout.numberPx).toBeLessThan(85);
    expect(layout.tileHeightPx).toBeGreaterThanOrEqual(312);
  });

  it('has middle tiles on a laptop and dense ones for 64 beds', () => {
    expect(layoutOf(12, 1366, 688).mode).toBe('middle');
    const dense = layoutOf(64, ...FULL_HD);
    expect(dense.mode).toBe('dense');
    expect(dense.numberPx).toBeGreaterThanOrEqual(42);
  });

  it.each([1, 2, 4, 6, 12, 13, 20, 30, 42, 64])('shows %i beds on one screen', (beds) => {
    const { columns, tileHeightPx } = layoutOf(beds, ...FULL_HD);
    const rows = Math.ceil(beds / columns);
    const gapPx = columns >= 7 ? 4 : 8;
    expect(rows * tileHeightPx + (rows + 2) * gapPx).toBeLessThanOrEqual(1000);
  });

  it('becomes a list on a phone and on a wall at 200 % zoom', () => {
    expect(layoutOf(12, 390, 764).mode).toBe('row');
    expect(layoutOf(1, 390, 764).mode).toBe('row');
    expect(layoutOf(12, 960, 460).mode).toBe('row');
  });
});

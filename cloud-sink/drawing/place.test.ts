import { describe, expect, it } from 'vitest';
import { fitWave, placeWave } from './place.ts';

const BOX = { heightPx: 124, roomPx: 88 };
/** 3.6 px/mm at 10 mm/mV. */
const PX_PER_MV = 36;

describe('a calibrated wave', () => {
  it('of 1.5 mV keeps 10 mm/mV, inside its box', () => {
    const place = placeWave({ lo: -0.3, hi: 1.2 }, BOX, PX_PER_MV);
    expect(place).toMatchObject({ pxPerUnit: 36, part: 1 });
    const bottomPx = place.baselinePx + 0.3 * 36;
    const topPx = place.baselinePx - 1.2 * 36;
    expect(bottomPx).toBeLessThanOrEqual(118);
    expect(topPx).toBeGreaterThanOrEqual(124 - 88);
  });

  it('taller than its box is drawn at half gain, then at a quarter, and says so', () => {
    expect(placeWave({ lo: -1, hi: 2.4 }, BOX, PX_PER_MV).part).toBe(0.5);
    expect(placeWave({ lo: -1, hi: 2.4 }, BOX, PX_PER_MV).pxPerUnit).toBe(18);
    expect(placeWave({ lo: -5, hi: 5 }, BOX, PX_PER_MV).part).toBe(0.25);
  });

  it('that may use the whole box stands on its foot', () => {
    const { baselinePx } = placeWave({ lo: 0, hi: 3.2 }, BOX, PX_PER_MV);
    expect(baselinePx).toBe(118);
  });

  it.each([0.5, 1, 2, 3, 3.2, 3.3, 5, 6.4, 6.6, 12])('of %d mV is drawn inside its box', (hi) => {
    const { baselinePx, pxPerUnit } = placeWave({ lo: -0.1, hi: hi - 0.1 }, BOX, PX_PER_MV);
    expect(baselinePx - (hi - 0.1) * pxPerUnit).toBeGreaterThanOrEqual(2);
    expect(baselinePx + 0.1 * pxPerUnit).toBeLessThanOrEqual(118 + 1e-9);
  });
});

describe('a wave without a calibrated unit', () => {
  it('fills 62 % of its room, whatever its numbers', () => {
    for (const scale of [1e-3, 1, 1e6]) {
      const place = fitWave({ lo: 2 * scale, hi: 3 * scale }, BOX);
      expect(place.pxPerUnit * scale).toBeCloseTo(0.62 * 88);
      expect(place.baselinePx - 2 * scale * place.pxPerUnit).toBeCloseTo(112);
    }
  });

  it('without height lies on its foot', () => {
    expect(fitWave({ lo: 5, hi: 5 }, BOX)).toEqual({ pxPerUnit: 0, baselinePx: 112, part: 1 });
  });
});

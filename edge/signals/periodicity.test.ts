import { describe, expect, it } from 'vitest';
import { parabolaTop, periodicity, shareBesideTone } from './periodicity.ts';
import { sampled, normal } from './waves.fixture.ts';

const tone = (period: number, length = 300) =>
  Float64Array.from({ length }, (_, i) => Math.sin((2 * Math.PI * i) / period));

describe('periodicity', () => {
  it.each([8, 13.3, 25, 40.5, 59])('finds a period of %d samples, to a hundredth', (period) => {
    const found = periodicity(tone(period), 7, 60);
    expect(Math.abs(found.period - period)).toBeLessThan(0.1);
    expect(found.strength).toBeGreaterThan(0.97);
  });

  it('takes the first repetition, not the second', () => {
    expect(periodicity(tone(20), 7, 100).period).toBeCloseTo(20, 1);
  });

  it('takes the whole of a wave whose halves differ', () => {
    const wave = tone(40).map((x, i) => x + 0.9 * Math.sin((4 * Math.PI * i) / 40 + 1));
    expect(periodicity(wave, 7, 60).period).toBeCloseTo(40, 0);
  });

  it('has no period for what repeats faster than asked, and says how strongly it does', () => {
    const found = periodicity(tone(5.3), 7, 60);
    expect(found.period).toBeNaN();
    expect(found.strength).toBeGreaterThan(0.8);
  });

  it('of noise is weak, of nothing is none', () => {
    const draw = normal(1);
    expect(periodicity(Float64Array.from(sampled(300, 1, draw)), 7, 60).strength).toBeLessThan(
      0.35,
    );
    expect(periodicity(new Float64Array(300), 7, 60)).toEqual({ period: NaN, strength: 0 });
    expect(periodicity(new Float64Array(0), 7, 60)).toEqual({ period: NaN, strength: 0 });
  });
});

describe('the share beside a tone', () => {
  it('is 0 of the tone, a half of two equal ones, 1 without a period', () => {
    expect(shareBesideTone(tone(30), 30)).toBeCloseTo(0, 6);
    expect(
      shareBesideTone(
        tone(30).map((x, i) => x + tone(10)[i]!),
        30,
      ),
    ).toBeCloseTo(0.5, 3);
    expect(shareBesideTone(tone(30), NaN)).toBe(1);
  });
});

it('the top of a parabola lies between samples', () => {
  const at = (x: number) => 5 - (x - 10.3) ** 2;
  const values = Array.from({ length: 20 }, (_, i) => at(i));
  expect(parabolaTop(values, 10)).toBeCloseTo(0.3, 9);
});

import { describe, expect, it } from 'vitest';
import { Oximeter, type LightSample, type Spo2Estimate } from './oximeter.ts';
import { ratioOfRatios } from './ratio.ts';
import { SPO2_CURVES, curveOfPolynomial, curveOfTable, type Spo2Curve } from './spo2-curves.ts';
import { noise, normal, pleth } from './waves.fixture.ts';

const RATE_HZ = 100;

interface Finger {
  /** Pulsation of infrared over its level. */
  readonly perfusion?: number;
  /** Deviation of the noise of each colour, over the pulsation of infrared. */
  readonly noise?: number;
  /** Light of the room, over that of infrared. */
  readonly ambient?: number;
  readonly seconds?: number;
}

/** Light through a finger whose ratio of ratios is known. Blood takes light away. */
function finger(ratio: number, given: Finger = {}): LightSample[] {
  const { perfusion = 0.02, noise: level = 0, ambient = 0, seconds = 30 } = given;
  const [one, two, three] = [normal(11), normal(12), normal(13)];
  const pulse = pleth(seconds, RATE_HZ, () => 0.8 + 0.02 * three());
  return pulse.map((x) => ({
    red: 30_000 * (1 - perfusion * ratio * x + perfusion * level * one()),
    infrared: 50_000 * (1 - perfusion * x + perfusion * level * two()),
    ambient: ambient * 50_000,
  }));
}

function measure(samples: readonly LightSample[], curve?: Spo2Curve): Spo2Estimate[] {
  const estimates: Spo2Estimate[] = [];
  const oximeter = new Oximeter((one) => estimates.push(one), undefined, curve);
  oximeter.begin(0, RATE_HZ);
  samples.forEach((sample) => oximeter.sample(sample));
  return estimates;
}

const last = (estimates: readonly Spo2Estimate[]): Spo2Estimate => estimates.at(-1)!;

describe('SpO2 from red and infrared', () => {
  // 110 − 25 R, by hand.
  it.each([
    [0.4, 100],
    [0.52, 97],
    [0.8, 90],
    [1, 85],
    [1.4, 75],
  ])('a ratio of %d is %d %%', (ratio, spo2) => {
    const { value, bars, ratio: found } = last(measure(finger(ratio)));
    expect(Math.abs(found - ratio)).toBeLessThan(0.005);
    expect(Math.abs(value! - spo2)).toBeLessThan(0.15);
    expect(bars).toBe(4);
  });

  it.each([0.5, 0.8, 1.2])(
    'with noise a tenth as high as the pulse, ratio %d is right to 2 %%',
    (ratio) => {
      const errors = measure(finger(ratio, { noise: 0.1, seconds: 60 }))
        .slice(20)
        .map(({ value }) => Math.abs(value! - (110 - 25 * ratio)));
      expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.7);
      expect(Math.max(...errors)).toBeLessThan(2);
    },
  );

  it('light of the room is taken away where the sensor measures it, and matters where not', () => {
    const lit = finger(0.52, { ambient: 0.5 }).map(({ red, infrared, ambient = 0 }) => ({
      ...{ red: red + ambient, infrared: infrared + ambient, ambient },
    }));
    expect(Math.abs(last(measure(lit)).value! - 97)).toBeLessThan(0.15);
    const blind = lit.map(({ red, infrared }) => ({ red, infrared }));
    expect(Math.abs(last(measure(blind)).ratio - 0.52)).toBeGreaterThan(0.05);
  });

  // Movement sways the venous blood too, and by the same part of each colour: a ratio near 1, or 85 %.
  it.each([0.5, 1, 2.5])('movement with a ratio of %d of its own has no number', (own) => {
    const draw = noise(3, RATE_HZ, 0.2);
    const moved = finger(0.52, { seconds: 40 }).map(({ red, infrared }, i) => {
      const shake = i > 2000 && i < 2800 ? 0.05 * draw() : 0;
      return { red: red * (1 + own * shake), infrared: infrared * (1 + shake) };
    });
    const estimates = measure(moved);
    expect(Math.abs(estimates[18]!.value! - 97)).toBeLessThan(0.3);
    for (const { value } of estimates.slice(21, 32)) expect(value).toBeNull();
    for (const { value } of estimates.slice(18)) {
      if (value !== null) expect(Math.abs(value - 97)).toBeLessThan(2);
    }
  });

  it('a shake too small to hide the pulse never carries the number far', () => {
    for (const own of [1, 1.4]) {
      const draw = noise(5, RATE_HZ, 0.2);
      const moved = finger(0.52, { seconds: 40 }).map(({ red, infrared }, i) => {
        const shake = i > 2000 && i < 2300 ? 0.008 * draw() : 0;
        return { red: red * (1 + own * shake), infrared: infrared * (1 + shake) };
      });
      for (const { value } of measure(moved).slice(18)) {
        if (value !== null) expect(Math.abs(value - 97)).toBeLessThan(3);
      }
    }
  });

  // R = 1.4 is 75 %: a hand that moves both colours nearly alike pulls towards 85 %.
  it.each([0.002, 0.004, 0.008, 0.016])(
    'a hand that goes on shaking by %d of the light is wrong by less than 4 at 75 %, or absent',
    (part) => {
      const draws = [noise(7, RATE_HZ, 0.25), noise(8, RATE_HZ, 0.25)] as const;
      const moved = finger(1.4, { seconds: 60 }).map(({ red, infrared }) => {
        const [mine, yours] = [part * draws[0](), part * draws[1]()];
        const other = 0.9 * mine + Math.sqrt(1 - 0.9 * 0.9) * yours;
        return { red: red * (1 + other), infrared: infrared * (1 + mine) };
      });
      for (const { value } of measure(moved)) {
        if (value !== null) expect(Math.abs(value - 75)).toBeLessThan(4);
      }
    },
  );

  it('an empty clip, a faint pulse, a ratio no curve was made for', () => {
    const draw = [normal(1), normal(2)] as const;
    const empty = Array.from({ length: 3000 }, () => ({
      ...{ red: 900 + 0.05 * draw[0](), infrared: 1100 + 0.05 * draw[1]() },
    }));
    expect(last(measure(empty))).toMatchObject({ value: null, reason: 'no-finger' });
    expect(last(measure(finger(0.5, { perfusion: 0.0008 })))).toMatchObject({
      ...{ value: null, reason: 'low-perfusion' },
    });
    expect(last(measure(finger(1.8)))).toMatchObject({ value: null, reason: 'out-of-range' });
    expect(last(measure(finger(0.2)))).toMatchObject({ value: null, reason: 'out-of-range' });
    const dark = Array.from({ length: 3000 }, () => ({ red: 0, infrared: 0 }));
    expect(last(measure(dark))).toMatchObject({ value: null, reason: 'flat' });
    const missing = Array.from({ length: 3000 }, () => ({ red: NaN, infrared: 5 }));
    expect(last(measure(missing))).toMatchObject({ value: null, reason: 'no-data' });
    expect(measure([])).toEqual([]);
  });

  it('a rate too low for a pulse says so', () => {
    const estimates: Spo2Estimate[] = [];
    const oximeter = new Oximeter((one) => estimates.push(one));
    oximeter.begin(0, 1);
    for (let i = 0; i < 30; i++) oximeter.sample({ red: 1 + (i % 2), infrared: 2 + (i % 2) });
    expect(last(estimates)).toMatchObject({ value: null, reason: 'rate-too-low' });
  });
});

describe('curves', () => {
  it('are named, with their source, and can be replaced', () => {
    expect(SPO2_CURVES['110-25R'].spo2OfRatio(0.6)).toBeCloseTo(95, 9);
    expect(SPO2_CURVES.max30101.spo2OfRatio(0.5)).toBeCloseTo(95.759, 2);
    for (const [name, curve] of Object.entries(SPO2_CURVES)) {
      expect(curve.name).toBe(name);
      expect(curve.source).not.toBe('');
    }
    const maker = curveOfTable('maker', 'a test', [
      ...([
        [0.4, 100],
        [1, 85],
        [2, 50],
      ] as const),
    ]);
    expect([0.4, 0.7, 1.5, 3].map(maker.spo2OfRatio)).toEqual([100, 92.5, 67.5, 15]);
    expect(last(measure(finger(0.8), maker)).value!).toBeCloseTo(90, 0);
    expect(curveOfPolynomial('p', 'a test', [1, 2, 3]).spo2OfRatio(2)).toBe(17);
  });

  it('a table must rise', () => {
    expect(() => curveOfTable('maker', 'a test', [[1, 85]])).toThrow('expected two or more points');
    expect(() =>
      curveOfTable('maker', 'a test', [
        [1, 85],
        [1, 80],
      ]),
    ).toThrow(RangeError);
  });
});

it('a ratio of ratios of whole stretches is that of the finger', () => {
  const samples = finger(0.7);
  const [red, infrared] = [samples.map((s) => s.red), samples.map((s) => s.infrared)];
  expect(ratioOfRatios(red, infrared, RATE_HZ)).toBeCloseTo(0.7, 2);
  expect(ratioOfRatios([1, 2], [1, 2], RATE_HZ)).toBeNaN();
});

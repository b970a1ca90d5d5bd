import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PulseDetector, type PlethBeat, type PulseOptions } from './pulse.ts';
import { SegmentStream, type Estimate } from './stream.ts';
import {
  answers,
  noise,
  normal,
  pleth,
  pulseShape,
  run,
  sampled,
  uniform,
} from './waves.fixture.ts';

const pulse = (samples: readonly number[], rateHz: number, options: PulseOptions = {}) =>
  run((onEstimate) => new PulseDetector(onEstimate, options), samples, rateHz);

const steady = (perMinute: number, rateHz = 125, seconds = 40) =>
  pleth(seconds, rateHz, () => 60 / perMinute);

/** What is said at the end. */
const last = (estimates: readonly Estimate[]): Estimate => estimates.at(-1)!;

describe('pulse rate', () => {
  it.each([32, 45, 60, 75, 100, 140, 180, 220])('is %d where the pulse is', (perMinute) => {
    const estimate = last(pulse(steady(perMinute), 125));
    expect(estimate.value).not.toBeNull();
    expect(Math.abs(estimate.value! - perMinute)).toBeLessThan(1);
    expect(estimate.bars).toBe(4);
  });

  it.each([20, 25, 30, 64, 100, 250, 500, 10_000])('is the same at %d Hz', (rateHz) => {
    expect(Math.abs(last(pulse(steady(72, rateHz, 20), rateHz)).value! - 72)).toBeLessThan(0.5);
  });

  it('comes once a whole second, the first after 14', () => {
    const estimates = pulse(steady(72), 125);
    expect(estimates.map(({ atUs }) => atUs)).toEqual(
      Array.from({ length: 40 }, (_, i) => (i + 1) * 1e6),
    );
    expect(answers(estimates)).toEqual({ learning: 13, number: 27 });
  });

  it('is the same where the pleth is upside down, or in other units', () => {
    const draw = normal(1);
    const wave = pleth(60, 125, () => 0.8 + 0.02 * draw());
    const upright = pulse(wave, 125);
    const inverted = pulse(
      wave.map((x) => 4000 - 250 * x),
      125,
    );
    expect(answers(inverted)).toEqual(answers(upright));
    upright.forEach(({ value }, i) => {
      if (value !== null) expect(Math.abs(inverted[i]!.value! - value)).toBeLessThan(1.5);
    });
  });

  it('follows a change of 20 a minute within its window', () => {
    const estimates = pulse(
      pleth(120, 125, (atS) => 60 / (atS < 60 ? 70 : 90)),
      125,
    );
    expect(estimates[58]!.value).toBeCloseTo(70, 0);
    expect(estimates[76]!.value).toBeCloseTo(90, 0);
  });

  it('of an irregular heart is its mean, with two bars', () => {
    const draw = uniform(5);
    const samples = pleth(120, 125, () => 0.45 + 0.6 * draw());
    const given = pulse(samples, 125).filter(({ value }) => value !== null);
    expect(given.length).toBeGreaterThan(60);
    for (const { value } of given) expect(Math.abs(value! - 80)).toBeLessThan(15);
    expect(given.filter(({ bars }) => bars === 2).length).toBeGreaterThan(given.length / 2);
  });

  it('tells beats with their height, at most 3 s late and each once', () => {
    const beats: (PlethBeat & { toldUs: number })[] = [];
    let nowUs = 0;
    const detector = new PulseDetector(() => undefined, {
      onBeat: (beat) => beats.push({ ...beat, toldUs: nowUs }),
    });
    detector.begin(0, 125);
    steady(75, 125, 60).forEach((value, i) => {
      nowUs = (i + 1) * 8000;
      detector.sample(value);
    });
    expect(beats.length).toBeGreaterThan(70);
    const gaps = beats.slice(1).map(({ atUs }, i) => atUs - beats[i]!.atUs);
    for (const gap of gaps) expect(Math.abs(gap - 800_000)).toBeLessThan(15_000);
    for (const { height, atUs, toldUs } of beats.slice(15)) {
      expect(height).toBeGreaterThan(0.8);
      expect(toldUs - atUs).toBeLessThan(3_100_000);
    }
  });

  it('does not depend on how the samples were cut', () => {
    const draw = normal(3);
    const samples = Float64Array.from(pleth(24, 50, () => 0.8 + 0.03 * draw()));
    const told = (cuts: readonly number[]) => {
      const estimates: Estimate[] = [];
      const stream = new SegmentStream(new PulseDetector((one) => estimates.push(one)));
      let from = 0;
      for (const length of [...cuts, samples.length]) {
        const part = samples.subarray(from, from + length);
        stream.push({
          startUs: from * 20_000,
          rateMilliHz: 50_000,
          gain: 1,
          baseline: 0,
          samples: part,
        });
        from += part.length;
      }
      stream.close();
      return estimates;
    };
    const whole = told([]);
    expect(answers(whole)['number']).toBe(11);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 })), (cuts) => {
        expect(told(cuts)).toEqual(whole);
      }),
      { numRuns: 25 },
    );
  });
});

describe('no pulse without a finger', () => {
  it.each([0, 0.1, 2])(
    'noise with a memory of %d s gives a number in under 1 of 1000 seconds',
    (memoryS) => {
      let numbers = 0;
      for (let seed = 0; seed < 10; seed++) {
        const draw = noise(100 * memoryS + seed, 50, memoryS);
        numbers += answers(pulse(sampled(200, 50, draw), 50))['number'] ?? 0;
      }
      expect(numbers).toBeLessThan(2);
    },
  );

  it.each([25, 30, 64, 100, 125, 250])(
    'hum of the mains and its flicker at %d Hz gives none',
    (rateHz) => {
      for (const mainsHz of [50, 60, 100, 120]) {
        const draw = normal(mainsHz);
        const hum = (t: number) => 10 + Math.sin(2 * Math.PI * mainsHz * t + 1) + 0.001 * draw();
        expect(answers(pulse(sampled(40, rateHz, hum), rateHz))['number']).toBeUndefined();
      }
    },
  );

  it('one sine in the band is no pulse', () => {
    for (const hz of [0.7, 1.2, 2.2]) {
      const tone = sampled(40, 125, (t) => Math.sin(2 * Math.PI * hz * t));
      expect(last(pulse(tone, 125))).toMatchObject({ value: null, reason: 'noise' });
    }
  });

  it('a level of light that hardly moves is an empty clip', () => {
    const draw = normal(9);
    const room = sampled(40, 125, () => 50_000 + 2 * draw());
    expect(last(pulse(room, 125, { coupling: 'dc' }))).toMatchObject({
      value: null,
      reason: 'no-finger',
    });
    expect(last(pulse(room, 125))).toMatchObject({ value: null, reason: 'noise' });
  });

  it('a pulse of 0.01 % of the light is low perfusion', () => {
    const faint = steady(72).map((x) => 50_000 + 5 * x);
    expect(last(pulse(faint, 125, { coupling: 'dc' }))).toMatchObject({
      ...{ value: null, reason: 'low-perfusion' },
    });
    const weak = steady(72).map((x) => 50_000 + 250 * x);
    expect(last(pulse(weak, 125, { coupling: 'dc' })).value).toBeCloseTo(72, 0);
  });

  it('movement is motion, and the pulse is back one window later', () => {
    const draw = noise(4, 125, 0.2);
    const samples = steady(72, 125, 90).map((x, i) => (i >= 5000 && i < 5500 ? x + 8 * draw() : x));
    const estimates = pulse(samples, 125);
    expect(estimates[38]!.value).toBeCloseTo(72, 0);
    expect(estimates[43]).toMatchObject({ value: null, reason: 'motion' });
    expect(estimates[62]!.value).toBeCloseTo(72, 0);
  });
  it('a pulse that is five times as high, and no better, is believed within a minute', () => {
    const draw = noise(4, 125, 0.1);
    const rough = (x: number, i: number) => (i < 5000 ? x : 5 * (x + 0.2 * draw()));
    const estimates = pulse(steady(72, 125, 120).map(rough), 125);
    expect(estimates.at(-1)!.value).toBeCloseTo(72, -1);
  });
});

describe('bad input is named', () => {
  const cases: Record<string, [samples: number[], rateHz: number, reason: string]> = {
    'all missing': [Array<number>(5000).fill(NaN), 125, 'no-data'],
    constant: [Array<number>(5000).fill(7), 125, 'flat'],
    zero: [Array<number>(5000).fill(0), 125, 'flat'],
    '1 Hz': [sampled(60, 1, (t) => pulseShape(t % 0.8, 0.8)), 1, 'rate-too-low'],
    '10 Hz': [steady(72, 10), 10, 'rate-too-low'],
    saturated: [steady(72).map((x) => Math.min(0.25, x)), 125, 'saturated'],
    'a third missing': [steady(72).map((x, i) => (i % 125 < 42 ? NaN : x)), 125, 'no-data'],
  };
  it.each(Object.entries(cases))('%s', (_, [samples, rateHz, reason]) => {
    expect(last(pulse(samples, rateHz))).toMatchObject({ value: null, reason });
  });

  it('empty and a single sample say nothing at all', () => {
    expect(pulse([], 125)).toEqual([]);
    expect(pulse([1], 125)).toEqual([]);
  });

  it('a stretch without a finger says the stream’s own reason', () => {
    const estimates: Estimate[] = [];
    const detector = new PulseDetector((one) => estimates.push(one));
    detector.begin(0, 125);
    for (let i = 0; i < 2000; i++) detector.missing('lead-off');
    expect(last(estimates)).toMatchObject({ value: null, reason: 'lead-off' });
  });
});

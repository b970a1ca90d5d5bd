import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BreathDetector } from './breath.ts';
import { SegmentStream, type Estimate } from './stream.ts';
import { answers, noise, normal, run, sampled } from './waves.fixture.ts';

const breathing = (samples: readonly number[], rateHz = 25) =>
  run((onEstimate) => new BreathDetector(onEstimate), samples, rateHz);

const last = (estimates: readonly Estimate[]): Estimate => estimates.at(-1)!;
const chest = (perMinute: number) => (t: number) => Math.sin((2 * Math.PI * perMinute * t) / 60);

/** As `last`, with what to expect in its place. */
const answersIn = (estimates: readonly Estimate[], fromS: number, toS: number) =>
  answers(estimates.slice(fromS, toS));

describe('respiratory rate from impedance', () => {
  it.each([4, 6, 8, 12, 20, 35, 50, 66])('is %d where the chest moves so', (perMinute) => {
    const { value } = last(breathing(sampled(90, 25, chest(perMinute))));
    expect(value).not.toBeNull();
    expect(Math.abs(value! - perMinute)).toBeLessThan(0.7);
  });

  it.each([4, 10, 62.5, 125, 250, 10_000])('is the same at %d Hz', (rateHz) => {
    const { value } = last(breathing(sampled(40, rateHz, chest(17)), rateHz));
    expect(Math.abs(value! - 17)).toBeLessThan(0.3);
  });

  it('comes once a second, the first after 32', () => {
    expect(answers(breathing(sampled(60, 25, chest(15))))).toEqual({
      learning: 31,
      irregular: 2,
      number: 27,
    });
  });

  it('is the same upside down, and breathing through heartbeats a third as high', () => {
    const wave = (t: number) => chest(15)(t) + 0.3 * chest(80)(t);
    for (const sign of [1, -1]) {
      const { value } = last(
        breathing(
          sampled(60, 125, (t) => sign * wave(t)),
          125,
        ),
      );
      expect(Math.abs(value! - 15)).toBeLessThan(0.5);
    }
  });

  it('does not depend on how the samples were cut', () => {
    const draw = normal(2);
    const samples = Float64Array.from(sampled(50, 10, (t) => chest(14)(t) + 0.1 * draw()));
    const told = (cuts: readonly number[]) => {
      const estimates: Estimate[] = [];
      const stream = new SegmentStream(new BreathDetector((one) => estimates.push(one)));
      let from = 0;
      for (const length of [...cuts, samples.length]) {
        const part = samples.subarray(from, from + length);
        stream.push({
          startUs: from * 1e5,
          rateMilliHz: 10_000,
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
    expect(answers(whole)['number']).toBe(17);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 })), (cuts) => {
        expect(told(cuts)).toEqual(whole);
      }),
      { numRuns: 25 },
    );
  });
});

describe('apnoea', () => {
  /** Breathing at 15 a minute, from 90 s to 130 s none, only the heart at a tenth of the height. */
  const paused = sampled(220, 25, (t) =>
    t > 90 && t < 130 ? 0.1 * Math.sin(2 * Math.PI * 1.2 * t) : chest(15)(t),
  );

  it('has no number from 10 s of stillness on, its name from 20 s on, and ends with it', () => {
    const estimates = breathing(paused);
    expect(answersIn(estimates, 60, 88)).toEqual({ number: 28 });
    expect(answersIn(estimates, 103, 108)).toEqual({ irregular: 5 });
    expect(answersIn(estimates, 112, 129)).toEqual({ apnea: 17 });
    expect(answersIn(estimates, 133, 140)['apnea']).toBeUndefined();
    expect(last(estimates).value).toBeCloseTo(15, 0);
  });

  it('never shows the heart as breathing', () => {
    for (const { value } of breathing(paused)) if (value !== null) expect(value).toBeLessThan(20);
  });

  it('a signal that is quite constant is no apnoea but a broken lead', () => {
    const estimates = breathing(sampled(150, 25, (t) => (t < 80 ? chest(15)(t) : 0.5)));
    expect(answersIn(estimates, 102, 149)).toEqual({ flat: 47 });
  });

  it('shallow regular breathing is believed again after a window', () => {
    const estimates = breathing(sampled(200, 25, (t) => (t < 80 ? 1 : 0.1) * chest(15)(t)));
    expect(estimates[105]).toMatchObject({ value: null, reason: 'apnea' });
    expect(last(estimates).value).toBeCloseTo(15, 0);
  });
});

describe('bad input is named', () => {
  const cases: Record<string, [samples: number[], rateHz: number, reason: string]> = {
    'all missing': [Array<number>(2500).fill(NaN), 25, 'no-data'],
    constant: [Array<number>(2500).fill(3), 25, 'flat'],
    '1 Hz': [sampled(60, 1, chest(15)), 1, 'rate-too-low'],
    'white noise': [sampled(60, 25, normal(1)), 25, 'noise'],
  };
  it.each(Object.entries(cases))('%s', (_, [samples, rateHz, reason]) => {
    expect(last(breathing(samples, rateHz))).toMatchObject({ value: null, reason });
  });

  it('empty and a single sample say nothing', () => {
    expect(breathing([])).toEqual([]);
    expect(breathing([1])).toEqual([]);
  });

  it('movement has no number', () => {
    const draw = noise(4, 25, 1);
    const samples = sampled(120, 25, (t) => chest(15)(t) + (t > 80 && t < 100 ? 12 * draw() : 0));
    expect(answersIn(breathing(samples), 90, 115)).toEqual({ motion: 25 });
  });

  it('noise with a memory of 0.1 s gives a number in under 5 of 1000 seconds', () => {
    const draw = noise(7, 25, 0.1);
    expect(answers(breathing(sampled(1000, 25, draw)))['number'] ?? 0).toBeLessThan(5);
  });

  it('breaths that drown in noise of their own height are asked to look alike', () => {
    let numbers = 0;
    for (let seed = 0; seed < 5; seed++) {
      const draw = noise(seed, 25, 0.3);
      const samples = sampled(200, 25, (t) => chest(15)(t) + draw());
      numbers += answers(breathing(samples))['number'] ?? 0;
    }
    // Of 1,000 seconds; 84 where likeness is not asked for.
    expect(numbers).toBeLessThan(50);
  });

  it('below 5 a minute only what is quite regular is breathing', () => {
    const draw = noise(5, 25, 0.5);
    const rough = breathing(sampled(400, 25, (t) => chest(4.4)(t) + 0.5 * draw()));
    const slow = rough.filter(({ value }) => value !== null && value < 5);
    expect(slow.filter(({ bars }) => bars < 4)).toEqual([]);
    const clear = breathing(sampled(300, 25, chest(4.4)));
    expect(last(clear).value).toBeCloseTo(4.4, 0);
  });
});

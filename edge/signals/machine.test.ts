import { describe, expect, it } from 'vitest';
import { PulseDetector, type PulseOptions } from './pulse.ts';
import { answers, normal, pleth, run, sampled } from './waves.fixture.ts';

const told = (samples: readonly number[], rateHz: number, options: PulseOptions = {}) =>
  answers(run((onEstimate) => new PulseDetector(onEstimate, options), samples, rateHz));

const draw = normal(21);
const SECONDS = 60;

describe('a machine is no pulse', () => {
  const machines: Record<string, [rateHz: number, at: (t: number, i: number) => number]> = {
    'a pump, 72 a minute': [100, (t) => ((1.2 * t) % 1) + 0.01 * draw()],
    'flicker of 120 Hz at 119 Hz': [119, (t) => Math.abs(Math.sin(377 * t)) + 0.001 * draw()],
    'flicker of 120 Hz at 29.4 Hz': [
      29.4,
      (t) => Math.abs(Math.sin(2 * Math.PI * 60 * t)) + 0.001 * draw(),
    ],
    'a lamp of 100 Hz and its overtone at 33 Hz': [
      33,
      (t) =>
        Math.sin(2 * Math.PI * 100 * t) + 0.3 * Math.sin(2 * Math.PI * 200 * t) + 0.01 * draw(),
    ],
    'a dimmer of 101 Hz at 100 Hz': [100, (t) => ((101 * t) % 1 < 0.3 ? 1 : 0) + 0.01 * draw()],
    'two tones in noise': [
      100,
      (t) => Math.sin(7.54 * t) + 0.5 * Math.sin(15.08 * t + 1) + 0.05 * draw(),
    ],
    'a spike of one sample a second': [100, (_, i) => (i % 100 === 0 ? 1 : 0) + 0.01 * draw()],
  };
  it.each(Object.entries(machines))('%s', (_, [rateHz, at]) => {
    const samples = Array.from({ length: SECONDS * rateHz }, (__, i) => at(i / rateHz, i));
    const { noise, number } = told(samples, rateHz);
    expect({ number, mostlyNoise: noise! > 40 }).toEqual({ number: undefined, mostlyNoise: true });
  });

  it('a lamp that sways by 0.04 % of the light is low perfusion or noise, 0.1 % a machine', () => {
    for (const height of [20, 50, 200]) {
      const light = sampled(SECONDS, 100, (t) => 50_000 + height * ((1.3 * t) % 1) + draw());
      expect(told(light, 100, { coupling: 'dc' })['number']).toBeUndefined();
    }
  });

  it('a pulse that breathes but is of 0.06 % of the light is low perfusion', () => {
    const faint = pleth(SECONDS, 100, () => 0.8).map((value) => 50_000 + 25 * value);
    expect(told(faint, 100, { coupling: 'dc' })).toEqual({ learning: 11, 'low-perfusion': 49 });
  });
});

describe('a heart is no machine', () => {
  it.each([30, 100, 125])(
    'paced at 70 a minute, its pulse breathing by ±4 %%, at %d Hz',
    (rateHz) => {
      const paced = pleth(SECONDS, rateHz, () => 60 / 70, 0.04);
      expect(told(paced, rateHz)).toEqual({ learning: 13, number: 47 });
    },
  );

  it.each([30, 100])(
    'of even heights, but of intervals that breathe by ±4 %%, at %d Hz',
    (rateHz) => {
      const young = pleth(SECONDS, rateHz, (t) => 0.8 * (1 + 0.04 * Math.sin(1.5 * t)), 0);
      expect(told(young, rateHz)).toEqual({ learning: 13, number: 47 });
    },
  );

  it('neither, and it is one', () => {
    const pump = pleth(SECONDS, 100, () => 0.8, 0);
    expect(told(pump, 100)).toEqual({ learning: 11, noise: 49 });
  });
});

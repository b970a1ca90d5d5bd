import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Estimate } from './stream.ts';
import { TemperatureFilter } from './temperature.ts';
import { answers, normal, run, sampled } from './waves.fixture.ts';

const skin = (samples: readonly number[], rateHz = 4) =>
  run((onEstimate) => new TemperatureFilter(onEstimate), samples, rateHz);

const last = (estimates: readonly Estimate[]): Estimate => estimates.at(-1)!;

describe('skin temperature', () => {
  it('is the probe’s, once a second, the first after 30', () => {
    const estimates = skin(sampled(60, 4, () => 33.2));
    expect(answers(estimates)).toEqual({ learning: 29, number: 31 });
    expect(last(estimates).value).toBeCloseTo(33.2, 9);
  });

  it('lags a slow ramp by the delay that is stated, 10 s', () => {
    const estimates = skin(sampled(600, 4, (t) => 32 + 0.005 * t));
    expect(600 - (last(estimates).value! - 32) / 0.005).toBeCloseTo(10, 0);
  });

  it('is not moved by spikes of up to 4 s', () => {
    const estimates = skin(sampled(120, 4, (t) => (t > 60 && t < 64 ? 55 : 33)));
    for (const { value } of estimates.slice(30)) expect(value).toBeCloseTo(33, 9);
  });

  it('takes the noise of a coarse probe away', () => {
    const draw = normal(1);
    const estimates = skin(sampled(300, 4, () => Math.round((33 + 0.1 * draw()) * 16) / 16));
    for (const { value } of estimates.slice(30)) expect(Math.abs(value! - 33)).toBeLessThan(0.06);
  });

  it('a probe that comes off has no number while it falls nor where it lies; put on, it is back', () => {
    const off = (t: number) => 22 + 11 * Math.exp(-(t - 120) / 40);
    const on = (t: number) => 33 - 11 * Math.exp(-(t - 420) / 40);
    const estimates = skin(sampled(900, 4, (t) => (t < 120 ? 33 : t < 420 ? off(t) : on(t))));
    expect(estimates[110]!.value).toBeCloseTo(33, 2);
    const lying = answers(estimates.slice(130, 420));
    expect(lying).toEqual({ 'probe-off': 290 });
    expect(answers(estimates.slice(440, 520))['number']).toBeUndefined();
    expect(last(estimates).value).toBeCloseTo(33, 1);
  });

  it('an arm that cools by half a degree a minute keeps its number', () => {
    const estimates = skin(sampled(300, 4, (t) => 34 - Math.min(2, t / 120)));
    expect(answers(estimates)['number']).toBe(271);
  });
});

describe('bad input is named', () => {
  const cases: Record<string, [samples: number[], rateHz: number, reason: string]> = {
    'all missing': [Array<number>(400).fill(NaN), 4, 'no-data'],
    'a room': [sampled(100, 4, () => 18), 4, 'out-of-range'],
    'degrees Fahrenheit': [sampled(100, 4, () => 91), 4, 'out-of-range'],
    'one sample in twenty seconds': [sampled(200, 0.05, () => 33), 0.05, 'rate-too-low'],
  };
  it.each(Object.entries(cases))('%s', (_, [samples, rateHz, reason]) => {
    expect(last(skin(samples, rateHz))).toMatchObject({ value: null, reason });
  });

  it('1 Hz and 10 kHz are rates like others; empty says nothing', () => {
    expect(
      last(
        skin(
          sampled(60, 1, () => 33),
          1,
        ),
      ).value,
    ).toBeCloseTo(33, 9);
    expect(
      last(
        skin(
          sampled(40, 10_000, () => 33),
          10_000,
        ),
      ).value,
    ).toBeCloseTo(33, 9);
    expect(skin([])).toEqual([]);
    expect(skin([33])).toEqual([]);
  });
});

const RECORDING = '../shared/data/wrist-e4/S05/TEMP.csv';

it.skipIf(!existsSync(RECORDING))(
  `an hour on a wrist has a number from its 30th second to its end (skipped without ${RECORDING})`,
  () => {
    const [, rateHz, ...samples] = readFileSync(RECORDING, 'utf8').trim().split('\n').map(Number);
    const estimates = skin(samples, rateHz);
    expect(rateHz).toBe(4);
    expect(answers(estimates)).toEqual({ learning: 29, number: 3249 });
    const values = estimates.flatMap(({ value }) => (value === null ? [] : [value]));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(28.89);
    expect(Math.max(...values)).toBeLessThanOrEqual(30.11);
  },
);

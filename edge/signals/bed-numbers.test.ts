/** What one channel of a bed says against another. */
import { describe, expect, it } from 'vitest';
import { BedNumbers, type BedChannel } from './bed-numbers.ts';
import { drawEcg, every, makeNoise } from './ecg.fixture.ts';
import type { Estimate } from './stream.ts';
import { answers, normal, pleth, sampled } from './waves.fixture.ts';

const RATE_HZ = 125;
const SECONDS = 60;
const CHANNELS = {
  ecg: { channel: 'ecg', lead: 'II' },
  pleth: { channel: 'pleth', lead: '' },
  resp: { channel: 'resp', lead: '' },
} as const satisfies Record<string, BedChannel>;
type Waves = Partial<Record<keyof typeof CHANNELS, ArrayLike<number>>>;

/** All channels second by second, as at a bed. */
function numbers(waves: Waves): Map<string, Estimate[]> {
  const told = new Map<string, Estimate[]>();
  const entries = Object.entries(waves).map(
    ([name, wave]) => [CHANNELS[name as keyof Waves], Float64Array.from(wave)] as const,
  );
  const bed = new BedNumbers(
    entries.map(([channel]) => channel),
    { onNumber: (vital, one) => told.set(vital, [...(told.get(vital) ?? []), one]) },
  );
  for (let second = 0; second < SECONDS; second++) {
    const [from, to] = [second * RATE_HZ, (second + 1) * RATE_HZ];
    for (const [channel, wave] of entries) {
      const samples = wave.subarray(from, to);
      bed.push(channel, {
        ...{ startUs: second * 1e6, rateMilliHz: 1000 * RATE_HZ, gain: 1, baseline: 0 },
        samples,
      });
    }
  }
  bed.close();
  return told;
}

const settled = (estimates: readonly Estimate[] | undefined) => answers(estimates!.slice(40));

const draw = makeNoise(9);
const ecgOf = (perMinute: number) =>
  drawEcg(every(60 / perMinute, SECONDS + 1), RATE_HZ, SECONDS, () => 0.01 * draw());
const chest = (perMinute: number, height = 1) =>
  sampled(SECONDS, RATE_HZ, (t) => height * Math.sin((2 * Math.PI * perMinute * t) / 60));

describe('pulse against the ECG', () => {
  const noise = normal(4);
  const walking = sampled(SECONDS, RATE_HZ, (t) => {
    const phase = (1.2 * t) % 1;
    const step = Math.abs(Math.sin(Math.PI * 1.8 * t));
    return Math.exp(-30 * (phase - 0.2) ** 2) + 3 * step + 0.1 * noise();
  });

  it('108 steps a minute over a heart of 72 are motion', () => {
    const told = numbers({ ecg: ecgOf(72), pleth: walking });
    expect(told.get('heart-rate')!.at(-1)!.value).toBeCloseTo(72, 0);
    expect(settled(told.get('pulse-rate'))).toEqual({ motion: 20 });
    // Alone the pleth shows them.
    expect(settled(numbers({ pleth: walking }).get('pulse-rate'))).toEqual({ number: 20 });
  });

  it('a pulse that is the heart stays, and one that differs by 8', () => {
    const pulse = pleth(SECONDS, RATE_HZ, () => 60 / 80);
    for (const heart of [72, 80]) {
      const told = numbers({ pleth: pulse, ecg: ecgOf(heart) });
      expect(settled(told.get('pulse-rate'))).toEqual({ number: 20 });
    }
  });

  it('without an ECG that is trusted the pulse stays', () => {
    const told = numbers({
      ecg: sampled(SECONDS, RATE_HZ, () => 0),
      pleth: pleth(SECONDS, 125, () => 0.6),
    });
    expect(settled(told.get('pulse-rate'))).toEqual({ number: 20 });
  });
});

describe('breathing against the heart', () => {
  const heartInChest = chest(66, 0.2);

  it('a heart alone in the impedance is no breathing, whether ECG or pleth tells its rate', () => {
    expect(settled(numbers({ resp: heartInChest }).get('respiratory-rate'))).toEqual({
      number: 20,
    });
    const pulse = pleth(SECONDS, RATE_HZ, () => 60 / 66);
    for (const other of [{ ecg: ecgOf(66) }, { pleth: pulse }]) {
      const told = numbers({ resp: heartInChest, ...other });
      expect(settled(told.get('respiratory-rate'))).toEqual({ irregular: 20 });
    }
  });

  it('nor is what comes with every second beat', () => {
    const told = numbers({ ecg: ecgOf(80), resp: chest(40) });
    expect(settled(told.get('respiratory-rate'))).toEqual({ irregular: 20 });
  });

  it('breathing at another rate stays', () => {
    for (const breaths of [12, 20, 35]) {
      const told = numbers({ ecg: ecgOf(80), resp: chest(breaths) });
      expect(settled(told.get('respiratory-rate'))).toEqual({ number: 20 });
    }
  });
});

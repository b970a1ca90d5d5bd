/** What of a recording is fed to detectors; long gaps cost nothing and end what a detector knows. */
import type { RecordedWaveform } from '@vitalshare/edge/formats';
import { MISSING_SAMPLE } from '@vitalshare/edge/vital';
import { describe, expect, it } from 'vitest';
import { numbersOf, stretches } from './derive.ts';

const RATE_HZ = 250;

/** An ECG lead of a beat a second where `isThere`, missing elsewhere. */
function lead(seconds: number, isThere: (second: number) => boolean): RecordedWaveform {
  const samples = new Int16Array(seconds * RATE_HZ).fill(MISSING_SAMPLE);
  for (let i = 0; i < samples.length; i++) {
    if (!isThere(i / RATE_HZ)) continue;
    const after = (i % RATE_HZ) - 125;
    samples[i] = Math.round(
      1_000 * Math.exp(-(after * after) / 8) + 20 * Math.sin((2 * Math.PI * i) / 1_000),
    );
  }
  const shape = { channel: 'ecg', lead: 'II', unit: 'mV', gain: 1_000, baseline: 0 } as const;
  return { ...shape, sampleRateMilliHz: 1_000 * RATE_HZ, samples };
}

const recording = (wave: RecordedWaveform) => ({
  ...{ name: 'r', numerics: [], ignored: [], notes: [] },
  waveforms: [wave],
});

describe('stretches', () => {
  it('are what lies between gaps of more than two seconds, from whole seconds on', () => {
    const wave = lead(
      60,
      (second) => second < 10 || (second >= 12 && second < 20) || second > 50.5,
    );
    expect(stretches(wave)).toEqual([
      [0, 5_000],
      [12_500, 15_000],
    ]);
  });

  it('are none where all is missing', () => {
    expect(stretches(lead(10, () => false))).toEqual([]);
  });
});

describe('numbers', () => {
  it('of both sides of a gap of eleven hours come at their seconds, and soon', () => {
    const [gapFrom, gapTo, end] = [30, 40_000, 40_030];
    const wave = lead(end, (second) => second < gapFrom || second >= gapTo);
    const rates = numbersOf(recording(wave)).estimates.get('heart-rate')!;
    expect(rates.length).toBeLessThan(70);
    const trusted = rates.filter(({ value }) => value !== null);
    const seconds = trusted.map(({ atUs }) => atUs / 1e6);
    expect(seconds.filter((second) => second < 35).length).toBeGreaterThan(15);
    expect(seconds.filter((second) => second > gapTo).length).toBeGreaterThan(15);
    expect(seconds.every(Number.isInteger)).toBe(true);
    expect(trusted.every(({ value }) => Math.abs(value! - 60) < 1)).toBe(true);
  }, 10_000);
});

/**
 * What of a recording is fed to detectors, and which numbers come of it; long gaps cost nothing and end
 * what a detector knows.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordedWaveform } from '@vitalshare/edge/formats';
import { MISSING_SAMPLE } from '@vitalshare/edge/vital';
import { curveOfTable } from '@vitalshare/edge/signals';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lightOf } from '../bodies/light.ts';
import { writeMade } from '../made-recording.fixture.ts';
import { curveOption } from './curve-option.ts';
import { numbersOf, stretches, withNumbers } from './derive.ts';
import { readRecording, type ReadRecording } from './read-recording.ts';
import { readUserFile } from './user-file.ts';

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

describe('light', () => {
  let folder = '';
  let read: ReadRecording;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'derive-'));
    const plan = { rhythms: [{ fromS: 20, rhythm: 'vt' }] } as const;
    const path = writeMade(folder, 'made', { seed: 7, seconds: 40, spo2Percent: 91, plan });
    read = readRecording(path, readUserFile);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const of = (name: string, { recording }: ReadRecording = read) =>
    recording.numerics.find(({ vital }) => vital.name === name)!;

  it('of two colours is SpO₂ and pulse, by a curve that is named', () => {
    const made = withNumbers(read);
    const spo2 = of('spo2', made);
    expect(spo2.values.length).toBeGreaterThan(15);
    for (const value of spo2.values) expect(Math.abs(value - 91)).toBeLessThan(1);
    expect(of('pulse-rate', made).values.length).toBeGreaterThan(15);
    expect(made.spo2Curve).toBe('110-25R');
    expect(made.recording.notes.join()).toContain('SpO₂ is by the curve 110-25R (Webster');
  });

  it('is another number by another curve, and another recording to go on with', () => {
    // R of 91 % is 0.76 by the line it was made with.
    const curve = curveOfTable('mine', 'a test', [
      [0.5, 100],
      [1, 80],
    ]);
    const made = withNumbers(read, curve);
    for (const value of of('spo2', made).values) expect(Math.abs(value - 89.6)).toBeLessThan(1);
    expect(made).toMatchObject({ spo2Curve: 'mine' });
    expect(made.digest).not.toBe(withNumbers(read).digest);
  });

  it('of one colour alone is no SpO₂', () => {
    const waveforms = read.recording.waveforms.filter(({ channel }) => channel !== 'red');
    expect([...numbersOf({ waveforms }).estimates.keys()]).not.toContain('spo2');
  });

  it('that goes with another rhythm than the ECG is no SpO₂: motion', () => {
    // 150 a minute in the light over a sinus rhythm.
    const rateHz = 250;
    const pulse = Array.from({ length: 40 * rateHz }, (_, i) => {
      const phase = ((i / rateHz) * 2.5) % 1;
      return Math.exp(-30 * (phase - 0.3) ** 2) * (1 + 0.05 * Math.sin(i / 200));
    });
    const [red, infrared] = lightOf(pulse, 1000 * rateHz, 91);
    const light = [red, infrared];
    const ecg = lead(40, () => true);
    const alone = numbersOf({ waveforms: light }).estimates.get('spo2')!;
    expect(alone.slice(-15).every(({ value }) => value !== null)).toBe(true);
    const told = numbersOf({ waveforms: [ecg, ...light] }).estimates.get('spo2')!;
    for (const estimate of told.slice(-15)) {
      expect(estimate).toMatchObject({ value: null, reason: 'motion' });
    }
  });

  it('the rhythm of its ECG is flagged, and 0 before', () => {
    const rhythm = numbersOf(read.recording).estimates.get('rhythm')!;
    const at = (second: number) => rhythm.find(({ atUs }) => atUs === second * 1e6)!.value;
    expect(at(15)).toBe(0);
    expect(at(30)).toBe(3);
  });
});

describe('a curve on the command line', () => {
  const named = (curve?: string) =>
    curveOption({ values: curve === undefined ? {} : { curve }, positionals: [] });

  it('is one by name, the usual one, or points', () => {
    expect(named().name).toBe('110-25R');
    expect(named('max30101').name).toBe('max30101');
    expect(named('0.5:98,1:86').spo2OfRatio(0.75)).toBeCloseTo(92, 9);
  });

  it.each(['other', '0.5:98', '1:86,0.5:98', '0.5:98,1:101', '0:98,1:86', '0.5:98;1:86'])(
    '%j is none',
    (text) => {
      expect(() => named(text)).toThrow(/--curve must be 110-25R, max30101 or 2 to 64 points/);
    },
  );
});

describe('a skin probe', () => {
  it('faster than 2 Hz is skin temperature after 30 s, and nothing else', () => {
    const samples = Int16Array.from({ length: 240 }, (_, i) => 3_320 + (i % 2));
    const shape = { channel: 'skin-probe', lead: '', unit: 'Cel', gain: 100, baseline: 0 } as const;
    const waveforms = [{ ...shape, sampleRateMilliHz: 4_000, samples }];
    const { estimates } = numbersOf({ waveforms });
    expect([...estimates.keys()]).toEqual(['skin-temperature']);
    const trusted = estimates.get('skin-temperature')!.filter(({ value }) => value !== null);
    expect(trusted).toHaveLength(31);
    for (const { value } of trusted) expect(value).toBeCloseTo(33.205, 1);
  });
});

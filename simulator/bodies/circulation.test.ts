/**
 * What hangs together in a body: leads, breath and heart, heart and finger, pressure and transit time.
 * Seeds are drawn afresh and named; CIRCULATION_SEED runs one again.
 */
import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeBody } from './body.ts';
import type { BodyPlan } from './plan.ts';
import { type BodySlice, EXTRA_WAVEFORMS } from './slice.ts';

const FIRST_SEED = Number(process.env['CIRCULATION_SEED'] ?? randomInt(2 ** 31));
const SEEDS = Array.from({ length: 20 }, (_, index) => FIRST_SEED + index);
console.log(`circulation: CIRCULATION_SEED=${FIRST_SEED}, ${SEEDS.length} bodies each`);

const minute = (seed: number, plan: BodyPlan = {}): BodySlice =>
  makeBody(seed, 1, plan, EXTRA_WAVEFORMS).next(60_000);
const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;

/** A detector that knows nothing of the model: tops above 60 % of the highest, 250 ms apart. */
function topsMs(samples: Int16Array, rateHz: number): number[] {
  const threshold = 0.6 * Math.max(...samples);
  const tops: number[] = [];
  let from = -1;
  samples.forEach((sample, index) => {
    if (sample > threshold && from < 0) from = index;
    if (sample > threshold || from < 0) return;
    const arch = samples.subarray(from, index);
    const atMs = ((from + arch.indexOf(Math.max(...arch))) * 1000) / rateHz;
    if (atMs - (tops.at(-1) ?? -Infinity) > 250) tops.push(atMs);
    from = -1;
  });
  return tops;
}

describe('three leads', () => {
  it('are of one heart: I + III = II, to the rounding of three converters', () => {
    const rhythms = [
      { fromS: 10, toS: 20, rhythm: 'vt' },
      { fromS: 20, toS: 30, rhythm: 'vf' },
      { fromS: 30, toS: 40, rhythm: 'paced' },
    ] as const;
    const artefacts = [
      { fromS: 5, toS: 25, kind: 'mains-hum' },
      { fromS: 35, toS: 50, kind: 'motion', site: 'chest' },
      { fromS: 45, toS: 50, kind: 'drift' },
    ] as const;
    for (const seed of SEEDS) {
      const { ecg, ecgI, ecgIII } = minute(seed, { rhythms, artefacts });
      let most = 0;
      ecg.forEach((two, i) => (most = Math.max(most, Math.abs(ecgI[i]! + ecgIII[i]! - two))));
      // Half a step each.
      expect(most, `seed ${seed}`).toBeLessThanOrEqual(1.5);
      expect(Math.max(...ecgI)).toBeGreaterThan(20);
    }
  });
});

describe('every beat', () => {
  it('of the truth is a top of the ECG within 8 ms, and none else is', () => {
    for (const seed of SEEDS) {
      const { ecg, truth } = minute(seed);
      const tops = topsMs(ecg, 250);
      const beats = truth.beats.map(({ atMs }) => atMs).filter((atMs) => atMs < 59_900);
      expect(tops.length, `seed ${seed}`).toBeGreaterThanOrEqual(beats.length);
      expect(tops.length).toBeLessThanOrEqual(beats.length + 1);
      for (const atMs of beats) {
        expect(Math.min(...tops.map((top) => Math.abs(top - atMs)))).toBeLessThanOrEqual(8);
      }
    }
  });

  it('has one pulse at the finger, where the truth says it rises', () => {
    for (const seed of SEEDS) {
      const { pleth, truth } = minute(seed);
      const tops = topsMs(pleth, 125);
      const pulses = truth.beats.map(({ pulseMs }) => pulseMs).filter((atMs) => atMs < 59_000);
      for (const pulseMs of pulses) {
        const mine = tops.filter((top) => top > pulseMs + 80 && top < pulseMs + 300);
        expect(mine, `seed ${seed}`).toHaveLength(1);
      }
    }
  });

  it('comes sooner while breathing in', () => {
    for (const seed of SEEDS) {
      const { resp, truth } = minute(seed);
      const intervals = { in: [] as number[], out: [] as number[] };
      truth.beats.slice(1).forEach(({ atMs }, i) => {
        const before = truth.beats[i]!.atMs;
        const chest = resp[Math.floor((before * 25) / 1000)]!;
        if (Math.abs(chest) > 500) intervals[chest > 0 ? 'in' : 'out'].push(atMs - before);
      });
      expect(mean(intervals.in), `seed ${seed}`).toBeLessThan(mean(intervals.out));
    }
  });

  it('of a fast VT has a weak pulse or none, and pressure falls', () => {
    for (const seed of SEEDS) {
      const rhythms = [{ fromS: 20, toS: 50, rhythm: 'vt', ratePerMin: 190 }] as const;
      const { pleth, truth } = minute(seed, { rhythms });
      const height = (fromS: number, toS: number): number =>
        Math.max(...pleth.subarray(125 * fromS, 125 * toS));
      expect(height(30, 45), `seed ${seed}`).toBeLessThan(0.6 * height(5, 18));
      const systolic = (atS: number): number => truth.seconds[atS]!.numbers['systolic-pressure'];
      expect(systolic(45), `seed ${seed}`).toBeLessThan(0.6 * systolic(15));
    }
  });
});

describe('breath', () => {
  it('is as often in the impedance as the truth says', () => {
    for (const seed of SEEDS) {
      const { resp, truth } = minute(seed);
      const inner = truth.breathsMs.filter((atMs) => atMs > 2000 && atMs < 55_000);
      const tops = topsMs(resp, 25).filter((atMs) => atMs > inner[0]! && atMs < inner.at(-1)!);
      expect(Math.abs(tops.length - (inner.length - 1)), `seed ${seed}`).toBeLessThanOrEqual(1);
    }
  });

  it('that stops leaves the heart in the impedance', () => {
    const { resp, truth } = minute(FIRST_SEED, { apnoeas: [{ fromS: 20, toS: 50 }] });
    const still = resp.subarray(25 * 28, 25 * 50);
    expect(Math.max(...still) - Math.min(...still)).toBeLessThan(250);
    expect(Math.max(...still)).toBeGreaterThan(70);
    expect(truth.breathsMs.filter((atMs) => atMs >= 20_000 && atMs < 50_000)).toEqual([]);
    expect(truth.seconds[48]!.numbers['respiratory-rate']).toBeNaN();
  });
});

describe('pressure', () => {
  it('shows its two numbers in the artery', () => {
    for (const seed of SEEDS) {
      const { abp, truth } = minute(seed);
      const { numbers } = truth.seconds[30]!;
      const near = [...abp.subarray(125 * 28, 125 * 32)].map((step) => step / 20);
      expect(Math.abs(Math.max(...near) - numbers['systolic-pressure'])).toBeLessThan(4);
      expect(Math.abs(Math.min(...near) - numbers['diastolic-pressure'])).toBeLessThan(4);
    }
  });

  it('that rises shortens the way to the finger, by a fifth for 30 mmHg', () => {
    // exp(−0.0085 · 30) = 0.775 of three quarters of it.
    const of = (diastolic: number) => {
      const means = { 'systolic-pressure': diastolic + 45, 'diastolic-pressure': diastolic };
      return (seed: number): number =>
        mean(
          minute(seed, { person: { means } }).truth.beats.map(
            ({ atMs, pulseMs }) => pulseMs - atMs,
          ),
        );
    };
    for (const seed of SEEDS) {
      const ratio = of(95)(seed) / of(65)(seed);
      expect(ratio, `seed ${seed}`).toBeGreaterThan(0.78);
      expect(ratio, `seed ${seed}`).toBeLessThan(0.88);
    }
  });

  it('falls where nothing beats, to what the vessels hold', () => {
    const { truth } = minute(FIRST_SEED, { rhythms: [{ fromS: 10, rhythm: 'vf' }] });
    const numbers = (atS: number) => truth.seconds[atS]!.numbers;
    expect(numbers(20)['systolic-pressure']).toBeLessThan(numbers(9)['systolic-pressure'] / 2);
    expect(Math.abs(numbers(50)['systolic-pressure'] - 12)).toBeLessThan(2);
    expect(numbers(50)['diastolic-pressure']).toBeLessThan(13);
    expect(numbers(50)['pulse-rate']).toBeNaN();
  });
});

describe('states', () => {
  it('reach their targets, and fever quickens a heart nobody planned', () => {
    const states = [{ fromS: 5, toS: 50, overS: 20, targets: { 'body-temperature': 39.8 } }];
    for (const seed of SEEDS.slice(0, 5)) {
      const fever = minute(seed, { states });
      const { numbers } = fever.truth.seconds[40]!;
      expect(Math.abs(numbers['body-temperature'] - 39.8)).toBeLessThan(0.2);
      const calm = minute(seed).truth.seconds[40]!.numbers;
      const quicker = numbers['heart-rate'] - calm['heart-rate'];
      // Eight a degree.
      const degrees = numbers['body-temperature'] - calm['body-temperature'];
      expect(Math.abs(quicker - 8 * degrees), `seed ${seed}`).toBeLessThan(5);
    }
  });
});

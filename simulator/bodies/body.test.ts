import { inRange, toFixedPoint } from '@vitalshare/edge/vital';
import { describe, expect, it } from 'vitest';
import { BODY_WAVEFORMS, makeBody } from './body.ts';
import type { BodyReading } from './body.ts';

const SEEDS = Array.from({ length: 50 }, (_, index) => index);

const valuesOf = (readings: readonly BodyReading[], name: string, fromMs = 0): number[] =>
  readings.filter(({ vital, atMs }) => vital.name === name && atMs >= fromMs).map((r) => r.value);

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

const within = (times: readonly number[], fromMs: number, untilMs: number): number[] =>
  times.filter((timeMs) => timeMs > fromMs && timeMs <= untilMs);

const meanRate = (times: readonly number[]): number =>
  (60_000 * (times.length - 1)) / (times.at(-1)! - times[0]!);

describe('a body', () => {
  it('has as many beats in its ECG as its heart rate says, for 50 seeds', () => {
    for (const seed of SEEDS) {
      const { ecg, readings } = makeBody(seed, 1).next(40_000);
      const tops = topsMs(ecg, 250);
      for (const atMs of [10_000, 20_000, 30_000]) {
        const rate = readings.find((r) => r.vital.name === 'heart-rate' && r.atMs === atMs)!.value;
        const beats = within(tops, atMs - 10_000, atMs);
        expect(Math.abs(beats.length - rate / 6), `seed ${seed}`).toBeLessThanOrEqual(1);
        expect(Math.abs(meanRate(beats) - rate), `seed ${seed}`).toBeLessThan(1);
      }
    }
  });

  it('has one pulse at the finger after every beat, and says so', () => {
    for (const seed of SEEDS) {
      const { ecg, pleth, readings } = makeBody(seed, 2).next(20_000);
      const pulses = topsMs(pleth, 125);
      const beats = within(topsMs(ecg, 250), 0, 19_000);
      expect(beats.length).toBeGreaterThan(10);
      for (const beatMs of beats) {
        // Transit of 180 to 260 ms, and the upstroke.
        expect(within(pulses, beatMs + 250, beatMs + 520), `seed ${seed}`).toHaveLength(1);
      }
      expect(valuesOf(readings, 'pulse-rate')).toEqual(valuesOf(readings, 'heart-rate'));
    }
  });

  it('breathes as often as its respiratory rate says', () => {
    for (const seed of SEEDS) {
      const { resp, readings } = makeBody(seed, 3).next(60_000);
      const tops = within(topsMs(resp, 25), 28_000, 60_000);
      const rate = valuesOf(readings, 'respiratory-rate', 59_000)[0]!;
      expect(Math.abs(meanRate(tops) - rate), `seed ${seed}`).toBeLessThan(1.5);
    }
  });

  it('beats faster while breathing in', () => {
    const { ecg, resp } = makeBody(11, 4).next(60_000);
    const tops = topsMs(ecg, 250);
    const intervals = { in: [] as number[], out: [] as number[] };
    for (let i = 1; i < tops.length; i++) {
      const chest = resp[Math.floor((tops[i - 1]! * 25) / 1000)]!;
      if (chest > 500) intervals.in.push(tops[i]! - tops[i - 1]!);
      if (chest < -500) intervals.out.push(tops[i]! - tops[i - 1]!);
    }
    const mean = (list: number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
    expect(mean(intervals.in)).toBeLessThan(mean(intervals.out));
  });

  it('reads six numbers every second and the cuff every 15 minutes, all plausible', () => {
    for (const seed of [1, 2, 3]) {
      const body = makeBody(seed, 5);
      const readings = Array.from({ length: 31 }, () => body.next(60_000).readings).flat();
      for (const { vital, value } of readings) {
        expect(inRange(vital, toFixedPoint(vital, value)), vital.name).toBe(true);
      }
      const seconds = Array.from({ length: 1860 }, (_, second) => second * 1000);
      for (const name of [
        'heart-rate',
        'pulse-rate',
        'spo2',
        'respiratory-rate',
        'body-temperature',
        'skin-temperature',
      ]) {
        const own = readings.filter(({ vital }) => vital.name === name);
        expect(own.map(({ atMs }) => atMs)).toEqual(seconds);
      }
      const cuff = readings.filter(({ vital }) => vital.name === 'systolic-pressure');
      expect(cuff.length).toBeGreaterThanOrEqual(2);
      expect(cuff[1]!.atMs - cuff[0]!.atMs).toBe(900_000);
      const [systolic, diastolic] = ['systolic-pressure', 'diastolic-pressure'].map((name) =>
        valuesOf(readings, name),
      );
      systolic!.forEach((value, index) => expect(value).toBeGreaterThan(diastolic![index]! + 15));
    }
  });

  it('drifts, and differs from bed to bed', () => {
    const body = makeBody(1, 6);
    const start = valuesOf(body.next(1000).readings, 'skin-temperature')[0]!;
    for (let minute = 0; minute < 5; minute++) body.next(60_000);
    expect(valuesOf(body.next(1000).readings, 'skin-temperature')[0]).not.toBe(start);
    const rates = SEEDS.map(
      (bed) => valuesOf(makeBody(1, bed).next(1000).readings, 'heart-rate')[0]!,
    );
    expect(Math.max(...rates) - Math.min(...rates)).toBeGreaterThan(30);
    expect(Math.min(...rates)).toBeGreaterThan(40);
    expect(Math.max(...rates)).toBeLessThan(135);
  });

  it('does the same again from the same seed, however its time is cut', () => {
    const whole = makeBody(42, 7).next(10_000);
    const cut = makeBody(42, 7);
    const slices = [40, 960, 2000, 1400, 5560, 40].map((durationMs) => cut.next(durationMs));
    for (const name of ['ecg', 'pleth', 'resp'] as const) {
      expect(slices.flatMap((slice) => [...slice[name]])).toEqual([...whole[name]]);
    }
    expect(slices.flatMap(({ readings }) => readings)).toEqual(whole.readings);
    expect(slices.map(({ fromMs }) => fromMs)).toEqual([0, 40, 1000, 3000, 4400, 9960]);
    expect(makeBody(43, 7).next(1000).ecg).not.toEqual(makeBody(42, 7).next(1000).ecg);
    expect(makeBody(42, 8).next(1000).ecg).not.toEqual(makeBody(42, 7).next(1000).ecg);
  });

  it('gives the samples its waveforms promise', () => {
    const { ecg, pleth, resp } = makeBody(1, 1).next(2000);
    expect([ecg.length, pleth.length, resp.length]).toEqual([500, 250, 50]);
    const rates = Object.values(BODY_WAVEFORMS).map((shape) => shape.sampleRateMilliHz);
    expect(rates).toEqual([250_000, 125_000, 25_000]);
  });

  it('refuses a time it cannot cut samples from', () => {
    const body = makeBody(1, 1);
    for (const durationMs of [0, -40, 41, 60_040, NaN, Infinity]) {
      expect(() => body.next(durationMs)).toThrow(RangeError);
    }
    expect(body.next(40).fromMs).toBe(0);
    expect(() => makeBody(0.5, 1)).toThrow(RangeError);
  });
});

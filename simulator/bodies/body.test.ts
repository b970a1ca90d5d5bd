import { inRange, toFixedPoint } from '@vitalshare/edge/vital';
import fc from 'fast-check';
import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeBody } from './body.ts';
import type { BodyPlan } from './plan.ts';
import { BODY_WAVEFORMS, type Body, type BodySlice, EXTRA_WAVEFORMS } from './slice.ts';

const SEEDS = Array.from({ length: 50 }, (_, index) => index);

/** Everything that can happen, within a minute. */
const EVENTFUL: BodyPlan = {
  states: [{ fromS: 5, toS: 30, overS: 10, targets: { spo2: 80, 'systolic-pressure': 80 } }],
  rhythms: [
    { fromS: 8, toS: 14, rhythm: 'vf' },
    { fromS: 14, toS: 20, rhythm: 'paced' },
    { fromS: 25.32, toS: 30, rhythm: 'vt' },
    { fromS: 33, toS: 40, rhythm: 'bigeminy' },
    { fromS: 40, rhythm: 'af' },
  ],
  apnoeas: [{ fromS: 10, toS: 22 }],
  artefacts: [
    { fromS: 3, toS: 7.7, kind: 'motion' },
    { fromS: 5, toS: 9, kind: 'motion', site: 'chest' },
    { fromS: 12.3, toS: 16, kind: 'lead-off' },
    { fromS: 17, toS: 20, kind: 'low-perfusion' },
    { fromS: 20, toS: 25, kind: 'no-finger' },
    { fromS: 1, toS: 50, kind: 'mains-hum' },
    { fromS: 26, toS: 30, kind: 'drift' },
    { fromS: 31, toS: 33, kind: 'saturation' },
    { fromS: 20, toS: 40, kind: 'probe-off' },
  ],
};

/** What a body gave in so many slices, as if in one. */
function joined(body: Body, durationsMs: readonly number[]) {
  const slices = durationsMs.map((durationMs) => body.next(durationMs));
  const all = <T>(of: (slice: BodySlice) => readonly T[]): T[] => slices.flatMap((s) => [...of(s)]);
  const samples = Object.keys(BODY_WAVEFORMS).map((name) =>
    all((slice) => [...slice[name as keyof typeof BODY_WAVEFORMS]]),
  );
  return {
    samples,
    beats: all(({ truth }) => truth.beats),
    breathsMs: all(({ truth }) => truth.breathsMs),
    seconds: all(({ truth }) => truth.seconds),
    readings: all(({ readings }) => readings),
  };
}

describe('a body', () => {
  it('does the same again from the same seed, however its time is cut', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 250 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), cuts, (seed, steps) => {
        const durations = steps.map((step) => 40 * step);
        const whole = durations.reduce((sum, each) => sum + each, 0);
        const minutes = [...Array<number>(Math.floor(whole / 60_000)).fill(60_000)];
        if (whole % 60_000 > 0) minutes.push(whole % 60_000);
        const make = (): Body => makeBody(seed, 7, EVENTFUL, EXTRA_WAVEFORMS);
        expect(joined(make(), durations)).toEqual(joined(make(), minutes));
      }),
      { numRuns: 20 },
    );
  });

  it('is another from another seed or bed, and the same in what no plan touches', () => {
    const of = (seed: number, bed: number, plan?: BodyPlan) => makeBody(seed, bed, plan).next(4000);
    expect(of(43, 7).ecg).not.toEqual(of(42, 7).ecg);
    expect(of(42, 8).ecg).not.toEqual(of(42, 7).ecg);
    const plan: BodyPlan = {
      rhythms: [{ fromS: 3, rhythm: 'vf' }],
      artefacts: [{ fromS: 1, kind: 'motion' }],
    };
    expect(of(42, 7, plan).ecg.subarray(0, 600)).toEqual(of(42, 7).ecg.subarray(0, 600));
    expect(of(42, 7, plan).resp.subarray(0, 70)).toEqual(of(42, 7).resp.subarray(0, 70));
    expect(of(42, 7, plan).truth.breathsMs).toEqual(of(42, 7).truth.breathsMs);
    expect(of(42, 7, plan).pleth.subarray(125)).not.toEqual(of(42, 7).pleth.subarray(125));
  });

  it('moves no sample of a channel when another is asked for', () => {
    const [plain, full] = [
      makeBody(3, 1).next(5000),
      makeBody(3, 1, {}, EXTRA_WAVEFORMS).next(5000),
    ];
    for (const name of ['ecg', 'pleth', 'red', 'infrared', 'resp', 'skin'] as const) {
      expect(full[name]).toEqual(plain[name]);
    }
    expect([plain.ecgI, plain.ecgIII, plain.abp].map(({ length }) => length)).toEqual([0, 0, 0]);
    expect([full.ecgI, full.ecgIII, full.abp].map(({ length }) => length)).toEqual([
      1250, 1250, 625,
    ]);
  });

  it('gives the samples its waveforms promise: those whose time lies in the slice', () => {
    const body = makeBody(1, 1);
    const { ecg, pleth, red, infrared, resp, skin } = body.next(2000);
    const lengths = [ecg, pleth, red, infrared, resp, skin].map(({ length }) => length);
    expect(lengths).toEqual([500, 250, 250, 250, 50, 2]);
    expect([40, 960, 40].map((ms) => body.next(ms).skin.length)).toEqual([1, 0, 1]);
  });

  it('has its truth beside it, in order and in its time', () => {
    const body = makeBody(9, 1, EVENTFUL);
    const slice = [body.next(10_000), body.next(10_000)][1]!;
    const { beats, breathsMs, seconds, rhythms, apnoeas, artefacts } = slice.truth;
    for (const { atMs } of beats) expect(atMs >= 10_000 && atMs < 20_000).toBe(true);
    expect(beats.filter(({ atMs }) => atMs < 14_000)).toEqual([]);
    expect(beats.filter(({ isPaced }) => isPaced)).toEqual(beats);
    expect(breathsMs).toEqual([]);
    expect(seconds.map(({ atMs }) => atMs)).toEqual(
      Array.from({ length: 10 }, (_, i) => 10_000 + 1000 * i),
    );
    expect(rhythms).toEqual([
      { kind: 'vf', fromMs: 8000, toMs: 14_000 },
      { kind: 'paced', fromMs: 14_000, toMs: 20_000 },
    ]);
    expect(apnoeas).toEqual([{ kind: 'apnoea', fromMs: 10_000, toMs: 22_000 }]);
    expect(artefacts.map(({ kind }) => kind)).toEqual(['lead-off', 'low-perfusion', 'mains-hum']);
  });

  it('is a calm adult where nothing is planned, for 50 seeds', () => {
    for (const seed of SEEDS) {
      const body = makeBody(seed, 1);
      const slice = body.next(60_000);
      const isSinus = slice.truth.beats.every((beat) => !beat.isVentricular && !beat.isPaced);
      expect(isSinus).toBe(true);
      for (const { numbers } of slice.truth.seconds) {
        expect(numbers['heart-rate'], `seed ${seed}`).toBeGreaterThan(40);
        expect(numbers['heart-rate'], `seed ${seed}`).toBeLessThan(135);
        expect(numbers.spo2).toBeGreaterThan(90);
        expect(numbers['respiratory-rate']).toBeGreaterThan(7);
        expect(numbers['respiratory-rate']).toBeLessThan(26);
        const pressure = numbers['systolic-pressure'] - numbers['diastolic-pressure'];
        expect(pressure).toBeGreaterThan(15);
      }
    }
  });

  it('is a child where it is planned: a faster heart and lower pressure', () => {
    const meanOf = (plan: BodyPlan, name: 'heart-rate' | 'systolic-pressure'): number =>
      SEEDS.reduce(
        (sum, seed) =>
          sum + makeBody(seed, 1, plan).next(1000).truth.seconds[0]!.numbers[name] / SEEDS.length,
        0,
      );
    const child: BodyPlan = { person: { ageGroup: 'child' } };
    expect(meanOf(child, 'heart-rate')).toBeGreaterThan(meanOf({}, 'heart-rate') + 20);
    expect(meanOf(child, 'systolic-pressure')).toBeLessThan(meanOf({}, 'systolic-pressure') - 10);
  });

  it('reads its core every second and the cuff at its times, all plausible', () => {
    for (const [plan, everyS] of [
      [{}, 900],
      [{ cuffEveryS: 300 }, 300],
    ] as const) {
      const body = makeBody(2, 5, plan);
      const readings = Array.from({ length: 31 }, () => body.next(60_000).readings).flat();
      for (const { vital, value } of readings) {
        expect(inRange(vital, toFixedPoint(vital, value)), vital.name).toBe(true);
      }
      const times = (name: string): number[] =>
        readings.flatMap(({ vital, atMs }) => (vital.name === name ? [atMs / 1000] : []));
      expect(times('body-temperature')).toHaveLength(31 * 60);
      const cuff = times('systolic-pressure');
      expect(cuff.length).toBeGreaterThanOrEqual(1800 / everyS);
      cuff.slice(1).forEach((atS, i) => expect(atS - cuff[i]!).toBe(everyS));
      expect(times('diastolic-pressure')).toEqual(cuff);
    }
  });

  it('drifts', () => {
    const body = makeBody(1, 6);
    const skin = (): number => body.next(1000).truth.seconds[0]!.numbers['skin-temperature'];
    const start = skin();
    for (let minute = 0; minute < 5; minute++) body.next(60_000);
    expect(Math.abs(skin() - start)).toBeGreaterThan(0.01);
  });

  it('goes on for an hour without a beat', () => {
    const body = makeBody(randomInt(2 ** 31), 1, { rhythms: [{ fromS: 1, rhythm: 'asystole' }] });
    for (let minute = 0; minute < 60; minute++) expect(body.next(60_000).ecg).toHaveLength(15_000);
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

/** The beats of each rhythm, from seeds drawn afresh and named; RHYTHM_SEED runs one again. */
import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeBody } from './body.ts';
import type { BodyRhythm } from './plan.ts';
import type { BodyBeat } from './slice.ts';

const FIRST_SEED = Number(process.env['RHYTHM_SEED'] ?? randomInt(2 ** 31));
const SEEDS = Array.from({ length: 20 }, (_, index) => FIRST_SEED + index);
const ONSET_S = 10;
const END_S = 50;
console.log(`rhythms: RHYTHM_SEED=${FIRST_SEED}, ${SEEDS.length} bodies each`);

function lived(seed: number, rhythm: BodyRhythm, ratePerMin?: number) {
  const planned = { fromS: ONSET_S, toS: END_S, rhythm };
  const rhythms = [ratePerMin === undefined ? planned : { ...planned, ratePerMin }];
  const body = makeBody(seed, 1, { rhythms });
  const slices = [body.next(60_000), body.next(20_000)];
  const beats = slices.flatMap(({ truth }) => truth.beats);
  return {
    slices,
    beats,
    during: beats.filter(({ atMs }) => atMs >= 1000 * ONSET_S && atMs < 1000 * END_S),
    after: beats.filter(({ atMs }) => atMs >= 1000 * END_S),
  };
}
const intervals = (beats: readonly BodyBeat[]): number[] =>
  beats.slice(1).map(({ atMs }, i) => atMs - beats[i]!.atMs);
const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
const spread = (list: readonly number[]): number =>
  Math.sqrt(mean(list.map((value) => (value - mean(list)) ** 2))) / mean(list);

describe.each([
  ['bradycardia', 26, 38, 0, 0.05],
  ['tachycardia', 145, 185, 0, 0.03],
  ['vt', 120, 220, 0.005, 0.03],
  ['paced', 60, 80, 0, 1e-9],
  ['af', 55, 150, 0.12, 0.35],
] as const)('%s', (rhythm, least, most, evenMin, evenMax) => {
  it(`has ${least} to ${most} beats a minute, and its evenness`, () => {
    for (const seed of SEEDS) {
      const { during, after } = lived(seed, rhythm);
      const rate = 60_000 / mean(intervals(during));
      expect(rate, `seed ${seed}`).toBeGreaterThan(least * 0.9);
      expect(rate, `seed ${seed}`).toBeLessThan(most * 1.1);
      expect(spread(intervals(during)), `seed ${seed}`).toBeGreaterThanOrEqual(evenMin);
      expect(spread(intervals(during)), `seed ${seed}`).toBeLessThan(evenMax);
      expect(during.every(({ isVentricular }) => isVentricular === (rhythm === 'vt'))).toBe(true);
      expect(during.every(({ isPaced }) => isPaced === (rhythm === 'paced'))).toBe(true);
      expect(after.some(({ isVentricular, isPaced }) => isVentricular || isPaced)).toBe(false);
      expect(after.length).toBeGreaterThan(15);
    }
  });

  it('has the rate that is planned', () => {
    const planned = Math.round(1.05 * (least + 2));
    const { during } = lived(FIRST_SEED, rhythm, planned);
    const error = Math.abs(60_000 / mean(intervals(during)) - planned) / planned;
    expect(error).toBeLessThan(rhythm === 'af' ? 0.2 : 0.02);
  });
});

describe('sinus rhythm', () => {
  it('has the rate that heart-rate has, or the one planned for it', () => {
    for (const seed of SEEDS) {
      const { during } = lived(seed, 'sinus', 90);
      expect(60_000 / mean(intervals(during)), `seed ${seed}`).toBeCloseTo(90, -0.3);
      const means = { 'heart-rate': 65, 'body-temperature': 39 };
      const { beats } = makeBody(seed, 1, { person: { means } }).next(60_000).truth;
      // The drift of heart-rate is up to 5.
      expect(Math.abs(60_000 / mean(intervals(beats)) - 65), `seed ${seed}`).toBeLessThan(7);
    }
  });
});

describe.each(['vf', 'asystole'] as const)('%s', (rhythm) => {
  it('has no beat, no heart rate and no pulse, until it is over', () => {
    for (const seed of SEEDS.slice(0, 8)) {
      const { beats, during, after, slices } = lived(seed, rhythm);
      expect(beats.length - during.length).toBeGreaterThan(10);
      expect(during).toEqual([]);
      expect(after[0]!.atMs).toBeLessThan(1000 * END_S + 2000);
      const rates = slices[0]!.truth.seconds.slice(ONSET_S, END_S);
      expect(rates.every(({ numbers }) => Number.isNaN(numbers['heart-rate']))).toBe(true);
      expect(slices[0]!.pleth.subarray(125 * 13, 125 * END_S).every((one) => one < 50)).toBe(true);
      const ecg = slices[0]!.ecg.subarray(250 * 11, 250 * 49);
      const swing = (Math.max(...ecg) - Math.min(...ecg)) / 200;
      if (rhythm === 'vf') expect(swing).toBeGreaterThan(0.25);
      else expect(swing).toBeLessThan(0.35);
    }
  });
});

describe.each([
  ['bigeminy', 2, 2],
  ['pvcs', 3, 6],
] as const)('%s', (rhythm, least, most) => {
  it('has ventricular beats that come early, the next late, and the rate of the sinus node', () => {
    for (const seed of SEEDS) {
      const { during } = lived(seed, rhythm, 75);
      const early = during.flatMap(({ isVentricular }, i) =>
        isVentricular && i > 1 && i + 1 < during.length ? [i] : [],
      );
      const period = early[1]! - early[0]!;
      expect(period).toBeGreaterThanOrEqual(least);
      expect(period).toBeLessThanOrEqual(most);
      early.slice(1).forEach((at, i) => expect(at - early[i]!).toBe(period));
      for (const i of early) {
        const at = (index: number): number => during[index]!.atMs;
        expect(at(i) - at(i - 1)).toBeLessThan(0.8 * (at(i + 1) - at(i)));
      }
      const whole = during.slice(early[0], early.at(-1)! + 1);
      expect(Math.abs(60_000 / mean(intervals(whole)) - 75), `seed ${seed}`).toBeLessThan(4);
    }
  });
});

describe('a turn of the rhythm', () => {
  it('leaves what was before as it was, and its first beat is no earlier', () => {
    const rhythms = ['vt', 'vf', 'af', 'paced', 'bigeminy', 'asystole'] as const;
    for (const rhythm of rhythms) {
      const plain = makeBody(5, 1).next(9000);
      const turning = makeBody(5, 1, { rhythms: [{ fromS: ONSET_S, rhythm }] }).next(9000);
      expect(turning.ecg).toEqual(plain.ecg);
      expect(turning.truth.beats).toEqual(plain.truth.beats);
    }
    for (const seed of SEEDS) {
      const { beats } = lived(seed, 'vt');
      const first = beats.findIndex(({ isVentricular }) => isVentricular);
      expect(beats[first]!.atMs).toBeGreaterThanOrEqual(1000 * ONSET_S);
      expect(beats.slice(0, first).every(({ atMs }) => atMs < 1000 * ONSET_S)).toBe(true);
      expect(Math.min(...intervals(beats)), `seed ${seed}`).toBeGreaterThan(240);
    }
  });
});

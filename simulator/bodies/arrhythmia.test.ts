import { describe, expect, it } from 'vitest';
import { ARRHYTHMIAS, type Arrhythmia } from './arrhythmia.ts';
import { makeBody, type BodyBeat, type BodyReading } from './body.ts';

const ONSET_MS = 10_000;
const SEEDS = Array.from({ length: 20 }, (_, index) => index * 977);

function beatsOf(seed: number, kind: Arrhythmia): { before: BodyBeat[]; after: BodyBeat[] } {
  const { beats } = makeBody(seed, 1, { kind, atMs: ONSET_MS }).next(60_000);
  return {
    before: beats.filter(({ atMs }) => atMs < ONSET_MS),
    after: beats.filter(({ atMs }) => atMs >= ONSET_MS),
  };
}
const intervals = (beats: readonly BodyBeat[]): number[] =>
  beats.slice(1).map(({ atMs }, i) => atMs - beats[i]!.atMs);
const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
const spread = (list: readonly number[]): number =>
  Math.sqrt(mean(list.map((value) => (value - mean(list)) ** 2))) / mean(list);

describe('a body whose rhythm turns', () => {
  it.each(ARRHYTHMIAS)('is the same as ever before %s begins', (kind) => {
    const plain = makeBody(5, 1).next(9000);
    const turning = makeBody(5, 1, { kind, atMs: ONSET_MS }).next(9000);
    expect(turning.ecg).toEqual(plain.ecg);
    expect(turning.readings).toEqual(plain.readings);
    expect(turning.beats.every(({ isVentricular }) => !isVentricular)).toBe(true);
  });

  it.each([
    ['vt', 120, 220],
    ['bradycardia', 26, 38],
    ['tachycardia', 145, 185],
    ['af', 55, 150],
  ] as const)('%s has %d to %d beats a minute', (kind, least, most) => {
    for (const seed of SEEDS) {
      const { after } = beatsOf(seed, kind);
      const rate = 60_000 / mean(intervals(after));
      expect(rate, `seed ${seed}`).toBeGreaterThan(least * 0.9);
      expect(rate, `seed ${seed}`).toBeLessThan(most * 1.1);
      expect(after.every(({ isVentricular }) => isVentricular === (kind === 'vt'))).toBe(true);
      if (kind === 'af') expect(spread(intervals(after))).toBeGreaterThan(0.12);
      else expect(spread(intervals(after))).toBeLessThan(0.05);
    }
  });

  it.each(['vf', 'asystole'] as const)('%s has no beat, no heart rate, and no pulse', (kind) => {
    for (const seed of SEEDS) {
      const { before, after } = beatsOf(seed, kind);
      expect(before.length).toBeGreaterThan(5);
      expect(after).toEqual([]);
    }
    const body = makeBody(1, 1, { kind, atMs: ONSET_MS });
    body.next(30_000);
    const { pleth, readings } = body.next(10_000);
    expect(Math.max(...pleth)).toBeLessThan(100);
    const names = new Set(readings.map(({ vital }: BodyReading) => vital.name));
    expect(names.has('heart-rate')).toBe(false);
    expect(names.has('respiratory-rate')).toBe(true);
  });

  it('ectopic beats come early, and the next one late', () => {
    const { after } = beatsOf(3, 'pvcs');
    const early = after.flatMap(({ isVentricular }, i) =>
      isVentricular && i > 1 && i + 1 < after.length ? [i] : [],
    );
    expect(early.length).toBeGreaterThan(4);
    for (const i of early) {
      const at = (index: number): number => after[index]!.atMs;
      expect(at(i) - at(i - 1)).toBeLessThan(0.8 * (at(i - 1) - at(i - 2)));
      expect(at(i + 1) - at(i)).toBeGreaterThan(at(i) - at(i - 1));
    }
  });

  it('does the same again however its time is cut, beats too', () => {
    for (const kind of ARRHYTHMIAS) {
      const whole = makeBody(42, 7, { kind, atMs: 4000 }).next(12_000);
      const cut = makeBody(42, 7, { kind, atMs: 4000 });
      const slices = [40, 3960, 2000, 6000].map((durationMs) => cut.next(durationMs));
      expect(slices.flatMap(({ ecg }) => [...ecg])).toEqual([...whole.ecg]);
      expect(slices.flatMap(({ beats }) => beats)).toEqual(whole.beats);
      expect(slices.flatMap(({ readings }) => readings)).toEqual(whole.readings);
    }
  });

  it('goes on for ten minutes without a beat', () => {
    const body = makeBody(1, 1, { kind: 'asystole', atMs: 1000 });
    for (let minute = 0; minute < 10; minute++) expect(body.next(60_000).ecg).toHaveLength(15_000);
  });
});

import { describe, expect, it } from 'vitest';
import type { Quality } from './ecg-quality.ts';
import type { RhythmFlag } from '../vital/vital.ts';
import { Rhythm, type RhythmBeat } from './rhythm.ts';

const GOOD: Quality = { bars: 4, reason: null };
const NOISY: Quality = { bars: 1, reason: 'noise' };

interface Scene {
  readonly beats: readonly (Partial<RhythmBeat> & { atS: number })[];
  readonly seconds: number;
  readonly quality?: (atS: number) => Quality;
  readonly isFibrillating?: (atS: number) => boolean;
}

/** The flags second by second. */
function flagsOf({ beats, seconds, quality = () => GOOD, isFibrillating = () => false }: Scene) {
  const rhythm = new Rhythm();
  const list: RhythmFlag[][] = [];
  let next = 0;
  for (let nowS = 1; nowS <= seconds; nowS++) {
    for (; next < beats.length && beats[next]!.atS <= nowS; next++) {
      rhythm.beat({ isVentricular: false, isUsual: true, likeness: 0.99, ...beats[next]! });
    }
    list.push(rhythm.second(nowS, quality(nowS), isFibrillating(nowS)));
  }
  return list;
}

const train = (rrS: number, fromS: number, toS: number, more: Partial<RhythmBeat> = {}) =>
  Array.from({ length: Math.floor((toS - fromS) / rrS) }, (_, i) => ({
    atS: fromS + i * rrS,
    ...more,
  }));
const ever = (flags: RhythmFlag[][]): RhythmFlag[] => [...new Set(flags.flat())];
const VENTRICULAR = { isVentricular: true, isUsual: false };

describe('rhythm flags', () => {
  it('none for sinus rhythm of 45 and of 135', () => {
    for (const rrS of [60 / 45, 60 / 135]) {
      expect(ever(flagsOf({ beats: train(rrS, 0, 120), seconds: 120 }))).toEqual([]);
    }
  });

  it('asystole after 4 s without a beat, not after 3, and until beats are back', () => {
    const flags = flagsOf({
      beats: [...train(0.8, 0, 20), ...train(0.8, 30, 40)],
      seconds: 40,
    });
    // The last beat before the pause is at 19.2 s.
    expect(flags.map((list, i) => (list.includes('asystole') ? i + 1 : 0)).filter(Boolean)).toEqual(
      [24, 25, 26, 27, 28, 29],
    );
    const short = [...train(0.8, 0, 20), ...train(0.8, 22.9, 40)];
    expect(ever(flagsOf({ beats: short, seconds: 40 }))).toEqual([]);
  });

  it('asystole is not ended by noise taken for beats', () => {
    const flags = flagsOf({
      beats: [...train(0.8, 0, 20), ...train(0.4, 26, 40, { isUsual: false })],
      seconds: 40,
      quality: (atS) => (atS > 20 ? NOISY : GOOD),
    });
    expect(flags.at(-1)).toEqual(['asystole']);
  });

  it('no asystole where there is no ECG', () => {
    for (const reason of ['lead-off', 'flat', 'no-data', 'saturated', 'learning'] as const) {
      const quality = (): Quality => ({ bars: 0, reason });
      expect(ever(flagsOf({ beats: [], seconds: 20, quality }))).toEqual([]);
    }
  });

  it('bradycardia of 39 a minute, at the fifth interval', () => {
    const flags = flagsOf({ beats: train(60 / 39, 0, 30), seconds: 30 });
    expect(flags.findIndex((list) => list.includes('bradycardia')) + 1).toBe(8);
  });

  it('tachycardia of 141 a minute, at the seventeenth interval', () => {
    const flags = flagsOf({ beats: train(60 / 141, 0, 30), seconds: 30 });
    expect(flags.findIndex((list) => list.includes('tachycardia')) + 1).toBe(8);
  });

  it('vt at five ventricular beats above 100 a minute; not at four, not slower, not unlike', () => {
    const run = (count: number, rrS: number, more: Partial<RhythmBeat> = {}) =>
      ever(
        flagsOf({
          beats: [
            ...train(0.8, 0, 20),
            ...train(rrS, 20, 20 + count * rrS + 0.01, { ...VENTRICULAR, ...more }),
          ],
          seconds: 23,
        }),
      );
    expect(run(5, 0.4)).toEqual(['vt']);
    expect(run(4, 0.4)).toEqual([]);
    expect(run(5, 0.61)).toEqual([]);
    expect(run(5, 0.4, { likeness: 0.5 })).toEqual([]);
  });

  it('no vt in bigeminy, nor on a lead that cannot be trusted', () => {
    const bigeminy = train(0.5, 0, 60).map((beat, i) =>
      i % 2 ? { ...beat, ...VENTRICULAR } : beat,
    );
    expect(ever(flagsOf({ beats: bigeminy, seconds: 60 }))).toEqual([]);
    const noise = train(0.4, 0, 60, VENTRICULAR);
    expect(ever(flagsOf({ beats: noise, seconds: 60, quality: () => NOISY }))).toEqual([]);
  });

  it('vf after two seconds of fibrillation, trusted or not; a regular run in it is vt', () => {
    const isFibrillating = (atS: number): boolean => atS > 20;
    const quality = (atS: number): Quality => (atS > 22 ? NOISY : GOOD);
    const flags = flagsOf({ beats: train(0.8, 0, 20), seconds: 30, isFibrillating, quality });
    expect(flags.findIndex((list) => list.includes('vf')) + 1).toBe(22);
    expect(ever(flags)).toEqual(['vf']);
    const regular = [...train(0.8, 0, 20), ...train(0.3, 20, 30, VENTRICULAR)];
    expect(flagsOf({ beats: regular, seconds: 30, isFibrillating }).at(-1)).toEqual(['vt']);
    const irregular = regular.map((beat, i) => ({ ...beat, atS: beat.atS + (i % 2 ? 0.1 : 0) }));
    expect(flagsOf({ beats: irregular, seconds: 30, isFibrillating }).at(-1)).toEqual(['vf']);
  });

  it('af when intervals have no order; not in bigeminy, not with breathing', () => {
    let state = 5;
    const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const spaced = (rr: (index: number) => Partial<RhythmBeat> & { rrS: number }) => {
      let atS = 0;
      return Array.from({ length: 150 }, (_, i) => {
        const { rrS, ...more } = rr(i);
        return { atS: (atS += rrS), ...more };
      });
    };
    const seconds = 100;
    const flags = (beats: (Partial<RhythmBeat> & { atS: number })[]) =>
      ever(flagsOf({ beats, seconds }));
    expect(flags(spaced(() => ({ rrS: 0.5 + 0.5 * random() })))).toEqual(['af']);
    expect(flags(spaced((i) => ({ rrS: 0.8 + 0.06 * Math.sin(i / 2) })))).toEqual([]);
    expect(
      flags(spaced((i) => (i % 2 ? { rrS: 0.5 + 0.02 * random(), ...VENTRICULAR } : { rrS: 1.1 }))),
    ).toEqual([]);
  });
});

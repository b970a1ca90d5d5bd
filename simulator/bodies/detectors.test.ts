/**
 * The numbers a bed shows, by its detectors from the integer samples, against the truth of those samples.
 * Seeds are drawn afresh and named; DETECTOR_SEED runs one again.
 */
import { randomInt } from 'node:crypto';
import { BedNumbers, type Estimate } from '@vitalshare/edge/signals';
import { describe, expect, it } from 'vitest';
import { makeBody } from './body.ts';
import type { BodyPlan, BodyRhythm, PlannedArtefact } from './plan.ts';
import { BODY_WAVEFORMS, type TruthName, type TruthSecond } from './slice.ts';

const FIRST_SEED = Number(process.env['DETECTOR_SEED'] ?? randomInt(2 ** 31));
console.log(`detectors: DETECTOR_SEED=${FIRST_SEED}`);
const seedsOf = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => FIRST_SEED + index);

const SENT = ['ecg', 'pleth', 'red', 'infrared', 'resp', 'skin'] as const;

interface Compared {
  readonly atS: number;
  readonly shown: Estimate;
  readonly truth: number;
}

/** What was shown of a number at each second from `fromS` on, and what was true. */
function compared(seed: number, plan: BodyPlan, seconds: number, fromS: number) {
  const body = makeBody(seed, 1, plan);
  const shown = new Map<string, Estimate>();
  const numbers = new BedNumbers(
    SENT.map((name) => BODY_WAVEFORMS[name]),
    { onNumber: (vital, estimate) => shown.set(`${vital} ${estimate.atUs / 1e6}`, estimate) },
  );
  const truth: TruthSecond[] = [];
  for (let second = 0; second < seconds; second++) {
    const slice = body.next(1000);
    truth.push(...slice.truth.seconds);
    for (const name of SENT) {
      const { sampleRateMilliHz: rateMilliHz, ...shape } = BODY_WAVEFORMS[name];
      const samples = slice[name];
      numbers.push(shape, { ...shape, startUs: second * 1e6, rateMilliHz, samples });
    }
  }
  return (name: TruthName): Compared[] =>
    truth.flatMap(({ atMs, numbers: { [name]: value } }) => {
      const estimate = shown.get(`${name} ${atMs / 1000}`);
      const isDue = atMs >= 1000 * fromS && estimate !== undefined;
      return isDue ? [{ atS: atMs / 1000, shown: estimate, truth: value }] : [];
    });
}

const errorOf = ({ shown, truth }: Compared): number => (shown.value ?? NaN) - truth;
const shareShown = (list: readonly Compared[]): number =>
  list.filter(({ shown }) => shown.value !== null).length / list.length;

/** A beat is told 0.4 to 2.4 s late (edge/signals/qrs.ts): a number is of now, or of so many seconds ago. */
const LATE_S = [0, 1, 2];

/** Of every ten seconds in a row that all have a number: how far their mean is from that of the truth. */
function errorsOver10s(list: readonly Compared[]): number[] {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / 10;
  return list.flatMap((_, i) => {
    const ten = list.slice(i, i + 10);
    const shown = mean(ten.map((one) => one.shown.value ?? NaN));
    if (i < LATE_S.length || ten.length < 10 || Number.isNaN(shown)) return [];
    const truths = LATE_S.map((late) =>
      mean(list.slice(i - late, i - late + 10).map(({ truth }) => truth)),
    );
    return [Math.min(...truths.map((truth) => Math.abs(shown - truth)))];
  });
}

describe('the heart rate shown', () => {
  it.each(['sinus', 'bradycardia', 'tachycardia', 'pvcs', 'bigeminy', 'vt', 'paced'] as const)(
    'of %s is within 1 of the truth over 10 s, and nearly always there',
    (rhythm: BodyRhythm) => {
      for (const seed of seedsOf(3)) {
        const of = compared(seed, { rhythms: [{ fromS: 15, rhythm }] }, 120, 40);
        expect(shareShown(of('heart-rate')), `seed ${seed}`).toBeGreaterThan(0.95);
        expect(Math.max(...errorsOver10s(of('heart-rate'))), `seed ${seed}`).toBeLessThan(1);
      }
    },
  );

  it('of fibrillation is so in 95 of 100, where one beat told late or lost moves the rest', () => {
    const errors = seedsOf(8).flatMap((seed) =>
      errorsOver10s(
        compared(seed, { rhythms: [{ fromS: 15, rhythm: 'af' }] }, 180, 45)('heart-rate'),
      ),
    );
    expect(errors.length).toBeGreaterThan(800);
    expect(errors.filter((error) => error < 1).length / errors.length).toBeGreaterThan(0.95);
  });

  it('of what has no beats is none', () => {
    for (const rhythm of ['vf', 'asystole'] as const) {
      for (const seed of seedsOf(2)) {
        const of = compared(seed, { rhythms: [{ fromS: 15, rhythm }] }, 60, 25);
        expect(shareShown(of('heart-rate')), `${rhythm}, seed ${seed}`).toBe(0);
        expect(shareShown(of('pulse-rate')), `${rhythm}, seed ${seed}`).toBeLessThan(0.2);
      }
    }
  });
});

describe('the other numbers shown', () => {
  it('of a patient at rest are the truth', () => {
    for (const seed of seedsOf(4)) {
      const of = compared(seed, {}, 150, 60);
      const limits = {
        'pulse-rate': 2,
        'respiratory-rate': 1.5,
        spo2: 1,
        'skin-temperature': 0.2,
      } as const;
      for (const [name, most] of Object.entries(limits)) {
        const list = of(name as TruthName);
        expect(shareShown(list), `${name}, seed ${seed}`).toBeGreaterThan(0.95);
        const mean = list.reduce((sum, one) => sum + Math.abs(errorOf(one) || 0), 0) / list.length;
        expect(mean, `${name}, seed ${seed}`).toBeLessThan(most);
      }
    }
  });

  it('apnoea: no breathing from the 20th second of it on, and again after it', () => {
    for (const seed of seedsOf(6)) {
      const list = compared(
        seed,
        { apnoeas: [{ fromS: 90, toS: 125 }] },
        190,
        60,
      )('respiratory-rate');
      const at = (atS: number) => list.find((one) => one.atS === atS)!;
      for (let atS = 114; atS <= 124; atS++) expect(at(atS).shown.value, `${seed}`).toBeNull();
      expect(at(85).shown.value).not.toBeNull();
      expect(at(180).shown.value).not.toBeNull();
    }
  });
});

describe('SpO₂ shown', () => {
  it.each([0.5, 1, 3])(
    'is within 2 points rms of the truth from 70 to 100 % at a perfusion of %d %',
    (perfusion) => {
      const errors: number[] = [];
      const absent: number[] = [];
      seedsOf(11).forEach((seed, index) => {
        const means = { spo2: 71 + 2.9 * index, perfusion };
        const list = compared(seed, { person: { means } }, 70, 30)('spo2');
        const inside = list.filter(({ truth }) => truth >= 70.5);
        absent.push(...inside.flatMap(({ shown, truth }) => (shown.value === null ? [truth] : [])));
        errors.push(...inside.map(errorOf).filter((error) => !Number.isNaN(error)));
      });
      expect(absent).toEqual([]);
      const square = errors.reduce((sum, error) => sum + error * error, 0) / errors.length;
      expect(errors.length).toBeGreaterThan(350);
      expect(Math.sqrt(square)).toBeLessThan(2);
    },
  );

  it('follows a fall to 82 % and the way back', () => {
    const states = [{ fromS: 60, toS: 150, overS: 40, targets: { spo2: 82 } }];
    for (const seed of seedsOf(2)) {
      const list = compared(seed, { states }, 240, 30)('spo2');
      expect(shareShown(list), `seed ${seed}`).toBeGreaterThan(0.95);
      const most = Math.max(...list.map((one) => Math.abs(errorOf(one) || 0)));
      expect(most, `seed ${seed}`).toBeLessThan(2);
    }
  });
});

const SPOILT: readonly Omit<PlannedArtefact, 'fromS'>[] = [
  ...[0.03, 0.1, 0.3, 1, 3].map((strength) => ({ kind: 'motion', strength }) as const),
  { kind: 'motion', site: 'chest' },
  { kind: 'lead-off' },
  { kind: 'low-perfusion' },
  { kind: 'no-finger' },
  { kind: 'mains-hum' },
  { kind: 'mains-hum', hz: 60, strength: 3 },
  { kind: 'drift', strength: 3 },
  { kind: 'saturation' },
  { kind: 'probe-off' },
];

describe.each(SPOILT)('with %j', (spoilt) => {
  const artefacts = [{ fromS: 40, toS: 80, ...spoilt }];
  const { kind, site } = spoilt;

  it('SpO₂ is absent rather than wrong by more than 4, and so is the skin by a degree', () => {
    for (const [index, seed] of seedsOf(5).entries()) {
      const means = { spo2: [98, 92, 86, 80, 75][index]! };
      const of = compared(seed, { person: { means }, artefacts }, 110, 30);
      for (const [name, most] of [
        ['spo2', 4],
        ['skin-temperature', 1],
      ] as const) {
        const wrong = of(name).filter((one) => Math.abs(errorOf(one)) > most);
        expect(wrong, `${name}, seed ${seed}`).toEqual([]);
      }
      if (site === 'chest') continue;
      const heart = of('heart-rate').filter((one) => Math.abs(errorOf(one)) > 10);
      // As an amplifier reaches its end, beats are lost before it is known.
      expect(heart.length, `seed ${seed}`).toBeLessThan(kind === 'saturation' ? 5 : 1);
      if (kind === 'no-finger') {
        const off = of('spo2').filter(({ atS }) => atS >= 54 && atS <= 80);
        expect(shareShown(off), `seed ${seed}`).toBe(0);
      }
      if (kind === 'lead-off') {
        const off = of('heart-rate').filter(({ atS }) => atS >= 50 && atS <= 80);
        expect(shareShown(off), `seed ${seed}`).toBe(0);
      }
    }
  });
});

import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NEWS2_PARTS, news2Of, type News2Part, type News2Values, type Points } from './news2.ts';

/** Nothing scores. */
const WELL: Record<News2Part, number> = {
  ...{ 'respiratory-rate': 16, spo2: 97, oxygen: 0, 'systolic-pressure': 120 },
  ...{ pulse: 70, consciousness: 0, 'body-temperature': 37 },
};
const points = (part: News2Part, value: number, scale: 1 | 2 = 1, more: News2Values = {}) =>
  news2Of({ ...WELL, ...more, [part]: value }, scale).points[part];

/** Both sides of every threshold of the chart, at the resolution of a reading: 0.1, of temperature 0.001. */
type Sides = readonly (readonly [below: number, points: Points, above: number, points: Points])[];

describe('every threshold of NEWS2 on both sides', () => {
  const CHART: readonly [part: News2Part, sides: Sides][] = [
    [
      'respiratory-rate',
      [
        [8, 3, 9, 1],
        [11, 1, 12, 0],
        [20, 0, 21, 2],
        [24, 2, 25, 3],
      ],
    ],
    [
      'respiratory-rate',
      [
        [8.4, 3, 8.5, 1],
        [11.4, 1, 11.5, 0],
        [20.4, 0, 20.5, 2],
        [24.4, 2, 24.5, 3],
      ],
    ],
    [
      'spo2',
      [
        [91, 3, 92, 2],
        [93, 2, 94, 1],
        [95, 1, 96, 0],
      ],
    ],
    [
      'spo2',
      [
        [91.4, 3, 91.5, 2],
        [93.4, 2, 93.5, 1],
        [95.4, 1, 95.5, 0],
      ],
    ],
    [
      'systolic-pressure',
      [
        [90, 3, 91, 2],
        [100, 2, 101, 1],
        [110, 1, 111, 0],
        [219, 0, 220, 3],
      ],
    ],
    [
      'systolic-pressure',
      [
        [90.4, 3, 90.5, 2],
        [100.4, 2, 100.5, 1],
        [110.4, 1, 110.5, 0],
        [219.4, 0, 219.5, 3],
      ],
    ],
    [
      'pulse',
      [
        [40, 3, 41, 1],
        [50, 1, 51, 0],
        [90, 0, 91, 1],
        [110, 1, 111, 2],
        [130, 2, 131, 3],
      ],
    ],
    [
      'pulse',
      [
        [40.4, 3, 40.5, 1],
        [50.4, 1, 50.5, 0],
        [90.4, 0, 90.5, 1],
        [110.4, 1, 110.5, 2],
        [130.4, 2, 130.5, 3],
      ],
    ],
    [
      'body-temperature',
      [
        [35, 3, 35.1, 1],
        [36, 1, 36.1, 0],
        [38, 0, 38.1, 1],
        [39, 1, 39.1, 2],
      ],
    ],
    [
      'body-temperature',
      [
        [35.049, 3, 35.05, 1],
        [36.049, 1, 36.05, 0],
        [38.049, 0, 38.05, 1],
        [39.049, 1, 39.05, 2],
      ],
    ],
    [
      'consciousness',
      [
        [0, 0, 1, 3],
        [0, 0, 2, 3],
        [0, 0, 3, 3],
        [0, 0, 4, 3],
      ],
    ],
    [
      'oxygen',
      [
        [0, 0, 0.1, 2],
        [0, 0, 15, 2],
      ],
    ],
  ];
  it.each(CHART.flatMap(([part, sides]) => sides.map((side) => [part, ...side] as const)))(
    '%s: %d scores %d and %d scores %d',
    (part, below, less, above, more) => {
      expect([points(part, below), points(part, above)]).toEqual([less, more]);
    },
  );

  it.each([
    [83, 3, 84, 2],
    [85, 2, 86, 1],
    [87, 1, 88, 0],
    [92, 0, 93, 0],
    [94, 0, 95, 0],
    [96, 0, 97, 0],
  ] as const)(
    'SpO₂ on scale 2, on air: %d scores %d and %d scores %d',
    (below, less, above, more) => {
      expect([points('spo2', below, 2), points('spo2', above, 2)]).toEqual([less, more]);
    },
  );

  it.each([
    [83, 3, 84, 2],
    [85, 2, 86, 1],
    [87, 1, 88, 0],
    [92, 0, 93, 1],
    [94, 1, 95, 2],
    [96, 2, 97, 3],
    [92.4, 0, 92.5, 1],
  ] as const)(
    'SpO₂ on scale 2, on oxygen: %d scores %d and %d scores %d',
    (below, less, above, more) => {
      const on = { oxygen: 2 };
      expect([points('spo2', below, 2, on), points('spo2', above, 2, on)]).toEqual([less, more]);
    },
  );

  it('SpO₂ on scale 2 without word of oxygen is known up to 92 %', () => {
    const { oxygen, ...rest } = WELL;
    expect(oxygen).toBe(0);
    expect(news2Of({ ...rest, spo2: 92 }, 2).points.spo2).toBe(0);
    expect(news2Of({ ...rest, spo2: 93 }, 2).points.spo2).toBeNull();
  });
});

describe('the sum and what it asks for', () => {
  const RR = { 1: 9, 2: 21, 3: 25 } as const;
  it.each([
    [{}, 0, 'low', 12],
    [{ 'respiratory-rate': RR[1] }, 1, 'low', 6],
    [{ 'respiratory-rate': RR[2], oxygen: 1 }, 4, 'low', 6],
    [{ 'respiratory-rate': RR[3] }, 3, 'low-medium', 1],
    [{ 'respiratory-rate': RR[3], spo2: 95 }, 4, 'low-medium', 1],
    [{ 'respiratory-rate': RR[2], oxygen: 1, spo2: 95 }, 5, 'medium', 1],
    [{ 'respiratory-rate': RR[3], consciousness: 1 }, 6, 'medium', 1],
    [{ 'respiratory-rate': RR[3], consciousness: 1, spo2: 95 }, 7, 'high', 0],
  ] as const)('%j is %d: %s, every %d h', (values, score, risk, everyHoursMax) => {
    expect(news2Of({ ...WELL, ...values })).toMatchObject({ score, risk, everyHoursMax, known: 7 });
  });

  it('is partial, and never a silent 0, where a part is missing', () => {
    expect(news2Of({})).toMatchObject({ score: 0, known: 0, missing: NEWS2_PARTS, risk: 'low' });
    const two = news2Of({ pulse: 131, spo2: null, 'respiratory-rate': 16 });
    expect(two).toMatchObject({ score: 3, known: 2, risk: 'low-medium' });
    expect(two.points).toMatchObject({ pulse: 3, spo2: null, 'respiratory-rate': 0 });
    expect(two.missing).toEqual([
      ...['spo2', 'oxygen', 'systolic-pressure', 'consciousness', 'body-temperature'],
    ]);
  });

  it('a missing part can only add', () => {
    const value = fc.option(fc.double({ min: 0, max: 300, noNaN: true }), { nil: null });
    const values = fc.record(Object.fromEntries(NEWS2_PARTS.map((part) => [part, value])));
    const property = fc.property(
      ...([values, fc.constantFrom(...NEWS2_PARTS), fc.constantFrom(1, 2)] as const),
      (some, part, scale) => {
        const less = news2Of({ ...some, [part]: null }, scale);
        expect(less.score).toBeLessThanOrEqual(news2Of(some, scale).score);
        expect(less.known + less.missing.length).toBe(7);
      },
    );
    fc.assert(property);
  });

  it('refuses what is no number', () => {
    expect(() => news2Of({ pulse: NaN })).toThrow(RangeError);
    expect(() => news2Of({ spo2: Infinity })).toThrow('NEWS2: spo2');
  });
});

interface SharedCase {
  readonly id: string;
  readonly input: {
    readonly respirationRate: number;
    readonly spo2: number;
    readonly hypercapnicRespiratoryFailure: boolean;
    readonly supplementalOxygen: boolean;
    readonly systolicBP: number;
    readonly heartRate: number;
    readonly alert: boolean;
    readonly temperature: number;
  };
  readonly expected: Readonly<Record<string, number | string>>;
}
const FILE = new URL('../../../shared/data/news2/news2-cases.json', import.meta.url);
const shared = existsSync(FILE)
  ? (JSON.parse(readFileSync(FILE, 'utf8')) as { cases: SharedCase[] }).cases
  : [];
const RISK = { low: 'Low', 'low-medium': 'Low-Medium', medium: 'Medium', high: 'High' } as const;
const MONITORING = {
  12: 'Minimum every 12 hrs',
  6: 'Minimum every 4-6 hrs',
  1: 'Minimum every hr',
  0: 'Continuous monitoring of vital signs',
} as const;

describe.skipIf(shared.length === 0)(
  'cases of openEHR (skips without ../shared/data/news2)',
  () => {
    it.each(shared.map((one) => [one.id, one] as const))('%s', (_, { input, expected }) => {
      const news2 = news2Of(
        {
          'respiratory-rate': input.respirationRate,
          spo2: input.spo2,
          oxygen: input.supplementalOxygen ? 2 : 0,
          'systolic-pressure': input.systolicBP,
          pulse: input.heartRate,
          consciousness: input.alert ? 0 : 1,
          'body-temperature': input.temperature,
        },
        input.hypercapnicRespiratoryFailure ? 2 : 1,
      );
      expect({
        total: news2.score,
        respirationRate: news2.points['respiratory-rate'],
        spo2: news2.points.spo2,
        systolicBP: news2.points['systolic-pressure'],
        pulse: news2.points.pulse,
        temperature: news2.points['body-temperature'],
        clinicalRisk: RISK[news2.risk],
        clinicalRiskCode: ['low', 'low-medium', 'medium', 'high'].indexOf(news2.risk),
        monitoring: MONITORING[news2.everyHoursMax],
      }).toEqual(expected);
    });
  },
);

/**
 * The National Early Warning Score. NEWS2 © Royal College of Physicians 2017: National Early Warning
 * Score (NEWS) 2: Standardising the assessment of acute-illness severity in the NHS, London, RCP, 2017.
 *
 *                        3       2        1          0          1          2         3
 *   respiratory rate    ≤ 8            9–11      12–20                21–24       ≥ 25
 *   SpO₂ scale 1       ≤ 91   92–93   94–95       ≥ 96
 *   SpO₂ scale 2       ≤ 83   84–85   86–87      88–92    93–94      95–96       ≥ 97    on oxygen;
 *                                                 ≥ 93                                    on air
 *   air or oxygen            oxygen                air
 *   systolic pressure  ≤ 90  91–100 101–110    111–219                            ≥ 220
 *   pulse              ≤ 40           41–50      51–90   91–110    111–130       ≥ 131
 *   consciousness                                 alert                         C V P U
 *   temperature      ≤ 35.0       35.1–36.0  36.1–38.0  38.1–39.0   ≥ 39.1
 *
 * A reading is scored as it is shown: to one, a temperature to 0.1 °C. Temperature is of the body, never
 * of the skin. A part that is missing adds nothing and is named: the sum is then a lower bound. Scale 2
 * is for hypercapnic respiratory failure, by a clinician's decision, and needs to know of oxygen: until
 * that is known SpO₂ above 92 % is a part that is missing. For ages from 16 on, and not in pregnancy.
 */

/** In the order of the chart. */
export const NEWS2_PARTS = [
  'respiratory-rate',
  'spo2',
  'oxygen',
  'systolic-pressure',
  'pulse',
  'consciousness',
  'body-temperature',
] as const;
export type News2Part = (typeof NEWS2_PARTS)[number];
export type Points = 0 | 1 | 2 | 3;

/** In the units of edge/vital: oxygen in L/min, consciousness 0 (alert) to 4. Null or absent: missing. */
export type News2Values = Readonly<Partial<Record<News2Part, number | null>>>;

export type Spo2Scale = 1 | 2;

/** `low-medium`: a single part of 3, urgent ward review. */
export const NEWS2_RISKS = ['low', 'low-medium', 'medium', 'high'] as const;
export type News2Risk = (typeof NEWS2_RISKS)[number];

export interface News2 {
  /** Of the parts that are there: a lower bound where `known` is below 7. */
  readonly score: number;
  readonly points: Readonly<Record<News2Part, Points | null>>;
  /** How many of the seven parts are there: "partial n/7". */
  readonly known: number;
  readonly missing: readonly News2Part[];
  readonly scale: Spo2Scale;
  /** By the score as it is: of a partial one at least this. */
  readonly risk: News2Risk;
  /** The longest pause between two sets of observations, hours; 0 is continuous monitoring. */
  readonly everyHoursMax: 0 | 1 | 6 | 12;
}

type Bands = readonly (readonly [upTo: number, points: Points])[];

const RESPIRATORY_RATE: Bands = [
  [8, 3],
  [11, 1],
  [20, 0],
  [24, 2],
  [Infinity, 3],
];
const SPO2_SCALE_1: Bands = [
  [91, 3],
  [93, 2],
  [95, 1],
  [Infinity, 0],
];
const SPO2_SCALE_2: Bands = [
  [83, 3],
  [85, 2],
  [87, 1],
  [92, 0],
];
const SPO2_SCALE_2_ON_OXYGEN: Bands = [...SPO2_SCALE_2, [94, 1], [96, 2], [Infinity, 3]];
const SPO2_SCALE_2_ON_AIR: Bands = [...SPO2_SCALE_2, [Infinity, 0]];
const SYSTOLIC: Bands = [
  [90, 3],
  [100, 2],
  [110, 1],
  [219, 0],
  [Infinity, 3],
];
const PULSE: Bands = [
  [40, 3],
  [50, 1],
  [90, 0],
  [110, 1],
  [130, 2],
  [Infinity, 3],
];
const TEMPERATURE: Bands = [
  [35, 3],
  [36, 1],
  [38, 0],
  [39, 1],
  [Infinity, 2],
];

const within = (bands: Bands, value: number): Points | null =>
  bands.find(([upTo]) => value <= upTo)?.[1] ?? null;

/** To 0.1 °C by way of the thousandths a reading has, so that 35.05 is not a little less. */
const toTenths = (celsius: number): number => Math.round(Math.round(celsius * 1000) / 100) / 10;

function spo2Points(spo2: number, scale: Spo2Scale, oxygen: number | null): Points | null {
  if (scale === 1) return within(SPO2_SCALE_1, spo2);
  if (oxygen === null) return within(SPO2_SCALE_2, spo2);
  return within(oxygen > 0 ? SPO2_SCALE_2_ON_OXYGEN : SPO2_SCALE_2_ON_AIR, spo2);
}

function pointsOf(part: News2Part, value: number, scale: Spo2Scale, oxygen: number | null) {
  switch (part) {
    case 'respiratory-rate':
      return within(RESPIRATORY_RATE, Math.round(value));
    case 'spo2':
      return spo2Points(Math.round(value), scale, oxygen);
    case 'oxygen':
      return value > 0 ? 2 : 0;
    case 'systolic-pressure':
      return within(SYSTOLIC, Math.round(value));
    case 'pulse':
      return within(PULSE, Math.round(value));
    case 'consciousness':
      return value > 0 ? 3 : 0;
    case 'body-temperature':
      return within(TEMPERATURE, toTenths(value));
  }
}

/** Throws RangeError on a value that is not finite; whether it is plausible is the caller's to know. */
export function news2Of(values: News2Values, scale: Spo2Scale = 1): News2 {
  const points = {} as Record<News2Part, Points | null>;
  for (const part of NEWS2_PARTS) {
    const value = values[part] ?? null;
    if (value !== null && !Number.isFinite(value)) {
      throw new RangeError(`NEWS2: ${part}: expected a finite number or null`);
    }
    points[part] = value === null ? null : pointsOf(part, value, scale, values.oxygen ?? null);
  }
  const missing = NEWS2_PARTS.filter((part) => points[part] === null);
  const score = NEWS2_PARTS.reduce((sum, part) => sum + (points[part] ?? 0), 0);
  const has3 = NEWS2_PARTS.some((part) => points[part] === 3);
  const risk = riskOf(score, has3);
  const known = NEWS2_PARTS.length - missing.length;
  return { score, points, known, missing, scale, risk, everyHoursMax: everyHoursOf(score, risk) };
}

function riskOf(score: number, has3: boolean): News2Risk {
  if (score >= 7) return 'high';
  if (score >= 5) return 'medium';
  return has3 ? 'low-medium' : 'low';
}

function everyHoursOf(score: number, risk: News2Risk): News2['everyHoursMax'] {
  if (risk === 'high') return 0;
  if (risk !== 'low') return 1;
  return score === 0 ? 12 : 6;
}

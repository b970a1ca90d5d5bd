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

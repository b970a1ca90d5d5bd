/**
 * The limits a patient has until somebody sets others.
 *
 * From 16 years on they follow NEWS2 (Royal College of Physicians 2017): a limit stands where a part
 * alone would score 3, which asks for an urgent review; SpO₂ two points below, because lowering 90 to 88
 * and waiting 15 s took away most alarms without loss (M. Graham and M. Cvach, Am J Crit Care 19:28–34,
 * 2010; J. Welch, 2011), and a heart rate already at 45, above the extreme. Extremes: below 40 and above
 * 140 beats a minute as in the PhysioNet/CinC Challenge 2015; the rest are ours, and clinical.
 *
 * Below 16 years heart and breath have the first and the 99th centile of healthy children (S. Fleming et
 * al., Lancet 377:1011–1018, 2011: medians at birth, one month and two years checked against its summary,
 * the rows restated); systolic pressure is that of hypotension, and extremes of the heart are those of
 * shock and of supraventricular tachycardia, in Paediatric Advanced Life Support (AHA 2020). Temperature
 * and SpO₂ are those of adults.
 */
import type { Limits, PatientLimits } from './limits.ts';
import type { Spo2Scale } from './news2.ts';

export const ADULT_FROM_MONTHS = 192;

const ADULT: PatientLimits = {
  'heart-rate': { extremeLow: 40, low: 45, high: 130, extremeHigh: 140 },
  spo2: { extremeLow: 80, low: 88 },
  'respiratory-rate': { extremeLow: 6, low: 9, high: 24, extremeHigh: 35 },
  'body-temperature': { low: 35.1, high: 39 },
  'systolic-pressure': { low: 91, high: 219 },
};
/** Scale 2 aims at 88 to 92 % and scores 3 at 83 % and less. */
const SPO2_SCALE_2: Limits = { extremeLow: 80, low: 84 };

/** From this age in months: heart rate low and high, respiratory rate low and high. */
const CENTILES: readonly (readonly [number, number, number, number, number])[] = [
  [0, 107, 181, 25, 66],
  [3, 104, 175, 24, 64],
  [6, 98, 168, 23, 61],
  [9, 93, 161, 22, 58],
  [12, 88, 156, 21, 53],
  [18, 82, 149, 19, 46],
  [24, 76, 142, 18, 38],
  [36, 70, 136, 17, 33],
  [48, 65, 131, 17, 29],
  [72, 59, 123, 16, 27],
  [96, 52, 115, 14, 25],
  [144, 47, 108, 12, 23],
  [180, 43, 104, 11, 22],
];

/** Absent age: an adult. */
export function defaultLimits(ageMonths?: number, scale: Spo2Scale = 1): PatientLimits {
  const spo2 = scale === 2 ? SPO2_SCALE_2 : ADULT.spo2;
  if (ageMonths === undefined || ageMonths >= ADULT_FROM_MONTHS) return { ...ADULT, spo2 };
  const [, heartLow, heartHigh, breathLow, breathHigh] = CENTILES.findLast(
    ([from]) => ageMonths >= from,
  )!;
  const isSmall = ageMonths < 72;
  return {
    'heart-rate': {
      extremeLow: isSmall ? 60 : 40,
      low: heartLow,
      high: heartHigh,
      extremeHigh: ageMonths < 12 ? 220 : 180,
    },
    spo2,
    'respiratory-rate': { extremeLow: 6, low: breathLow, high: breathHigh },
    'body-temperature': ADULT['body-temperature'],
    'systolic-pressure': { low: hypotension(ageMonths) },
  };
}

/** 70 mmHg in the first year, then 70 and twice the years, 90 from ten on. */
const hypotension = (ageMonths: number): number =>
  Math.min(90, 70 + (ageMonths < 12 ? 0 : 2 * Math.floor(ageMonths / 12)));

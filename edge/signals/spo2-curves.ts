/**
 * Calibration curves: from the ratio of ratios to SpO₂. A curve belongs to a sensor and its maker.
 *
 *   R = (AC_red / DC_red) / (AC_infrared / DC_infrared)        660 nm over 940 nm; 0.5 near 97 %, 1 near 85 %
 *
 * No curve follows from theory alone: tissue scatters, diodes differ. The ones here are
 * approximations of what healthy volunteers gave; a maker replaces them by a table of its own.
 * Camera colours are not red and infrared: none of these applies to them, whatever R they give.
 */

export interface Spo2Curve {
  readonly name: string;
  /** Who says so. */
  readonly source: string;
  /** %, not bounded; the oximeter marks what lies outside the range in which it can be right. */
  readonly spo2OfRatio: (ratio: number) => number;
}

/** Linear between points of rising ratio, and on at either end as between the last two. */
export function curveOfTable(
  name: string,
  source: string,
  points: readonly (readonly [ratio: number, spo2: number])[],
): Spo2Curve {
  const rising = points.every(([ratio], i) => i === 0 || ratio > points[i - 1]![0]);
  if (points.length < 2 || !rising) {
    throw new RangeError(`curve ${name}: expected two or more points of rising ratio`);
  }
  const spo2OfRatio = (ratio: number): number => {
    let right = 1;
    while (right < points.length - 1 && points[right]![0] < ratio) right++;
    const [[r0, s0], [r1, s1]] = [points[right - 1]!, points[right]!];
    return s0 + ((s1 - s0) * (ratio - r0)) / (r1 - r0);
  };
  return { name, source, spo2OfRatio };
}

/** Coefficients from the constant upwards. */
export function curveOfPolynomial(
  name: string,
  source: string,
  coefficients: readonly number[],
): Spo2Curve {
  const spo2OfRatio = (ratio: number): number =>
    coefficients.reduceRight((sum, coefficient) => sum * ratio + coefficient, 0);
  return { name, source, spo2OfRatio };
}

export const SPO2_CURVES = {
  '110-25R': curveOfPolynomial(
    '110-25R',
    'Webster (ed.), Design of Pulse Oximeters, 1997: the linear approximation',
    [110, -25],
  ),
  max30101: curveOfPolynomial(
    'max30101',
    'Maxim Integrated, application note 6845 (2019): MAX30101 without a cover glass, before calibration',
    [112.6898759, -34.6596622, 1.5958422],
  ),
} as const satisfies Record<string, Spo2Curve>;

/** Where nobody names a curve. */
export const SPO2_CURVE_DEFAULT: Spo2Curve = SPO2_CURVES['110-25R'];

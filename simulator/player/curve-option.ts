/**
 * `--curve`: which calibration makes SpO₂ of the ratio of red to infrared.
 *
 *   110-25R                 one this project names
 *   0.5:98,1:86,1.6:70      points of one's own, ratio:percent with rising ratio, straight between them
 */
import { textOption, UserError, type Call } from '@vitalshare/edge/command/node';
import {
  SPO2_CURVE_DEFAULT,
  SPO2_CURVES,
  curveOfTable,
  type Spo2Curve,
} from '@vitalshare/edge/signals';
import { CURVE_POINTS_MAX } from '../limits.ts';

export const CURVE_NAMES: readonly string[] = Object.keys(SPO2_CURVES);

export function curveOption(call: Call): Spo2Curve {
  const text = textOption(call, 'curve', SPO2_CURVE_DEFAULT.name);
  const known = Object.values(SPO2_CURVES).find(({ name }) => name === text);
  return known ?? ownCurve(text);
}

const POINT = /^(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)$/;

function ownCurve(text: string): Spo2Curve {
  const points = text.split(',').map((part): [number, number] => {
    const match = POINT.exec(part.trim());
    return match === null ? [NaN, NaN] : [Number(match[1]), Number(match[2])];
  });
  const rises = points.every(([ratio], i) => i === 0 || ratio > points[i - 1]![0]);
  const isWhole = points.every(([ratio, percent]) => ratio > 0 && percent <= 100);
  if (!rises || !isWhole || points.length < 2 || points.length > CURVE_POINTS_MAX) {
    throw new UserError(
      `--curve must be ${CURVE_NAMES.join(', ')} or 2 to ${CURVE_POINTS_MAX} points ratio:percent of ` +
        `rising ratio, like 0.5:98,1:86; got ${JSON.stringify(text)}.`,
      2,
    );
  }
  return curveOfTable(text, 'points on the command line', points);
}

/**
 * Moments over patients as they are opened, and as statistics take them.
 *
 *   opened   Σ w(m − c), Σ w(m − c)(m′ − c′)       c the middle of the declared range [PROTO-30]
 *   taken    Σ w·m, Σ w·m·m′                        over the integers, where nothing wraps
 */
import type { Vital } from '@vitalshare/edge/vital';
import { centreOf } from '../messages/patient-weights.ts';
import { type Moments, productIndex } from './statistics.ts';

export function fromCentre(vitals: readonly Vital[], moments: Moments): Moments {
  const { sums, products, weights } = moments;
  if (weights === undefined) throw new RangeError('moments: expected those of patients');
  const centres = vitals.map(centreOf);
  const k = vitals.length;
  const whole = [...products];
  for (let a = 0; a < (products.length === 0 ? 0 : k); a++) {
    for (let b = a; b < k; b++) {
      whole[productIndex(a, b, k)]! +=
        centres[a]! * sums[b]! + centres[b]! * sums[a]! + centres[a]! * centres[b]! * weights.sum;
    }
  }
  return {
    ...moments,
    sums: sums.map((sum, i) => sum + centres[i]! * weights.sum),
    products: whole,
  };
}

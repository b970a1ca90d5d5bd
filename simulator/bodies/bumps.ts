/**
 * The waves of a heartbeat as sums of Gaussians, and a fast way to add one to samples.
 *
 *   g(x) = h·exp(−z²/2), z = (x − centre)/σ        g(x + d) = g(x)·r(x), r(x + d) = r(x)·q
 *   r(x) = exp(−z·d/σ − (d/σ)²/2),  q = exp(−(d/σ)²)      two multiplications a sample, no table
 *
 * `gaussianAt` is the slow twin. Beyond SIGMAS a wave is below a tenth of any channel's step, and left
 * out.
 */

export interface Bump {
  /** Seconds after the beat's mark (R, or the foot of the pulse), at an RR of one second. */
  readonly atS: number;
  readonly sigmaS: number;
  readonly height: number;
  /** Whether time and width go with √RR. */
  readonly stretches: boolean;
}

export const SIGMAS = 5;

export function gaussianAt(x: number, centre: number, sigma: number, height: number): number {
  const z = (x - centre) / sigma;
  return Math.abs(z) < SIGMAS ? height * Math.exp((-z * z) / 2) : 0;
}

/**
 * Adds height·exp(−z²/2) to the samples that lie within SIGMAS of it; `centre` and `sigma` in samples.
 */
export function addGaussian(
  samples: Float64Array,
  centre: number,
  sigma: number,
  height: number,
): void {
  const from = Math.max(0, Math.ceil(centre - SIGMAS * sigma));
  const to = Math.min(samples.length - 1, Math.floor(centre + SIGMAS * sigma));
  if (from > to) return;
  const step = 1 / sigma;
  const z = (from - centre) * step;
  let value = height * Math.exp((-z * z) / 2);
  let ratio = Math.exp(-z * step - (step * step) / 2);
  const shrink = Math.exp(-step * step);
  for (let i = from; i <= to; i++) {
    samples[i]! += value;
    value *= ratio;
    ratio *= shrink;
  }
}

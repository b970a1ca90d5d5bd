/**
 * The distributions that tests and intervals need, from Moshier's Cephes library in WebAssembly.
 *
 *   |T| > t  for t(ν)       I_x(ν/2, 1/2),      x = ν / (ν + t²)          NIST DLMF 8.17
 *   F > f    for F(a, b)    I_x(b/2, a/2),      x = b / (b + a·f)
 *
 * Near 0 both are 1 minus the other tail, which keeps their digits. The relative error is below
 * 1e-10 for up to 10,000 degrees of freedom and below 1e-9 for up to a million (a test holds it).
 *
 * The library is loaded when the first test or interval is asked for: a page that only describes does
 * not need leave to run WebAssembly.
 */

export interface Distributions {
  /** P(|T| > |t|), of ν > 0 degrees of freedom, whole or not. */
  tTails(t: number, degrees: number): number;
  /** The t > 0 within which |T| stays with probability `confidence`, in (0, 1). */
  tWithin(confidence: number, degrees: number): number;
  /** P(F > f). */
  fTail(f: number, degreesAbove: number, degreesBelow: number): number;
  /** The z > 0 within which a standard normal stays with probability `confidence`. */
  normalWithin(confidence: number): number;
}

export async function loadDistributions(): Promise<Distributions> {
  const { compiled, incbet, incbi, ndtri } = await import('cephes');
  await compiled;

  function tTails(t: number, degrees: number): number {
    const square = t * t;
    const sum = degrees + square;
    if (square < 1) return 1 - incbet(0.5, degrees / 2, square / sum);
    return upper(degrees / 2, 0.5, degrees / sum);
  }

  /** cephes throws where the result would be below the smallest double. */
  function upper(a: number, b: number, x: number): number {
    try {
      return incbet(a, b, x);
    } catch {
      return 0;
    }
  }

  function tWithin(confidence: number, degrees: number): number {
    const x = incbi(degrees / 2, 0.5, 1 - confidence);
    return Math.sqrt((degrees * (1 - x)) / x);
  }

  function fTail(f: number, above: number, below: number): number {
    const sum = below + above * f;
    if (f < 1) return 1 - incbet(above / 2, below / 2, (above * f) / sum);
    return upper(below / 2, above / 2, below / sum);
  }

  return { tTails, tWithin, fTail, normalWithin: (confidence) => -ndtri((1 - confidence) / 2) };
}

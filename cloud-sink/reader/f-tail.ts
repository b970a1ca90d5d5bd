/**
 * P(F > f) of Fisher's distribution, degrees of freedom whole or not (NIST DLMF 8.17):
 *
 *   I_x(b/2, a/2),  x = b / (b + a·f)          by Moshier's Cephes library in WebAssembly
 *
 * Loaded when a test is first asked for: a page that only describes needs no WebAssembly.
 */
export type FTail = (f: number, degreesAbove: number, degreesBelow: number) => number;

export async function loadFTail(): Promise<FTail> {
  const { compiled, incbet } = await import('cephes');
  await compiled;
  return (f, above, below) => {
    if (f <= 0) return 1;
    try {
      return incbet(below / 2, above / 2, below / (below + above * f));
    } catch {
      return 0; // Below the smallest double.
    }
  };
}

/** The functions used of the package `cephes`, whose own types its `exports` do not name. */
declare module 'cephes' {
  /** Resolves when its WebAssembly is compiled. */
  export const compiled: Promise<void>;
  /** The regularised incomplete beta function I_x(a, b). */
  export function incbet(a: number, b: number, x: number): number;
  /** x with I_x(a, b) = y. */
  export function incbi(a: number, b: number, y: number): number;
  /** x with Φ(x) = y. */
  export function ndtri(y: number): number;
}

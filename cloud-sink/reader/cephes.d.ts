/** What is used of the package `cephes`: its `exports` do not name its types. */
declare module 'cephes' {
  /** Resolves once its WebAssembly is ready. */
  export const compiled: Promise<void>;
  /** I_x(a, b), the regularised incomplete beta function. */
  export function incbet(a: number, b: number, x: number): number;
}

/**
 * WebAssembly kernels: small modules with SIMD, compiled from AssemblyScript by `npm run kernels` and
 * carried as base64 in `NAME.wasm.ts`, so that they work the same on Node, in browsers and in workers.
 *
 * Instantiating is synchronous and costs about a millisecond: callers do it once, at first use. There
 * is no fallback: an engine without SIMD would be some twenty times slower without saying so.
 */
import { fromBase64 } from '../seal/seal.ts';

/** The engine cannot run the kernel. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
}

/** What is used of the global; the platform's own types stand in the DOM library only. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
  validate(bytes: Uint8Array): boolean;
}

/**
 * The exports of a fresh instance of the kernel `name`, with a memory of its own; the caller says what
 * they are, as its source does. Throws KernelError where WebAssembly with SIMD is missing.
 */
export function instantiate(name: string, base64: string): object {
  const engine = (globalThis as { WebAssembly?: Engine }).WebAssembly;
  const bytes = fromBase64(base64);
  if (engine?.validate(bytes) !== true) {
    throw new KernelError(
      `kernel ${name}: expected an engine with WebAssembly SIMD (Node 16.4, Chromium 91, Firefox 89, ` +
        'Safari 16.4 or newer), got one without',
    );
  }
  return new engine.Instance(new engine.Module(bytes)).exports;
}

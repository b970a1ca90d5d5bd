import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { afterEach, expect, it, vi } from 'vitest';
import { WASM_BASE64, WASM_SHA256 } from '../sharing/kernel/mask.wasm.ts';
import { KernelError, instantiate } from './kernel.ts';

afterEach(() => vi.unstubAllGlobals());

it('gives each caller an instance with a memory of its own', () => {
  const [a, b] = [0, 1].map(
    () => instantiate('mask', WASM_BASE64) as { memory: { buffer: ArrayBuffer } },
  );
  expect(a!.memory.buffer.byteLength).toBeGreaterThan(0);
  expect(a!.memory.buffer).not.toBe(b!.memory.buffer);
});

it('the bytes in the module are those of the file, and the sum is theirs', () => {
  const file = readFileSync(new URL('../sharing/kernel/mask.wasm', import.meta.url));
  expect(file.toString('base64')).toBe(WASM_BASE64);
  expect(createHash('sha256').update(file).digest('hex')).toBe(WASM_SHA256);
});

it('says so where the engine has no WebAssembly, or none with SIMD', () => {
  vi.stubGlobal('WebAssembly', undefined);
  expect(() => instantiate('mask', WASM_BASE64)).toThrow(KernelError);
  vi.stubGlobal('WebAssembly', { validate: () => false });
  expect(() => instantiate('mask', WASM_BASE64)).toThrow(
    'kernel mask: expected an engine with WebAssembly SIMD',
  );
});

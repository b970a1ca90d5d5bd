/** The door bundles for a browser: nothing of Node in it. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

it('the door has nothing of Node in it, and is small', async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./elgamal.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    minify: true,
    write: false,
  });
  const text = outputFiles[0]!.text;
  expect(text).not.toMatch(/from ?"node:/);
  expect(text.length).toBeLessThan(120_000);
});

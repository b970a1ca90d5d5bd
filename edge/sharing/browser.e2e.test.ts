/** Splitting and deriving in a page: the kernel starts at first use and gives the bytes it gives here. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { writeSharingVectors } from './vectors/sharing-vectors.ts';

const CHROMIUM = '/usr/bin/chromium';
const missing = existsSync(CHROMIUM) ? '' : ` (skipped: no ${CHROMIUM})`;

describe.skipIf(missing !== '')(`the sharing in Chromium${missing}`, () => {
  it('gives the frozen vectors in a page', async () => {
    const bundle = await build({
      entryPoints: [fileURLToPath(new URL('./vectors/sharing-vectors.ts', import.meta.url))],
      ...{ bundle: true, platform: 'browser', format: 'iife', globalName: 'vectors', write: false },
    });
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    try {
      const tab = await browser.newPage();
      await tab.addScriptTag({ content: bundle.outputFiles[0]!.text });
      const inPage: unknown = await tab.evaluate('vectors.writeSharingVectors()');
      expect(inPage).toEqual(writeSharingVectors());
    } finally {
      await browser.close();
    }
  });
});

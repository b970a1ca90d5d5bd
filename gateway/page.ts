/**
 * The ward's page, bundled from `web/` when it is first asked for and kept in memory: `index.html`
 * as it stands, `main.ts` as `main.js`, style sheets as they are.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { build } from 'esbuild';

export interface Asset {
  readonly type: string;
  readonly bytes: Uint8Array;
}
/** By file name. */
export type Page = ReadonlyMap<string, Asset>;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Bundles once, however often it is called; a failure is tried again at the next call. */
export function pageOf(folder: string): () => Promise<Page> {
  let bundled: Promise<Page> | undefined;
  return () => {
    bundled ??= bundle(folder).catch((error: unknown) => {
      bundled = undefined;
      throw error;
    });
    return bundled;
  };
}

async function bundle(folder: string): Promise<Page> {
  const assets = new Map<string, Asset>();
  for (const name of await readdir(folder)) {
    const type = TYPES[extname(name)];
    if (type !== undefined) assets.set(name, { type, bytes: await readFile(join(folder, name)) });
  }
  const main = join(folder, 'main.ts');
  if (!existsSync(main)) return assets;
  const { outputFiles } = await build({
    entryPoints: [main],
    bundle: true,
    minify: true,
    write: false,
    outdir: folder,
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  });
  for (const { path, contents } of outputFiles) {
    const name = `main${extname(path)}`;
    assets.set(name, { type: TYPES[extname(path)]!, bytes: contents });
  }
  return assets;
}

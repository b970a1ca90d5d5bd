/**
 * Peers come from this folder's own package.json, never with the product: the first benchmark installs
 * them with `npm install --no-package-lock`, here.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));
const load = createRequire(import.meta.url);

/** Throws Error where npm fails. */
export function installPeers(): void {
  if (existsSync(`${folder}node_modules/.package-lock.json`)) return;
  console.error('bench: installing the peers to measure against (about 15 s) ...');
  const args = ['install', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
  // Out of the workspaces: npm would put them into the product's tree.
  const { status } = spawnSync('npm', [...args, '--no-workspaces'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('bench: npm install of the peers failed; see the lines above');
}

/** A peer's module, whatever it exports. */
export const peer = (name: string): unknown => load(name);

export const peerVersion = (name: string): string =>
  (peer(`${folder}node_modules/${name}/package.json`) as { version: string }).version;

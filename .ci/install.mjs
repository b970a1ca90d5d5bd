/**
 * Installs the dependencies when they are missing or older than the lock file.
 * Runs before `npm start`, `npm test` and `npm run check`, so it imports nothing but Node.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = `${root}node_modules/.vitalshare-installed`;

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`vitalshare needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

const wanted = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .digest('hex');
const byHand = `${root}node_modules/.package-lock.json`;
// Somebody ran npm ci: what npm notes there is newer than what it was made from.
const isByHand = existsSync(byHand) && mtimeOf(byHand) > mtimeOf(`${root}package-lock.json`);
const noted = existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
const installed = noted ?? (isByHand ? wanted : undefined);
if (installed !== wanted) {
  const why = installed === undefined ? 'are missing' : 'are older than package-lock.json';
  console.log(`vitalshare: the dependencies ${why}; installing them with npm ci (about 20 s) ...`);
  const startMs = Date.now();
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) {
    console.error(
      'vitalshare: npm ci failed; the lines above say why. Is the npm registry reachable?',
    );
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
  console.log(`vitalshare: installed in ${((Date.now() - startMs) / 1000).toFixed(0)} s.`);
}

function mtimeOf(path) {
  return statSync(path).mtimeMs;
}

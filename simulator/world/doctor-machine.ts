/** What `doctor` asks of the machine: Node, installed packages, a browser for tests, clock, ports. */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Finding, note, ok, problem } from './finding.ts';
import { isFree } from './ports.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NODE_MIN = [20, 19] as const;
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
/** Nothing of this project is older: an earlier clock is a clock that was never set. */
const CLOCK_MIN_MS = Date.UTC(2026, 0, 1);
/** A file from further ahead than this was written under another clock. */
const AHEAD_MS_MAX = 120_000;

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  if (isNew) return ok('node', `Node ${version}`);
  return problem(
    'node',
    `Node ${version} is too old`,
    `install Node ${NODE_MIN.join('.')} or newer`,
  );
}

interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly optional?: boolean;
}

/** Compares what npm installed with what the lock file says. Optional packages may be left out. */
export function checkPackages(root = ROOT): Finding {
  const cure = 'run `npm ci` in the project folder';
  const wanted = packagesIn(join(root, 'package-lock.json'));
  if (wanted === undefined) {
    return problem(
      'packages',
      'package-lock.json cannot be read',
      'restore it from the repository',
    );
  }
  const installed = packagesIn(join(root, 'node_modules/.package-lock.json'));
  if (installed === undefined) return problem('packages', 'no packages are installed', cure);
  const wrong = Object.entries(wanted).filter(([path, entry]) => {
    if (path === '' || entry.link === true || !path.includes('node_modules/')) return false;
    const found = installed[path];
    if (found === undefined) return entry.optional !== true;
    return found.version !== entry.version || found.integrity !== entry.integrity;
  });
  if (wrong.length === 0) return ok('packages', 'as the lock file says');
  const [[first] = ['']] = wrong;
  const more = wrong.length > 1 ? ` and ${wrong.length - 1} more` : '';
  return problem('packages', `${first}${more} not as the lock file says`, cure);
}

/** Only tests need one, so it is no problem where there is none. */
export function checkBrowser(path: string): Finding {
  for (const folder of path.split(delimiter)) {
    for (const name of BROWSERS) {
      if (isExecutable(join(folder, name))) return ok('browser', join(folder, name));
    }
  }
  return note(
    'browser',
    'no Chromium found; tests of the page are skipped',
    'install it (Debian: apt install chromium) to run them',
  );
}

/** `files` are of the world: one that is from the future was written under another clock. */
export function checkClock(nowMs: number, files: readonly string[]): Finding {
  const cure = 'set the clock (for example with NTP); readings are stamped with it';
  if (nowMs < CLOCK_MIN_MS) {
    return problem('clock', `it says ${new Date(nowMs).toISOString()}`, cure);
  }
  const ahead = files.find(
    (file) => existsSync(file) && statSync(file).mtimeMs > nowMs + AHEAD_MS_MAX,
  );
  if (ahead !== undefined) {
    return problem('clock', `it is behind the time at which ${ahead} was written`, cure);
  }
  return ok('clock', new Date(nowMs).toISOString());
}

/** Of a world that does not run: whether it could. */
export async function checkPorts(ports: ReadonlyMap<string, number>): Promise<Finding> {
  for (const [option, port] of ports) {
    if (await isFree(port)) continue;
    return problem(
      'ports',
      `port ${port} is in use by another program`,
      `stop that program, or start with ${option} and another port (0 takes a free one)`,
    );
  }
  return ok('ports', `${[...ports.values()].join(' and ')} are free`);
}

function packagesIn(file: string): Readonly<Record<string, LockEntry>> | undefined {
  try {
    const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages?: Record<string, LockEntry> };
    return lock.packages;
  } catch {
    return undefined;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

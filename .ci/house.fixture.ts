/**
 * A copy of the rooms with package links of its own: for tests that plant an offence, or that build
 * the project without one of its defences to see an attack succeed. The product ships no such switch.
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const ROOMS = ['edge', 'hardware', 'cloud-sink', 'gateway', 'simulator'] as const;
const FILES = ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json', 'vitalshare.ts'];
const LEFT_OUT = /(^|\/)(node_modules|\.vitalshare)(\/|$)/;

/** One change of one file; `from` must stand in it exactly once. */
export interface Patch {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Returns the copy's folder, under the system's folder for temporary files. Throws where a patch does not fit. */
export function copyHouse(patches: readonly Patch[] = []): string {
  const folder = mkdtempSync(join(tmpdir(), 'vitalshare-house-'));
  for (const room of ROOMS) {
    cpSync(join(ROOT, room), join(folder, room), {
      recursive: true,
      filter: (path) => !LEFT_OUT.test(path.slice(ROOT.length)),
    });
  }
  for (const file of FILES) cpSync(join(ROOT, file), join(folder, file));
  mkdirSync(join(folder, 'node_modules/@vitalshare'), { recursive: true });
  for (const entry of readdirSync(join(ROOT, 'node_modules'))) {
    if (entry.startsWith('.') || entry === '@vitalshare') continue;
    symlinkSync(join(ROOT, 'node_modules', entry), join(folder, 'node_modules', entry));
  }
  for (const room of ROOMS) {
    symlinkSync(join(folder, room), join(folder, 'node_modules/@vitalshare', room));
  }
  for (const patch of patches) apply(folder, patch);
  return folder;
}

function apply(folder: string, { file, from, to }: Patch): void {
  const path = join(folder, file);
  const parts = readFileSync(path, 'utf8').split(from);
  if (parts.length !== 2) {
    throw new Error(`${file}: expected the patched text once, found it ${parts.length - 1} times`);
  }
  writeFileSync(path, parts.join(to));
}

/** The project's files, for tests that read all of them. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './house.fixture.ts';

const LEFT_OUT = ['node_modules', '.git', '.vitalshare'];

/** Paths from the root: what git tracks or would track; without git, everything that is there. */
export function projectFiles(): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard'];
  const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  const files = status === 0 ? stdout.split('\n').filter((file) => file !== '') : walk('');
  return files.filter((file) => existsSync(join(ROOT, file)));
}

function walk(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (LEFT_OUT.includes(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

/**
 * Starts `vitalshare <args>` as a process of its own: this Node, tsx as its loader, no shell and no
 * npx between, so the pid is the party's and a signal reaches it.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PARENT_PIPE } from '@vitalshare/edge/command/node';

const LOADER = import.meta.resolve('tsx');
const COMMAND = fileURLToPath(new URL('../../vitalshare.ts', import.meta.url));

/**
 * With `parentPipe` it is a process group of its own, which no Ctrl-C reaches, and stops when this
 * process is gone, however it went.
 */
export function spawnCommand(
  args: readonly string[],
  { parentPipe }: { parentPipe: boolean },
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--import', LOADER, COMMAND, ...args], {
    stdio: 'pipe',
    detached: parentPipe && process.platform !== 'win32',
    env: { ...process.env, ...(parentPipe ? { [PARENT_PIPE]: '1' } : {}) },
  });
}

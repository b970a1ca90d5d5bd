/**
 * One `up` for one world: `up.lock` holds the pid of the process that runs it.
 *
 * A lock whose process is gone is taken over. Pids are used again, so on Linux the process must also
 * look like this command; elsewhere a live pid is believed, and the sentence says which file to remove.
 */
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@vitalshare/edge/command/node';

/** Throws UserError where another `up` runs this world. Returns what releases the lock. */
export function lockWorld(dir: string): () => void {
  const file = join(dir, 'up.lock');
  const own = join(dir, `.up.lock.${process.pid}`);
  writeFileSync(own, `${process.pid}\n`, { mode: 0o600 });
  try {
    for (;;) {
      try {
        linkSync(own, file);
        return () => rmSync(file, { force: true });
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      }
      const pid = pidIn(file);
      if (pid !== undefined && pid !== process.pid && runsCommand(pid)) {
        throw new UserError(
          `the world in ${dir} is already running as process ${pid}; stop that one first (or use another --dir). If no such process is yours, remove ${file}.`,
        );
      }
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function runsCommand(pid: number): boolean {
  if (!isAlive(pid)) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('vitalshare');
  } catch {
    return process.platform !== 'linux';
  }
}

function pidIn(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8').trim());
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * One gateway a folder: `gateway.lock` holds the pid of the process that appends to its log.
 *
 * A lock whose process is gone is taken over. Pids are used again, so on Linux the process must also
 * look like a gateway; elsewhere a live pid is believed, and the sentence says what to remove.
 */
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@vitalshare/edge/command/node';

/** Throws UserError where another gateway runs on this folder. Returns what releases the lock. */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'gateway.lock');
  const own = join(folder, `.gateway.lock.${process.pid}`);
  writeFileSync(own, `${process.pid}\n`, { mode: 0o600 });
  try {
    while (!linked(own, file)) {
      const pid = Number(readFileSync(file, 'utf8').trim());
      if (pid !== process.pid && runsGateway(pid)) {
        throw new UserError(
          `a gateway already runs on ${folder} as process ${pid}; stop that one first. If no such process is yours, remove ${file}.`,
        );
      }
      rmSync(file, { force: true });
    }
    return () => rmSync(file, { force: true });
  } finally {
    rmSync(own, { force: true });
  }
}

/** A link is made by one process only, with the pid already in it. */
function linked(own: string, file: string): boolean {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function runsGateway(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return words.some((word) => word === 'gateway' || /gateway\/start\.ts$/.test(word));
  } catch {
    return process.platform !== 'linux';
  }
}

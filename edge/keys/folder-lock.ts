/**
 * One process a folder: `<name>.lock` holds `pid\nstart\n` of the one that works in it.
 *
 *   claim   .<name>.lock.<pid>.<start>.<uuid> is written, then all claims are listed: of two
 *           claimants at least one sees the other, and none goes on before it is alone
 *   take    <name>.lock is free or its process is gone: the claim is renamed into its place
 *
 * Claims of processes that are gone are removed; their names never come back. `start` is the boot
 * tick of Linux's /proc/<pid>/stat: a pid that was given out again has another. Elsewhere it is
 * empty and a live pid is believed. Processes that do not see each other's pids, on two machines or
 * in two containers, are not kept apart.
 */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../command/command.ts';
import { LOCK_PAUSE_MS, LOCK_PAUSES_MAX } from '../limits.ts';

/**
 * `who` is the subject of the sentence about a second one: `a gateway`. Throws UserError where one
 * runs, or where the folder cannot be written. Returns what releases the lock.
 */
export function lockFolder(folder: string, name: string, who: string): () => void {
  const file = join(folder, `${name}.lock`);
  const prefix = `.${name}.lock.`;
  const start = lifeOf(process.pid) ?? '';
  const own = `${prefix}${process.pid}.${start}.${randomUUID()}`;
  const content = `${process.pid}\n${start}\n`;
  try {
    standAlone(folder, prefix, own, content);
    const [pid = '', started = ''] = read(file).split('\n');
    if (isHeld(pid, started)) {
      throw new UserError(
        `${who} already runs on ${folder} as process ${pid}; stop that one first. If no such process is yours, remove ${file}.`,
      );
    }
    renameSync(join(folder, own), file);
  } catch (error) {
    throw explained(folder, error);
  } finally {
    rmSync(join(folder, own), { force: true });
  }
  return () => {
    // Somebody may have removed it by hand and started another.
    if (read(file) === content) rmSync(file, { force: true });
  };
}

export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** Of several claimants the first by name waits with its claim up, the others take theirs down. */
function standAlone(folder: string, prefix: string, own: string, content: string): void {
  for (let pauses = 0; pauses < LOCK_PAUSES_MAX; pauses++) {
    writeFileSync(join(folder, own), content, { mode: 0o600 });
    const others = readdirSync(folder).filter((each) => {
      if (!each.startsWith(prefix) || each === own) return false;
      const [pid = '', start = ''] = each.slice(prefix.length).split('.');
      if (isHeld(pid, start)) return true;
      rmSync(join(folder, each), { force: true });
      return false;
    });
    if (others.length === 0) return;
    if (others.some((each) => each < own)) rmSync(join(folder, own), { force: true });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_PAUSE_MS);
  }
  throw new UserError(`another process is just starting on ${folder}; try again when it stands.`);
}

/** Whether the process that was `pidText` from `start` on still lives. */
function isHeld(pidText: string, start: string): boolean {
  const pid = Number(pidText);
  if (!isAlive(pid)) return false;
  const life = lifeOf(pid);
  if (life === 'over') return false;
  if (start === '' || life === undefined) return pid !== process.pid;
  return start === life;
}

/** Start of a process as Linux counts it, `over` for one that only waits to be reaped. */
function lifeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): pid (name) state … starttime as the 22nd; the name may hold blanks and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? 'over' : fields[19];
  } catch {
    return undefined;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}

function explained(folder: string, error: unknown): unknown {
  const code = codeOf(error);
  if (error instanceof UserError || code === undefined) return error;
  return new UserError(`${folder} cannot be locked (${code}); its files must be writable here.`);
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;

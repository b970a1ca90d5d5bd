import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isAlive, lockFolder } from './folder-lock.ts';

// Above the largest pid Linux gives (PID_MAX_LIMIT, 2^22).
const NOBODY = 4_194_305;
const FIXTURE = join(import.meta.dirname, 'folder-lock.fixture.ts');
const onLinux = process.platform === 'linux';
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitalshare-lock-'));
  file = join(folder, 'party.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const lock = (): (() => void) => lockFolder(folder, 'party', 'a party');

async function fight(rounds: number): Promise<{ entered: number; together: number }> {
  const child = spawn(process.execPath, ['--import', 'tsx', FIXTURE, folder, `${rounds}`]);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  return JSON.parse(text) as { entered: number; together: number };
}

it('holds the pid, and leaves nothing behind', () => {
  const unlock = lock();
  expect(parseInt(readFileSync(file, 'utf8'), 10)).toBe(process.pid);
  expect(readdirSync(folder)).toEqual(['party.lock']);
  unlock();
  expect(readdirSync(folder)).toEqual([]);
});

it.each(['', 'x', '0', '-1', `${NOBODY}\n1\n`, `${process.pid}\n1\n`])(
  'is taken from a process that is gone: %j',
  (stale) => {
    writeFileSync(file, stale);
    writeFileSync(join(folder, `.party.lock.${NOBODY}.1.x`), '');
    lock()();
    expect(readdirSync(folder)).toEqual([]);
  },
);

it.runIf(onLinux)('is taken where its pid was given to another process since', () => {
  writeFileSync(file, `${process.ppid}\n1\n`);
  lock()();
  expect(existsSync(file)).toBe(false);
});

it('is refused while the other lives, with its pid and what to do', () => {
  writeFileSync(file, `${process.ppid}\n\n`);
  expect(lock).toThrow(
    `a party already runs on ${folder} as process ${process.ppid}; stop that one first. If no such process is yours, remove ${file}.`,
  );
  expect(readdirSync(folder)).toEqual(['party.lock']);
});

it.runIf(onLinux)('is not given twice to one process', () => {
  const unlock = lock();
  expect(lock).toThrow(`as process ${process.pid}`);
  unlock();
});

it('is not taken away from one that was started after it was removed by hand', () => {
  const unlock = lock();
  writeFileSync(file, `${process.ppid}\n\n`);
  unlock();
  expect(existsSync(file)).toBe(true);
});

it('says in a sentence that the folder cannot be written', () => {
  const nowhere = join(folder, 'nowhere');
  expect(() => lockFolder(nowhere, 'party', 'a party')).toThrow(
    `${nowhere} cannot be locked (ENOENT); its files must be writable here.`,
  );
});

it('lets one in of several that find it stale at once', { timeout: 60_000 }, async () => {
  const counts = await Promise.all([300, 300, 300, 300].map(fight));
  const sum = (of: (each: (typeof counts)[number]) => number): number =>
    counts.reduce((total, each) => total + of(each), 0);
  expect(sum(({ together }) => together)).toBe(0);
  expect(sum(({ entered }) => entered)).toBeGreaterThan(100);
});

it('knows a live process from one that is gone', () => {
  expect([process.pid, NOBODY, 0, -1, Number.NaN].map(isAlive)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});

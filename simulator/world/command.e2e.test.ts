import { spawn, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAlive } from '@vitalshare/edge/keys/node';
import { expect, it } from 'vitest';

const COMMAND = fileURLToPath(new URL('../../vitalshare.ts', import.meta.url));
const ARGS = ['--import', 'tsx', COMMAND];

const vitalshare = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [...ARGS, ...args], { encoding: 'utf8' });

it('lists every subcommand with one line, within a second of a quiet machine', () => {
  const startMs = performance.now();
  const { status, stdout } = vitalshare('--help');
  // Three times the promise: the machine of a test is busy.
  expect(performance.now() - startMs).toBeLessThan(3000);
  expect(status).toBe(0);
  for (const name of ['up', 'keys', 'enroll', 'replay', 'stats', 'open', 'doctor', 'gateway']) {
    expect(stdout).toMatch(new RegExp(`^  ${name} +\\w.*$`, 'm'));
  }
  expect(stdout).toMatch(/^ {2}data-server +\w.*$/m);
});

it('has the version of package.json', () => {
  expect(vitalshare('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

it.each([
  ['statz', 'Did you mean `vitalshare stats`?'],
  ['xyzzy', 'See `vitalshare --help`'],
  ['constructor', 'there is no command "constructor"'],
])('refuses %s with exit code 2', (name, hint) => {
  const { status, stderr } = vitalshare(name);
  expect(status).toBe(2);
  expect(stderr).toContain(hint);
  expect(stderr).not.toContain('    at ');
});

it.each(['up', 'keys', 'enroll', 'replay', 'stats', 'open', 'doctor', 'gateway', 'data-server'])(
  '%s has a help text and refuses an option it does not know',
  (name) => {
    const help = vitalshare(name, '--help');
    expect([help.status, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toContain(`vitalshare ${name}`);
    const refused = vitalshare(name, '--no-such-option');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain(`vitalshare ${name} --help`);
  },
);

it('stops without a word when its reader has gone', async () => {
  const dir = join(tmpdir(), `vitalshare-none-${process.pid}`);
  const child = spawn(process.execPath, [...ARGS, 'doctor', '--dir', dir]);
  child.stdout.destroy();
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
  await new Promise((settle) => child.once('close', settle));
  expect(complaint).toBe('');
  expect(isAlive(child.pid!)).toBe(false);
});

/** A damaged world: one sentence that says what is wrong and what to do, and as much ward as is left. */
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ward, exitOf, run, start, until } from './ward.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'vitalshare-damage-'));
const good = join(folder, 'good');
const ports = ['--port', '0', '--mqtt-port', '0'];

beforeAll(async () => {
  const ward = await Ward.start('--beds', '2');
  await until('some log', () => /[1-9]\d* acknowledged/.test(ward.output));
  await ward.stop();
  cpSync(ward.dir, good, { recursive: true });
  await ward.remove();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function copy(name: string): string {
  const dir = join(folder, name);
  cpSync(good, dir, { recursive: true });
  return dir;
}

async function refusal(dir: string): Promise<string> {
  const { status, stderr } = await run(['up', '--dir', dir, ...ports]);
  expect(status).toBe(1);
  expect(stderr).not.toMatch(/\n\s+at /);
  return stderr;
}

describe('up on a damaged world', () => {
  it('names a party folder that is missing', async () => {
    const dir = copy('missing');
    rmSync(join(dir, 'server-3'), { recursive: true });
    expect(await refusal(dir)).toMatch(/server-3 is missing; put the folder .* back/);
  });

  it('names a folder that cannot be one', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(await refusal(file)).toMatch(/cannot be a world's folder .* choose another --dir/);
  });

  it('names the log that is damaged', async () => {
    const dir = copy('log');
    const logs = join(dir, 'gateway/logs');
    const file = join(logs, readdirSync(logs)[0]!);
    writeFileSync(file, 'no log', { flag: 'r+' });
    expect(await refusal(dir)).toMatch(/damaged .*position 0/);
  });

  it('[PROTO-45] a data server whose store was cut off says so and makes it again from the log', async () => {
    const dir = copy('store');
    const store = join(dir, 'server-1/store');
    truncateSync(join(store, 'data.mdb'), 20_000);
    const ward = start(['up', '--dir', dir, '--no-bodies', ...ports]);
    await until('the ward', () => ward.output().includes('The ward is at'), 60_000);
    await until('the sentence', () => /the store .*made again from the log/.test(ward.output()));
    ward.child.kill('SIGTERM');
    expect(await exitOf(ward.child)).toBe(0);
    expect(statSync(join(store, 'data.mdb')).size).toBeGreaterThan(20_000);
    const scrub = await run(['data-server', 'scrub', '--dir', join(dir, 'server-1')]);
    expect(scrub.stdout).toMatch(/ values, .* all whole\n$/);
  });

  it('leaves out a bed whose journal is damaged, and says so', async () => {
    const dir = copy('bed');
    writeFileSync(join(dir, 'nodes/bed-01/journal/boot'), 'xx\n');
    const ward = start(['up', '--dir', dir, '--beds', '2', ...ports]);
    await until('the sentence', () => /bed-01: it sends nothing/.test(ward.output()), 60_000);
    expect(ward.output()).not.toMatch(/\n\s+at /);
    ward.child.kill('SIGTERM');
    expect(await exitOf(ward.child)).toBe(0);
    const table = join(folder, 'table.csv');
    writeFileSync(table, 'Time [s], HR\n0,70\n');
    const replay = await run(['replay', table, '--node', 'bed-01', '--dir', dir]);
    expect(replay.status).toBe(1);
    expect(replay.stderr).toMatch(/journal .*enrol this node again.*: remove .*nodes\/bed-01/);
    expect(replay.stderr).not.toMatch(/\n\s+at /);
  });
});

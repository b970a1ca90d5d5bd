/** `vitalshare gateway` as a process: what it prints, how it stops, what it says when it cannot run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { makeWorldFolder } from './world.fixture.ts';

const START = fileURLToPath(new URL('start.ts', import.meta.url));
const parent = mkdtempSync(join(tmpdir(), 'vitalshare-command-'));
afterAll(() => rmSync(parent, { recursive: true }));
const freshFolder = (): string => join(makeWorldFolder(parent, { mqttPort: 0 }), 'gateway');

function run(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', START, ...args]);
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => (said.stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (said.stderr += text.toString()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, said, ended };
}

async function ready(folder: string) {
  const running = run('--dir', folder, '--json');
  await vi.waitFor(() => expect(running.said.stdout).toContain('\n'), 30_000);
  const line = JSON.parse(running.said.stdout) as { url: string; mqtt: string; log: string };
  return { ...running, line };
}

// Each has a folder of its own, and one waits for data servers that do not come.
describe.concurrent('vitalshare gateway', () => {
  it('says where it listens in one line, serves, and exits 0 on SIGTERM', async () => {
    const folder = freshFolder();
    const { child, line, said, ended } = await ready(folder);
    expect(line).toMatchObject({
      ready: true,
      log: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
    expect((await fetch(`${line.url}/healthz`)).status).toBe(200);
    const page = await fetch(line.url);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect((await fetch(`${line.url}/main.js`)).status).toBe(200);
    expect((await fetch(`${line.url}/log/${line.log}?from=1`)).status).toBe(200);
    expect((await fetch(`${line.url}/log/${line.log}?from=7`)).status).toBe(409);
    expect((await fetch(`${line.url}/log/${'0'.repeat(32)}`)).status).toBe(404);
    expect((await fetch(`${line.url}/log/${line.log}?from=x`)).status).toBe(400);

    const second = run('--dir', folder);
    expect(await second.ended).toBe(1);
    expect(second.said.stderr).toContain('a gateway already runs on');
    const scrub = run('scrub', '--dir', folder);
    expect(await scrub.ended).toBe(0);
    expect(scrub.said.stdout).toBe(`log ${line.log}: 2 batches, 2 records, 0.0 MB, all whole\n`);

    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(said.stdout.trim().split('\n')).toHaveLength(1);
    expect(said.stderr).toBe('');
    expect(existsSync(join(folder, 'gateway.lock'))).toBe(false);
  });

  it('starts again where a killed one left its lock', async () => {
    const folder = freshFolder();
    const first = await ready(folder);
    first.child.kill('SIGKILL');
    await first.ended;
    expect(existsSync(join(folder, 'gateway.lock'))).toBe(true);
    const again = run('--dir', folder);
    await vi.waitFor(() => expect(again.said.stdout).toContain('gateway listens at'), 60_000);
    expect(again.said.stderr).toContain('only 0 of 3 data servers answered');
    again.child.kill('SIGINT');
    expect(await again.ended).toBe(0);
  });

  it('names a port in use and the option that changes it, and leaves no log behind', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const folder = freshFolder();
    for (const option of ['--port', '--mqtt-port']) {
      const { said, ended } = run('--dir', folder, option, String(port));
      expect(await ended).toBe(1);
      expect(said.stderr).toBe(
        `vitalshare gateway: port ${port} on 127.0.0.1 is in use; choose another with ${option}.\n`,
      );
    }
    expect(existsSync(join(folder, 'logs'))).toBe(false);
    taken.close();
  });

  it('explains a folder it cannot lock in one sentence', async () => {
    const folder = freshFolder();
    mkdirSync(join(folder, 'gateway.lock')); // Refused to every account, root's too.
    const { said, ended } = run('--dir', folder);
    expect(await ended).toBe(1);
    expect(said.stderr).toContain('(EISDIR)');
    expect(said.stderr.trim().split('\n')).toHaveLength(1);
  });

  it.each([
    ['configuration.json', '{', 1],
    ['identity.json', '{}', 1],
    ['keys.json', '{"epoch": 1}', 1],
  ])('explains a damaged %s in one sentence', async (file, text, exitCode) => {
    const folder = freshFolder();
    writeFileSync(join(folder, file), text);
    const { said, ended } = run('--dir', folder);
    expect(await ended).toBe(exitCode);
    expect(said.stderr).toContain(file);
    expect(said.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('explains a damaged log with its position, and wants to be told its folder', async () => {
    const folder = freshFolder();
    const { child, line, ended } = await ready(folder);
    child.kill('SIGTERM');
    await ended;
    const file = join(folder, 'logs', `${line.log}.log`);
    const bytes = readFileSync(file);
    bytes[100]! ^= 1;
    writeFileSync(file, bytes);
    const again = run('--dir', folder);
    expect(await again.ended).toBe(1);
    expect(again.said.stderr).toMatch(/is damaged \(log position \d+: /);
    const scrub = run('scrub', '--dir', folder, '--json');
    expect(await scrub.ended).toBe(1);
    expect(JSON.parse(scrub.said.stdout)).toMatchObject({
      whole: false,
      logs: [
        { log: line.log, batches: 0, damage: expect.stringMatching(/^log position 0: /) as string },
      ],
    });
    const none = run();
    expect(await none.ended).toBe(2);
    expect(none.said.stderr).toContain('--dir is missing');
  });
});

/**
 * An operator installs, reads and runs the data server without the other rooms: a clean copy of the
 * project, `npm ci -w cloud-sink --omit=dev`, `npm start -w cloud-sink -- --dir D`.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'vitalshare-alone-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const npm = (...args: string[]) => {
  const env = { ...process.env, NODE_OPTIONS: '' };
  return spawnSync('npm', args, { cwd: folder, encoding: 'utf8', env, timeout: 120_000 });
};

describe('cloud-sink alone', () => {
  it('installs the number of packages its README says, and runs a data server', async () => {
    const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    for (const file of listed.stdout.split('\n').filter((name) => existsSync(join(ROOT, name)))) {
      if (file === '') continue;
      mkdirSync(join(folder, dirname(file)), { recursive: true });
      cpSync(join(ROOT, file), join(folder, file));
    }
    const installed = npm('ci', '-w', 'cloud-sink', '--omit=dev', '--no-audit', '--no-fund');
    expect(installed.status, installed.stderr).toBe(0);
    const modules = join(folder, 'node_modules');
    for (const foreign of ['vitest', 'aedes', 'mqtt', 'playwright-core']) {
      expect(existsSync(join(modules, foreign))).toBe(false);
    }
    const said = /`npm ci -w cloud-sink --omit=dev` installs (\d+) packages/;
    for (const readme of ['README.md', 'cloud-sink/README.md']) {
      const claim = said.exec(readFileSync(join(folder, readme), 'utf8'));
      expect(claim?.[1], readme).toBe(/added (\d+) packages/.exec(installed.stdout)?.[1]);
    }

    // A party folder made by a whole checkout, carried here.
    const world = join(folder, 'world');
    const made = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'vitalshare.ts', 'keys', 'make', '--dir', world],
      { cwd: ROOT, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } },
    );
    expect(made.status, made.stderr).toBe(0);
    const nobody = 'http://127.0.0.1:1';
    const listen = { host: '127.0.0.1', port: 0 };
    const addresses = { listen, gateway: nobody, dataServers: [nobody, nobody, nobody] };
    writeFileSync(join(world, 'server-2/addresses.json'), JSON.stringify(addresses));
    const server = spawn(
      'npm',
      ['start', '--silent', '-w', 'cloud-sink', '--', '--dir', 'world/server-2', '--json'],
      { cwd: folder, env: { ...process.env, NODE_OPTIONS: '' } },
    );
    const line = await new Promise<string>((resolve, reject) => {
      let text = '';
      server.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const ready = text.split('\n').find((each) => each.includes('http'));
        if (ready !== undefined) resolve(ready);
      });
      server.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
      server.once('close', () => reject(new Error(text)));
    });
    const { url } = JSON.parse(line) as { url: string };
    const head = (await (await fetch(`${url}/head`)).json()) as { server: number };
    expect(head.server).toBe(2);
    // To npm alone, as a supervisor would: the server ends with it.
    server.kill('SIGTERM');
    const gone = () =>
      fetch(`${url}/head`).then(
        () => false,
        () => true,
      );
    await new Promise((resolve) => server.once('close', resolve));
    for (let tries = 0; !(await gone()); tries++) {
      expect(tries).toBeLessThan(100);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });

  it('says what to do on a folder that is no party’s', () => {
    const ended = npm('start', '--silent', '-w', 'cloud-sink', '--', '--dir', join(folder, 'none'));
    expect(ended.status).not.toBe(0);
    expect(ended.stderr).toMatch(/keys make/);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });
});

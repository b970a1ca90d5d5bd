import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  checkBrowser,
  checkClock,
  checkNode,
  checkPackages,
  checkPorts,
} from './doctor-machine.ts';
import { alarmsOf, readRunning } from './doctor-running.ts';
import { checkDigests, checkParties, checkRights } from './doctor-world.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'vitalshare-doctor-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folder = (name: string): string => {
  const path = join(root, name);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
};

describe('the doctor, of the machine', () => {
  it.each([
    ['18.20.1', 'problem'],
    ['20.18.3', 'problem'],
    ['20.19.0', 'ok'],
    ['22.1.0', 'ok'],
  ])('Node %s: %s', (version, state) => {
    expect(checkNode(version).state).toBe(state);
  });

  it('compares what is installed with the lock file, not with a stamp', () => {
    const house = folder('house');
    const write = (file: string, packages: unknown): void =>
      writeFileSync(join(house, file), JSON.stringify({ packages }));
    mkdirSync(join(house, 'node_modules'));
    const entry = { version: '1.0.0', integrity: 'sha512-a' };
    write('package-lock.json', {
      '': {},
      edge: { version: '0.1.0' },
      'node_modules/a': entry,
      'node_modules/b': { ...entry, optional: true },
    });
    expect(checkPackages(house)).toMatchObject({ detail: 'no packages are installed' });
    write('node_modules/.package-lock.json', { 'node_modules/a': entry });
    expect(checkPackages(house).state).toBe('ok');
    write('node_modules/.package-lock.json', {
      'node_modules/a': { ...entry, integrity: 'sha512-b' },
    });
    expect(checkPackages(house)).toMatchObject({
      state: 'problem',
      cure: expect.stringContaining('npm ci') as string,
    });
  });

  it('finds a browser on the path, and takes none for no problem', () => {
    const bin = folder('bin');
    expect(checkBrowser(bin).state).toBe('note');
    writeFileSync(join(bin, 'chromium'), '', { mode: 0o755 });
    expect(checkBrowser(bin)).toMatchObject({ state: 'ok', detail: join(bin, 'chromium') });
  });

  it('knows a clock that was never set, and one that went back', () => {
    const nowMs = Date.UTC(2026, 5, 1);
    const file = join(root, 'dated');
    writeFileSync(file, '');
    utimesSync(file, nowMs / 1000, nowMs / 1000);
    expect(checkClock(0, []).state).toBe('problem');
    expect(checkClock(nowMs, [file]).state).toBe('ok');
    expect(checkClock(nowMs - 3_600_000, [file]).state).toBe('problem');
  });

  it('names the option that moves a port', async () => {
    const server = createServer();
    await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
    const { port } = server.address() as { port: number };
    const finding = await checkPorts(new Map([['--mqtt-port', port]]));
    server.close();
    expect(finding).toMatchObject({
      state: 'problem',
      detail: `port ${port} is in use by another program`,
    });
    expect(finding.cure).toContain('--mqtt-port');
  });
});

describe('the doctor, of a world', () => {
  it.skipIf(process.platform === 'win32')('names a secret or a folder that others may read', () => {
    const dir = folder('rights');
    const party = folder('rights/gateway');
    const keys = join(party, 'keys.json');
    writeFileSync(keys, '{}', { mode: 0o600 });
    expect(checkRights(dir).state).toBe('ok');
    chmodSync(keys, 0o640);
    expect(checkRights(dir)).toMatchObject({ state: 'problem', cure: `chmod 600 ${keys}` });
    chmodSync(keys, 0o600);
    chmodSync(party, 0o750);
    expect(checkRights(dir)).toMatchObject({ state: 'problem', cure: `chmod 700 ${party}` });
  });

  it('has a problem, not a crash, where nothing can be loaded', () => {
    const dir = folder('empty');
    folder('empty/gateway');
    const { findings, members } = checkParties(dir);
    expect(findings.map(({ state }) => state)).toEqual(['problem']);
    expect(checkDigests(members).state).toBe('problem');
    expect(readRunning(dir)).toBeUndefined();
    writeFileSync(join(dir, 'world.json'), '{"pids": 1');
    expect(readRunning(dir)).toMatchObject({ state: 'problem' });
  });
});

describe('the doctor, of alarms [S8]', () => {
  it('tells one that lasts as a problem, one that is over or acknowledged as a note', () => {
    const alarm = { log: 'ab'.repeat(16), since: 0, detail: 'positions from 4 to 9 differ' };
    const findings = alarmsOf('data server 1', 'w/server-1', [
      { ...alarm, kind: 'two-stories', positions: { from: 4, to: 10 } },
      { ...alarm, kind: 'stale-head', until: 0 },
      { ...alarm, kind: 'rolled-back', acknowledged: 0 },
    ]);
    expect(findings).toMatchObject([
      {
        state: 'problem',
        detail: 'two-stories: positions from 4 to 9 differ',
        cure: expect.stringContaining(
          'npx vitalshare data-server alarms --dir w/server-1 --acknowledge all',
        ) as string,
      },
      { state: 'note', detail: expect.stringContaining('(over since 1970-01-01T') as string },
      { state: 'note', detail: expect.stringContaining('(acknowledged 1970-01-01T') as string },
    ]);
  });
});

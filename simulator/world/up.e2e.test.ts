import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadParty } from '@vitalshare/edge/keys/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { alive, killHard, ROOT, run, until, Ward, type World } from '../ward.fixture.ts';

interface Event {
  readonly event: string;
  readonly [member: string]: unknown;
}

/** What `up --json` has told so far. A line is whole once its end is there. */
const told = (ward: Ward): Event[] =>
  ward.output
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Event);

const event = (ward: Ward, name: string, timeoutMs = 60_000): Promise<Event> =>
  until(
    `the event ${name}; it said: ${ward.output}`,
    () => told(ward).find((each) => each.event === name),
    timeoutMs,
  );

const pidsOf = ({ pids }: World): number[] => [pids.gateway, ...pids.dataServers];
const allGone = (pids: readonly number[]): boolean => !pids.some((pid) => alive(pid));

describe('vitalshare up', () => {
  let root: string;
  let dir: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'vitalshare-up-'));
    dir = join(root, 'world');
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const wards: Ward[] = [];
  const ward = async (...options: string[]): Promise<Ward> => {
    const made = new Ward(['--json', ...options], ROOT, dir);
    wards.push(made);
    await made.up();
    return made;
  };
  afterEach(async () => {
    for (const made of wards.splice(0)) await made.stop();
  });
  let digest: string;
  let dataServers: readonly string[];

  it('makes a world, runs it, opens a statistic, and leaves no process behind', async () => {
    const first = await ward('--beds', '5', '--seed', '7');
    const { world } = first;
    expect(Object.keys(world).sort()).toEqual([
      'acknowledge',
      'dashboard',
      'dataServers',
      'mqtt',
      'pids',
      'servers',
      'threshold',
    ]);
    expect(world).toMatchObject({ servers: 3, threshold: 1 });
    expect(world.mqtt).toMatch(/^mqtt:\/\/127\.0\.0\.1:\d+$/);
    expect(new Set(pidsOf(world)).size).toBe(4);
    for (const url of [world.dashboard, ...world.dataServers]) {
      expect((await fetch(`${url}/healthz`)).status, url).toBe(200);
    }
    const ready = await event(first, 'ready');
    expect(ready).toEqual({ event: 'ready', ...world });
    const statistic = await event(first, 'statistic');
    expect(statistic).toMatchObject({ patients: 5, servers: [1, 2, 3], checked: 'verified' });
    // Bodies at rest: their hearts beat between 40 and 140 times a minute.
    expect(statistic['value']).toBeGreaterThan(40);
    expect(statistic['value']).toBeLessThan(140);

    const second = await first.run('up', '--port', '0', '--mqtt-port', '0');
    expect(second.status).toBe(1);
    expect(second.stderr).toMatch(/already runs on .* as process \d+; stop that one first/);
    const doctor = await first.run('doctor');
    expect([doctor.status, doctor.stdout]).toEqual([0, expect.stringContaining('All is well.')]);

    digest = loadParty(join(dir, 'gateway')).configDigest;
    ({ dataServers } = world);
    expect(await first.stop()).toBe(0);
    expect(told(first).at(-1)).toEqual({ event: 'stopped' });
    expect(allGone(pidsOf(world))).toBe(true);
    expect(existsSync(join(dir, 'world.json'))).toBe(false);
  });

  it('goes on with the same world, with other beds but no other servers', async () => {
    for (const [option, value] of [
      ['--servers', '5'],
      ['--threshold', '2'],
      ['--minimum-cohort', '9'],
    ] as const) {
      const refused = await run(['up', '--dir', dir, option, value]);
      expect(refused.status, option).toBe(2);
      expect(refused.stderr).toMatch(new RegExp(`was made with ${option} \\d, got ${value}`));
    }
    const again = await ward('--beds', '2');
    expect(loadParty(join(dir, 'gateway')).configDigest).toBe(digest);
    expect(again.world.dataServers).toEqual(dataServers);
    expect(await event(again, 'no-statistic')).toMatchObject({ beds: 2, minimumCohort: 5 });
    expect(told(again).some((each) => each.event === 'making')).toBe(false);
  });

  it('names a party that died with the command that starts it, and counts it again', async () => {
    const running = await ward('--no-bodies');
    const { world } = running;
    await killHard(world.pids.dataServers[1]!);
    const folder = join(dir, 'server-2');
    expect(await event(running, 'ended')).toEqual({
      event: 'ended',
      party: 'data server 2',
      how: 'signal SIGKILL',
      start: `npx vitalshare data-server --dir ${folder}`,
    });
    const doctor = await running.run('doctor');
    expect(doctor.status).toBe(1);
    expect(doctor.stdout).toContain(`start it: npx vitalshare data-server --dir ${folder}`);
    const byHand = await running.startParty('data-server', 'server-2', world.dataServers[1]!);
    expect(await event(running, 'back')).toMatchObject({ party: 'data server 2' });
    expect((await running.run('doctor')).status).toBe(0);
    expect(await running.stop()).toBe(0);
    expect(allGone([...pidsOf(world), byHand])).toBe(true);
  });

  it('takes its children along when it is killed, and starts again after that', async () => {
    const killed = await ward('--no-bodies');
    const pids = pidsOf(killed.world);
    await killHard(parseInt(readFileSync(join(dir, 'up.lock'), 'utf8'), 10));
    await until('the children to notice', () => allGone(pids), 20_000);
    // The killed one could not take its world.json away; the next one does.
    const next = await ward('--no-bodies');
    await event(next, 'ready');
    const nextPids = pidsOf(next.world);
    expect(nextPids.every((pid) => alive(pid))).toBe(true);
    expect(await next.stop()).toBe(0);
    expect(allGone(nextPids)).toBe(true);
  });

  it('says in one sentence that a port is taken', async () => {
    const other = createServer();
    await new Promise<void>((settle) => other.listen(0, '127.0.0.1', settle));
    const { port } = other.address() as { port: number };
    try {
      for (const option of ['--port', '--mqtt-port']) {
        const refused = await run(['up', '--dir', dir, '--port', '0', option, `${port}`]);
        expect(refused.status).toBe(1);
        expect(refused.stderr).toContain(`port ${port} is in use`);
        expect(refused.stderr).toContain(`choose another with ${option}`);
        expect(refused.stderr.trim().split('\n')).toHaveLength(1);
      }
    } finally {
      other.close();
    }
    expect(existsSync(join(dir, 'up.lock'))).toBe(false);
  });

  it('makes other keys from the same seed: it is of the bodies alone [S10]', async () => {
    const twin = new Ward(['--json', '--beds', '5', '--seed', '7'], ROOT, join(root, 'twin'));
    wards.push(twin);
    await twin.up();
    const words = (folder: string): string[] =>
      [
        'gateway/identity.json',
        'gateway/keys.json',
        'server-1/keys.json',
        'nodes/bed-01/credential.json',
      ]
        .map((name) => readFileSync(join(folder, name), 'utf8'))
        .flatMap((text) => text.match(/(?<=")[\w-]{43}(?=")/g) ?? []);
    const known = new Set(words(dir));
    // 4 of the identity, 5 of the gateway, 2 zero keys of server 1, 3 of the bed.
    expect(known.size).toBe(14);
    expect(words(join(root, 'twin')).filter((word) => known.has(word))).toEqual([]);
  });
});

it('ends with a sentence where a party cannot start, and stops the others', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'vitalshare-up-'));
  try {
    expect((await run(['keys', 'make', '--dir', dir])).status).toBe(0);
    rmSync(join(dir, 'server-2/keys.json'));
    const { status, stderr } = await run(['up', '--dir', dir, '--port', '0', '--mqtt-port', '0']);
    expect(status).toBe(1);
    expect(stderr).toContain('data server 2 did not start (exit code 1)');
    expect(stderr).toContain(`${join(dir, 'server-2/keys.json')} is missing`);
    expect(stderr).not.toContain('    at ');
    expect(existsSync(join(dir, 'world.json'))).toBe(false);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

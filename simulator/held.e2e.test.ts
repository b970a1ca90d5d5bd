/**
 * `--acknowledge held`: what a node was told is settled survives the loss of the gateway's disk and a
 * kill -9 of every data server at once [WIRE-17]. The same with `durable`, which does not promise it.
 *
 * Servers are stopped (SIGSTOP) while a replay runs, so which of them can hold a frame is no chance.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitOf, killHard, start, until, Ward } from './ward.fixture.ts';

const SECONDS = 600;
let ward: Ward;
let folder: string;
let gateway: number;
let dataServers: number[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vitalshare-held-'));
  const lines = Array.from({ length: SECONDS }, (_, i) => `${i},${60 + (i % 50)}`);
  writeFileSync(join(folder, 'table.csv'), ['Time [s], HR', ...lines].join('\n'));
  ward = await Ward.start('--no-bodies', '--minimum-cohort', '1', '--acknowledge', 'held');
  gateway = ward.world.pids.gateway;
  dataServers = [...ward.world.pids.dataServers];
});
afterAll(async () => {
  await ward.remove();
  rmSync(folder, { recursive: true, force: true });
});

const dashboard = () => ward.world.dashboard.replace(/\/$/, '');

const signal = (name: 'SIGSTOP' | 'SIGCONT', servers: readonly number[]): void =>
  servers.forEach((server) => process.kill(dataServers[server - 1]!, name));

const replay = (node: string) =>
  start([
    ...['replay', join(folder, 'table.csv'), '--node', node, '--dir', ward.dir],
    ...['--speed', 'max', '--json'],
  ]);

const acknowledge = async (): Promise<{ mode: string; waiting: number }> => {
  const response = await fetch(`${dashboard()}/status.json`);
  return ((await response.json()) as { acknowledge: { mode: string; waiting: number } })
    .acknowledge;
};

/** All at once, and the gateway's disk with them; servers 1 and 2 come back. */
async function disaster(): Promise<void> {
  await Promise.all([gateway, ...dataServers].map(killHard));
  rmSync(join(ward.dir, 'gateway', 'logs'), { recursive: true });
  const urls = ward.world.dataServers.slice(0, 2);
  dataServers = await Promise.all(
    urls.map((url, i) => ward.startParty('data-server', `server-${i + 1}`, url)),
  );
}

const count = (node: string) => ward.run('stats', 'count', 'heart-rate', '--stays', node, '--json');

describe('an acknowledged reading, when the gateway and all servers are killed and its disk is lost', () => {
  it('held: is there, for it was acknowledged only when two of three servers had it', async () => {
    signal('SIGSTOP', [2, 3]);
    const sending = replay('under-held');
    await until('frames that wait', async () => (await acknowledge()).waiting >= 5);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(sending.child.exitCode).toBeNull(); // One server is not enough.
    // A gateway that starts anew does not know yet who holds what stands in its log: it asks, and waits.
    await killHard(gateway);
    signal('SIGCONT', [2]);
    const held = ['--acknowledge', 'held'];
    gateway = await ward.startParty('gateway', 'gateway', dashboard(), ...held);
    expect(await exitOf(sending.child)).toBe(0);
    expect(JSON.parse(sending.output())).toMatchObject({ readings: SECONDS });
    await disaster();
    const answer = await count('under-held');
    expect(JSON.parse(answer.stdout)).toMatchObject({ count: SECONDS, servers: [1, 2] });
  });

  it('durable: is lost with that disk', async () => {
    gateway = await ward.startParty('gateway', 'gateway', dashboard());
    expect(await acknowledge()).toEqual({ mode: 'durable', waiting: 0 });
    signal('SIGSTOP', [1, 2]);
    const sending = replay('under-durable');
    expect(await exitOf(sending.child)).toBe(0);
    expect(JSON.parse(sending.output())).toMatchObject({ readings: SECONDS });
    await disaster();
    // What was held stays held.
    const { stderr } = await count('under-durable');
    expect(stderr).toContain('There is no stay under-durable. Stays: under-held.');
  });
});

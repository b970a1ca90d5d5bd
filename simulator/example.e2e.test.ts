/** The sensor of edge/README.md, run as its reader would: enrolled, started, killed, started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT, Ward, exitOf, until } from './ward.fixture.ts';

let ward: Ward;
const home = mkdtempSync(join(tmpdir(), 'vitalshare-example-'));
let sensor: ChildProcess | undefined;
let complaints = '';

function startSensor(): void {
  const tsx = import.meta.resolve('tsx');
  const example = join(ROOT, 'edge/node/example.ts');
  sensor = spawn(process.execPath, ['--import', tsx, example], { cwd: home });
  sensor.stderr!.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
}

async function stopSensor(): Promise<void> {
  sensor?.kill('SIGKILL');
  if (sensor) await exitOf(sensor);
}

const accepted = async (): Promise<number> => {
  const response = await fetch(`${ward.world.dashboard}/status.json`);
  return ((await response.json()) as { counters: { accepted: number } }).counters.accepted;
};

beforeAll(async () => {
  ward = await Ward.start('--no-bodies');
});
afterAll(async () => {
  await stopSensor();
  await ward.remove();
  rmSync(home, { recursive: true });
});

it('ten lines are a sensor of the ward, before and after a kill', async () => {
  const { credential } = await ward.json<{ credential: string }>('enroll', 'strap-07');
  cpSync(credential, join(home, 'credential.json'));
  startSensor();
  await until('three readings', async () => (await accepted()) >= 3);
  await stopSensor();
  startSensor();
  await until('three readings more', async () => (await accepted()) >= 6);
  await stopSensor();
  expect(complaints).toBe('');

  const { values } = await ward.json<{ values: [string, number][] }>(
    'open',
    'strap-07',
    'heart-rate',
  );
  expect(values.length).toBeGreaterThanOrEqual(6);
  for (const [, rate] of values) {
    expect(rate).toBeGreaterThanOrEqual(72);
    expect(rate).toBeLessThanOrEqual(73);
  }
});

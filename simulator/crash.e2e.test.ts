/**
 * kill -9 of a replay while at least two frames are in flight: the same command goes on where it was,
 * nothing acknowledged is missing afterwards, nothing counts twice. What happens to a ward whose other
 * parties die is the campaign's (`campaign/`).
 *
 * The receiving side is stopped (SIGSTOP) until the frames are seen unsettled, so the kill falls
 * between two frames on every run and not only on lucky ones.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { framesAtRest } from './masked-log.fixture.ts';
import { Ward, exitOf, killHard, start, until } from './ward.fixture.ts';

const SECONDS = 14_400;
const SPAN_SECONDS = 60;
/** Forty frames of sixty seconds a second: six seconds in all. */
const SPEED = '2400';
/** Heart rate of second i: every value says where it belongs. */
const rate = (second: number) => 40 + (second % 200) + (second % 7) / 10;

let ward: Ward;
let folder: string;
let table: string;
let gateway: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vitalshare-crash-'));
  table = join(folder, 'ramp.csv');
  const lines = Array.from({ length: SECONDS }, (_, i) => `${i},${rate(i).toFixed(1)}`);
  writeFileSync(table, ['Time [s], HR', ...lines].join('\n'));
  ward = await Ward.start('--no-bodies', '--minimum-cohort', '1');
  gateway = ward.world.pids.gateway;
});
afterAll(async () => {
  await ward.remove();
  rmSync(folder, { recursive: true, force: true });
});

const startReplay = (node: string) =>
  start(['replay', table, '--node', node, '--dir', ward.dir, '--speed', SPEED, '--json']);

/** Bytes of frames the node keeps because nobody has acknowledged them. */
function keptBytes(node: string): number {
  const own = join(ward.dir, 'nodes', node, 'journal');
  return readdirSync(own)
    .filter((name) => name.startsWith('frames-'))
    .reduce((sum, name) => sum + statSync(join(own, name)).size, 0);
}

const accepted = async (): Promise<number> => {
  const response = await fetch(`${ward.world.dashboard.replace(/\/$/, '')}/status.json`);
  const status = (await response.json()) as { counters: Record<string, number> };
  return status.counters['accepted'] ?? 0;
};

/** Waits until the node keeps the bytes of two more frames than it had when its receiver stopped. */
async function twoInFlight(node: string): Promise<void> {
  const before = keptBytes(node);
  const frameBytes = 4 * SPAN_SECONDS;
  await until('two frames in flight', () => keptBytes(node) >= before + 2 * frameBytes);
}

async function everyReadingOnce(node: string): Promise<void> {
  // In the log too, where a frame taken twice would show although the cells would not.
  const frames = framesAtRest(join(ward.dir, 'gateway')).filter(({ stay }) => stay === node);
  expect(frames).toHaveLength(SECONDS / SPAN_SECONDS);
  const answer = await ward.json<{ count: number; value: number; servers: number[] }>(
    ...['stats', 'mean', 'heart-rate', '--stays', node],
  );
  const total = Array.from({ length: SECONDS }, (_, i) => rate(i)).reduce((a, b) => a + b, 0);
  expect(answer.count).toBe(SECONDS);
  expect(Math.abs(answer.value - total / SECONDS)).toBeLessThan(1e-9);
  expect(answer.servers).toEqual([1, 2, 3]);
  const out = join(folder, `${node}.csv`);
  const opened = await ward.run('open', node, 'heart-rate', '--out', out);
  expect(opened.stderr + String(opened.status)).toMatch(/0$/);
  const values = readFileSync(out, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => Number(line.split(',')[1]));
  expect(values).toEqual(Array.from({ length: SECONDS }, (_, i) => Number(rate(i).toFixed(1))));
}

describe('kill -9 in the middle of a replay', () => {
  it('of the node, which goes on where it was', async () => {
    const before = await accepted();
    const replay = startReplay('killed-node');
    await until('some frames accepted', async () => (await accepted()) >= before + 10);
    process.kill(gateway, 'SIGSTOP');
    await twoInFlight('killed-node');
    await killHard(replay.child.pid!);
    process.kill(gateway, 'SIGCONT');
    expect(keptBytes('killed-node')).toBeGreaterThan(0);
    const again = startReplay('killed-node');
    expect(await exitOf(again.child)).toBe(0);
    expect(JSON.parse(again.output())).toMatchObject({ readings: SECONDS });
    await everyReadingOnce('killed-node');
  });
});

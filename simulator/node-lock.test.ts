/** A node whose folder another process works in is not run a second time, by `replay` or by `up`. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { command } from './player/replay-command.ts';
import { Beds } from './world/beds.ts';
import { machineTools } from './world/tools.ts';
import { nodeFolder, openWorld, placeWorld } from './world/world-folder.ts';

const ASKED = { servers: 2, threshold: 1, minimumCohort: 5 };

let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'vitalshare-lock-'));
  const configuration = await openWorld(dir, ASKED, () => undefined);
  await placeWorld(dir, configuration, { http: 0, mqtt: 0 });
  for (const name of ['bed-01', 'bed-02']) {
    mkdirSync(nodeFolder(dir, name), { recursive: true, mode: 0o700 });
  }
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** As another process that lives would have written it, on a system without boot ticks. */
function lockElsewhere(name: string): string {
  const file = join(nodeFolder(dir, name), 'node.lock');
  writeFileSync(file, `${process.ppid}\n\n`);
  return file;
}

const sentence = (name: string): string =>
  `the node ${name} already runs on ${nodeFolder(dir, name)} as process ${process.ppid}; stop that`;

it('replay leaves it alone', async () => {
  const file = lockElsewhere('bed-01');
  const table = join(dir, 'table.csv');
  writeFileSync(table, 'Time [s], HR\n0,60\n1,61\n');
  const values = { node: 'bed-01', dir, speed: 'max', json: true };
  await expect(command.run({ values, positionals: [table] })).rejects.toThrow(sentence('bed-01'));
  expect(readFileSync(file, 'utf8')).toBe(`${process.ppid}\n\n`);
  expect(readdirSync(nodeFolder(dir, 'bed-01'))).not.toContain('journal');
  rmSync(file);
});

it('up starts no bed, and keeps no lock of the others', async () => {
  const file = lockElsewhere('bed-02');
  const start = Beds.start({
    ...{ dir, names: ['bed-01', 'bed-02'], mqttUrl: 'mqtt://127.0.0.1:9', seed: 1 },
    ...{ patients: [], tools: machineTools, onTrouble: () => undefined },
  });
  await expect(start).rejects.toThrow(sentence('bed-02'));
  expect(readdirSync(nodeFolder(dir, 'bed-01'))).not.toContain('node.lock');
  expect(readFileSync(file, 'utf8')).toBe(`${process.ppid}\n\n`);
});

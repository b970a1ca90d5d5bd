/**
 * A gateway brought back from an older copy of its folder never masks two readings alike [S1].
 *
 * The log host, whom the test plays with every key in hand, recovers the keystream of each reading it
 * knows, `ψ = x − d`, over both continuations. One value seen twice would be a two-time pad. The same
 * story is then told by a copy of the project whose run record is disabled, and the reuse is found.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isPresent } from '@vitalshare/cloud-sink/messages';
import { P, getBigInt } from '@vitalshare/edge/field';
import { copyHouse } from '../.ci/house.fixture.ts';
import { framesAtRest } from './masked-log.fixture.ts';
import { until, Ward } from './ward.fixture.ts';

const ROWS = 600;
/** Skin temperature of row i in the k-th replay, in thousandths of a degree: no two alike. */
const milli = (k: number, i: number) => 20_000 + k * 7_001 + i * 11;
/** Where the second and third replay begin, in seconds from the first. */
const LATER = 1000;
const START = Date.parse('2026-03-01T08:00:00Z') / 1000;

const folders: string[] = [];
const temporary = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `vitalshare-${name}-`));
  folders.push(folder);
  return folder;
};
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** ψ of every reading in a gateway's logs, under where it stands and what stands there. */
function keystreams(gateway: string, truth: (second: number) => number): Map<string, bigint> {
  const found = new Map<string, bigint>();
  for (const { log, position, frame } of framesAtRest(gateway)) {
    for (const { start, rows, presence, masked } of frame.columns) {
      let next = 0;
      for (let row = 0; row < rows; row++) {
        if (!isPresent(presence, row)) continue;
        const d = getBigInt(masked, next++);
        const psi = (BigInt(truth(start + row)) - d + P) % P;
        found.set(`${log}/${position}/${start + row}/${d}`, psi);
      }
    }
  }
  return found;
}

/**
 * Copy `part` of a stopped world, go on, restore the copy, go on again; all keystreams of both
 * continuations. With the gateway alone the data servers know more than it does, and it begins a new
 * log; with the whole world it cannot know, and goes on with the same log at the same position.
 */
async function restoreStory(part: 'gateway' | 'world', house?: string): Promise<bigint[]> {
  const tables = temporary('tables');
  const ward = new Ward(['--no-bodies', '--minimum-cohort', '1'], house);
  folders.push(ward.dir);
  const gateway = join(ward.dir, 'gateway');
  const play = async (k: number, second: number): Promise<void> => {
    const file = join(tables, `${k}.csv`);
    const lines = Array.from({ length: ROWS }, (_, i) => `${i},${milli(k, i) / 1000}`);
    writeFileSync(file, ['Time [s],skin-temperature', ...lines].join('\n'));
    const at = new Date((START + second) * 1000).toISOString();
    await ward.json(
      'replay',
      file,
      '--node',
      'patient',
      '--start',
      at,
      '--speed',
      'max',
      '--again',
    );
  };
  await ward.up();
  await play(1, 0);
  await ward.stop();
  const copy = temporary('copy');
  const folder = part === 'gateway' ? gateway : ward.dir;
  cpSync(folder, copy, { recursive: true });

  await ward.up();
  await play(2, LATER);
  await ward.stop();
  const first = keystreams(gateway, (second) =>
    second < START + LATER ? milli(1, second - START) : milli(2, second - START - LATER),
  );
  expect(first.size).toBe(2 * ROWS);

  rmSync(folder, { recursive: true });
  cpSync(copy, folder, { recursive: true });
  await ward.up();
  await play(3, LATER);
  if (part === 'gateway') {
    const [url] = ward.world.dataServers;
    // [S8] It is said whose log is shorter than it was, though no question suffers from it.
    await until('the alarm of a data server', async () => {
      const alarms = (await (await fetch(`${url!}/alarms`)).json()) as { kind: string }[];
      return alarms.some(({ kind }) => kind === 'rolled-back');
    });
  }
  await ward.stop();
  const second = keystreams(gateway, (second) =>
    second < START + LATER ? milli(1, second - START) : milli(3, second - START - LATER),
  );
  expect(second.size).toBe(2 * ROWS);
  return [...new Map([...first, ...second]).values()];
}

const repeats = (values: readonly bigint[]): number => values.length - new Set(values).size;

const WITHOUT_RUN_SECRETS = {
  file: 'gateway/log/start-run.ts',
  from: 'setsOf(config).map((mask) => [mask, random(32)])',
  to: 'setsOf(config).map((mask) => [mask, new Uint8Array(32)])',
};

// Three worlds side by side: a story mostly waits for processes that start.
describe.concurrent('restored from an older copy, no reading is masked like another [S1]', () => {
  it.each(['gateway', 'world'] as const)('the %s', async (part) => {
    const values = await restoreStory(part);
    expect(values).toHaveLength(3 * ROWS);
    expect(repeats(values)).toBe(0);
  });

  it('a build without the run record is seen masking alike', async () => {
    const house = copyHouse([WITHOUT_RUN_SECRETS]);
    folders.push(house);
    const values = await restoreStory('world', house);
    expect(values).toHaveLength(3 * ROWS);
    expect(repeats(values)).toBe(ROWS);
  });
});

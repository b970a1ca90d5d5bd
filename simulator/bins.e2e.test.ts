/**
 * Distributions of real people's readings through real processes: what is opened from counts by bin
 * equals plain counting on the files, whether the gateway goes on, is stopped or is killed.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SHARED_DATA, Ward, alive, killHard, until } from './ward.fixture.ts';

const FOLDER = join(SHARED_DATA, 'vitals-bidmc');
const PATIENTS = ['01', '03', '17', '53'];
const title = existsSync(FOLDER) ? '' : ' (skipped: no recordings at ../shared/data)';

interface Bin {
  low: number;
  high: number;
  count: number;
}
interface Answer<Value> {
  value: Value;
  count: number;
  rows: number;
  patients: number;
  low: number;
  high: number;
  servers: number[];
  checked: string;
}

const HEADS = {
  'heart-rate': 'HR',
  'pulse-rate': 'PULSE',
  'respiratory-rate': 'RESP',
  spo2: 'SpO2',
};

/** Readings of the files, gaps left out. */
function readings(head: string): number[] {
  return PATIENTS.flatMap((patient) => {
    const text = readFileSync(join(FOLDER, `bidmc_${patient}_Numerics.csv`), 'utf8');
    const [first, ...lines] = text.trim().split(/\r?\n/);
    const at = first!.split(',').findIndex((name) => name.trim() === head);
    return lines.map((line) => Number(line.split(',')[at])).filter((value) => !Number.isNaN(value));
  });
}

const plainly = (bins: readonly Bin[], values: readonly number[]): Bin[] =>
  bins.map((bin, i) => ({
    ...bin,
    count: values.filter((x) => x >= bin.low && (x < bin.high || i === bins.length - 1)).length,
  }));

describe.skipIf(!existsSync(FOLDER))(`counts by bin of a ward${title}`, () => {
  let ward: Ward;
  let folder: string;
  let gateway: number;
  const ask = <Value>(...args: string[]) => ward.json<Answer<Value>>('stats', ...args);
  const page = () => ward.world.dashboard.replace(/\/$/, '');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vitalshare-bins-'));
    ward = await Ward.start('--no-bodies', '--minimum-cohort', '3');
    gateway = ward.world.pids.gateway;
    for (const patient of PATIENTS) {
      await ward.json(
        ...['replay', join(FOLDER, `bidmc_${patient}_Numerics.csv`), '--node', `bidmc-${patient}`],
        ...['--speed', 'max', '--start', '2026-03-01T08:00:00Z'],
      );
    }
  });
  afterAll(async () => {
    await ward.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are all there when the gateway is stopped, and equal plain counting', async () => {
    process.kill(gateway, 'SIGTERM');
    await until('the gateway to stop', () => !alive(gateway));
    gateway = await ward.startParty('gateway', 'gateway', page());
    for (const [vital, head] of Object.entries(HEADS)) {
      const values = readings(head);
      const { value, count, rows, patients, checked } = await ask<Bin[]>('histogram', vital);
      expect({ count, rows, patients, checked }).toEqual({
        ...{ count: values.length, rows: values.length, patients: 4, checked: 'verified' },
      });
      expect(value).toEqual(plainly(value, values));
      if (vital !== 'heart-rate') continue;
      const sorted = values.sort((a, b) => a - b);
      const { low, high } = await ask<number>('median', vital);
      const truth = sorted[Math.ceil(sorted.length / 2) - 1]!;
      expect(low <= truth && truth <= high).toBe(true);
    }
  });

  it('answer about whole five minutes, and say which', async () => {
    const range = ['--from', '2026-03-01T08:01:00Z', '--to', '2026-03-01T08:12:00Z'];
    const { status, stdout, stderr } = await ward.run('stats', 'histogram', 'spo2', ...range);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr:
        'vitalshare stats: bins are counted by whole five minutes: ' +
        'asked from 2026-03-01T08:05:00Z to 2026-03-01T08:10:00Z\n',
    });
    const rows = PATIENTS.flatMap((patient) => {
      const text = readFileSync(join(FOLDER, `bidmc_${patient}_Numerics.csv`), 'utf8');
      const at = text
        .split(/\r?\n/, 1)[0]!
        .split(',')
        .findIndex((name) => name.trim() === 'SpO2');
      const lines = text.trim().split(/\r?\n/).slice(301, 601);
      return lines.map((line) => Number(line.split(',')[at])).filter((x) => !Number.isNaN(x));
    });
    expect(stdout).toMatch(
      new RegExp(
        `^The histogram of spo2 in %, over ${rows.length} rows of 4 patients, from servers`,
      ),
    );
    const printed = stdout.trimEnd().split('\n').slice(2);
    const bars = printed.map((line) =>
      /^ +(\S+) to (\S+) +(\d+)( {2}[#.]+)?$/.exec(line)!.slice(1),
    );
    const bins = bars.map(([low, high, count]) => ({
      ...{ low: Number(low), high: Number(high), count: Number(count) },
    }));
    expect(bins).toEqual(plainly(bins, rows));
    expect(Math.max(...bars.map(([, , , bar]) => bar?.trim().length ?? 0))).toBe(40);
  });

  it('come by themselves ten seconds after the last reading of minutes long past', async () => {
    const table = join(folder, 'late.csv');
    const lines = Array.from({ length: 600 }, (_, i) => `${i},${60 + (i % 40)}`);
    writeFileSync(table, ['Time [s], HR', ...lines].join('\n'));
    const before = await ask<Bin[]>('histogram', 'heart-rate');
    const start = ['--start', '2026-03-01T10:00:00Z'];
    await ward.json('replay', table, '--node', 'late', '--speed', 'max', ...start);
    const early = await ask<Bin[]>('histogram', 'heart-rate');
    expect(early).toMatchObject({ rows: before.rows + 600, count: before.count });
    const after = await until('the counts to arrive', async () => {
      const answer = await ask<Bin[]>('histogram', 'heart-rate');
      return answer.count === answer.rows && answer;
    });
    const values = lines.map((line) => Number(line.split(',')[1]));
    const added = plainly(after.value, values);
    expect(after.value.map(({ count }, i) => count - added[i]!.count)).toEqual(
      before.value.map(({ count }) => count),
    );
  });

  it('that a kill took are missing and said to be, and no reading is', async () => {
    const before = await ask<Bin[]>('histogram', 'heart-rate');
    const table = join(folder, 'killed.csv');
    const lines = Array.from({ length: 300 }, (_, i) => `${i},${60 + (i % 40)}`);
    writeFileSync(table, ['Time [s], HR', ...lines].join('\n'));
    const start = ['--start', '2026-03-01T11:00:00Z'];
    await ward.json('replay', table, '--node', 'killed', '--speed', 'max', ...start);
    await killHard(gateway);
    gateway = await ward.startParty('gateway', 'gateway', page());
    const mean = await ask<number>('mean', 'heart-rate');
    expect(mean.count).toBe(before.rows + 300);
    const { stdout } = await ward.run('stats', 'median', 'heart-rate');
    expect(stdout).toContain(
      `over ${before.count} of ${before.rows + 300} rows of 5 patients, from servers`,
    );
  });

  it('are refused in a sentence where words are wrong', async () => {
    for (const [args, status, sentence] of [
      [['median', 'spo2', '--at', '0.5'], 2, /--at belongs to quantile/],
      [['chi-squared', 'spo2', '--by', 'arm'], 1, /carries a label arm/],
      [
        ['median', 'spo2', '--stays', 'bidmc-01,bidmc-03'],
        1,
        /2 patients have readings counted by bin.*, 3/,
      ],
    ] as const) {
      const finished = await ward.run('stats', ...args);
      expect({ status: finished.status, stdout: finished.stdout }).toEqual({ status, stdout: '' });
      expect(finished.stderr).toMatch(sentence);
      expect(finished.stderr).not.toMatch(/\n\s+at /);
    }
  });
});

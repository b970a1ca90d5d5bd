/**
 * The main promise on recordings of real people: what is opened from shares equals plain arithmetic on
 * the files, for every configuration that a ward would choose, through real processes.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SHARED_DATA, Ward, until } from './ward.fixture.ts';

const FOLDER = join(SHARED_DATA, 'vitals-bidmc');
const PATIENTS = ['01', '03', '17', '53'];
const START = Date.parse('2026-03-01T08:00:00Z') / 1000;

interface Answer {
  statistic: string;
  vitals: string[];
  unit: string;
  count: number;
  patients: number;
  value: number | { intercept: number; coefficients: Record<string, number>; rSquared: number };
  standardError?: number;
  interval?: [number, number];
  servers: number[];
  checked: string;
  asOf: Record<string, number>;
}

/** The files in plain arithmetic: one row a second and patient, NaN where the file says so. */
function readRows(): Record<string, number>[] {
  return PATIENTS.flatMap((patient) => {
    const text = readFileSync(join(FOLDER, `bidmc_${patient}_Numerics.csv`), 'utf8');
    const [head, ...lines] = text.trim().split(/\r?\n/);
    const names = head!.split(',').map((name) => name.trim());
    return lines.map((line) => {
      const cells = line.split(',').map(Number);
      const cell = (name: string) => cells[names.indexOf(name)]!;
      return {
        'heart-rate': cell('HR'),
        'pulse-rate': cell('PULSE'),
        'respiratory-rate': cell('RESP'),
        spo2: cell('SpO2'),
      };
    });
  });
}

const present = (rows: Record<string, number>[], ...vitals: string[]) =>
  rows.filter((row) => vitals.every((vital) => !Number.isNaN(row[vital]!)));
const mean = (xs: number[]) => xs.reduce((a, b) => a + b, 0) / xs.length;
const covariance = (xs: number[], ys: number[]) => {
  const [mx, my] = [mean(xs), mean(ys)];
  return xs.reduce((sum, x, i) => sum + (x - mx) * (ys[i]! - my), 0) / (xs.length - 1);
};

/** Least squares of y on the columns of x by normal equations on centred data. */
function regress(y: number[], x: number[][]) {
  const k = x.length;
  const a = x.map((xi) => [...x.map((xj) => covariance(xi, xj)), covariance(xi, y)]);
  for (let i = 0; i < k; i++) {
    for (let r = 0; r < k; r++) {
      if (r === i) continue;
      const f = a[r]![i]! / a[i]![i]!;
      for (let c = i; c <= k; c++) a[r]![c]! -= f * a[i]![c]!;
    }
  }
  const b = a.map((row, i) => row[k]! / row[i]!);
  const intercept = mean(y) - b.reduce((sum, bi, i) => sum + bi * mean(x[i]!), 0);
  const explained = b.reduce((sum, bi, i) => sum + bi * covariance(x[i]!, y), 0);
  return { b, intercept, rSquared: explained / covariance(y, y) };
}

const close = (got: number, expected: number) =>
  expect(Math.abs(got - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected));

const title = existsSync(FOLDER) ? '' : ' (skipped: no recordings at ../shared/data)';

describe.skipIf(!existsSync(FOLDER)).each([
  [3, 1],
  [4, 1],
  [5, 2],
  [3, 2],
])(`%i servers, threshold %i${title}`, (servers, threshold) => {
  const rows = existsSync(FOLDER) ? readRows() : [];
  const column = (vital: string, ...together: string[]) =>
    present(rows, vital, ...together).map((row) => row[vital]!);
  let ward: Ward;
  const ask = (...args: string[]) => ward.json<Answer>('stats', ...args);

  beforeAll(async () => {
    ward = await Ward.start(
      ...['--no-bodies', '--minimum-cohort', '3', '--joint'],
      ...['--servers', String(servers), '--threshold', String(threshold)],
    );
    const replay = async (patient: string): Promise<void> => {
      const file = join(FOLDER, `bidmc_${patient}_Numerics.csv`);
      const report = await ward.json(
        ...['replay', file, '--node', `bidmc-${patient}`, '--speed', 'max'],
        ...['--start', '2026-03-01T08:00:00Z'],
      );
      const readings = readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .flatMap((line) => line.split(',').slice(1))
        .filter((cell) => cell.trim() !== 'NaN');
      expect(report['readings']).toBe(readings.length);
    };
    await Promise.all(PATIENTS.map(replay));
  });
  afterAll(() => ward.remove());

  it('count, mean, variance and sd of every vital sign', async () => {
    const vitals = ['heart-rate', 'pulse-rate', 'respiratory-rate', 'spo2'];
    const [counts, means, variance, sd] = await Promise.all([
      Promise.all(vitals.map((vital) => ask('count', vital))),
      Promise.all(vitals.map((vital) => ask('mean', vital))),
      ask('variance', 'spo2'),
      ask('sd', 'heart-rate'),
    ]);
    for (const [i, vital] of vitals.entries()) {
      const xs = column(vital);
      expect(counts[i]).toMatchObject({
        count: xs.length,
        value: xs.length,
        patients: 4,
        unit: '1',
      });
      close(means[i]!.value as number, mean(xs));
    }
    const xs = column('spo2');
    close(variance.value as number, covariance(xs, xs));
    close(sd.value as number, Math.sqrt(covariance(column('heart-rate'), column('heart-rate'))));
  });

  it('covariance, correlation and regression over rows where all are present', async () => {
    const pair = ['heart-rate', 'spo2'] as const;
    const [x, y] = [column('heart-rate', ...pair), column('spo2', ...pair)];
    const three = ['heart-rate', 'respiratory-rate', 'spo2'];
    const [answer, correlation, regression] = await Promise.all([
      ask('covariance', ...pair),
      ask('correlation', ...pair),
      ask('regression', 'heart-rate', '--on', 'respiratory-rate,spo2'),
    ]);
    expect(answer.count).toBe(x.length);
    close(answer.value as number, covariance(x, y));
    expect(correlation.unit).toBe('1');
    close(
      correlation.value as number,
      covariance(x, y) / Math.sqrt(covariance(x, x) * covariance(y, y)),
    );
    const expected = regress(column('heart-rate', ...three), [
      column('respiratory-rate', ...three),
      column('spo2', ...three),
    ]);
    const { value } = regression;
    if (typeof value === 'number') throw new Error('expected coefficients');
    close(value.intercept, expected.intercept);
    close(value.coefficients['respiratory-rate']!, expected.b[0]!);
    close(value.coefficients['spo2']!, expected.b[1]!);
    close(value.rSquared, expected.rSquared);
  });

  it('an interval takes one mean a patient; without products it is refused by name', async () => {
    // Every patient has 481 seconds of heart rate, so all weigh the same.
    const people = PATIENTS.map((_, p) =>
      mean(rows.slice(481 * p, 481 * (p + 1)).map((row) => row['heart-rate']!)),
    );
    if (2 * threshold > servers - 1) {
      const refused = await ward.run('stats', 'mean', 'heart-rate', '--interval', '0.95');
      expect(refused).toMatchObject({ status: 1, stdout: '' });
      expect(refused.stderr).toMatch(/products exist within a frame only/);
      close((await ask('mean', 'heart-rate', '--unit', 'patient')).value as number, mean(people));
      return;
    }
    const answer = await ask('mean', 'heart-rate', '--interval', '0.95');
    const error = Math.sqrt(covariance(people, people) / 4);
    close(answer.value as number, mean(people));
    close(answer.standardError!, error);
    // 3.182446305… holds 95 % of t with 3 degrees of freedom.
    close(answer.interval![1], mean(people) + 3.182446305283708 * error);
  });

  it('ranges are [from, to), stays and labels narrow the cohort, small cohorts are refused', async () => {
    const at = (second: number) => new Date((START + second) * 1000).toISOString();
    const [answer, three, refused] = await Promise.all([
      ask('mean', 'heart-rate', '--from', at(100), '--to', at(200)),
      ask('count', 'spo2', '--stays', 'bidmc-01,bidmc-03,bidmc-17'),
      ward.run('stats', 'mean', 'spo2', '--stays', 'bidmc-01,bidmc-03'),
    ]);
    const xs = PATIENTS.flatMap((_, p) =>
      present(rows.slice(481 * p + 100, 481 * p + 200), 'heart-rate').map((r) => r['heart-rate']!),
    );
    expect(answer.count).toBe(xs.length);
    close(answer.value as number, mean(xs));
    expect(three.patients).toBe(3);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toMatch(/2 patients.*3/);
    expect(refused.stderr).not.toMatch(/\n\s+at /);
  });

  it('the three engines agree exactly', async () => {
    const questions = [
      ['count', 'spo2'],
      ['mean', 'heart-rate'],
      ['variance', 'respiratory-rate'],
      ['sd', 'heart-rate'],
      ['covariance', 'heart-rate', 'spo2'],
      ['correlation', 'heart-rate', 'respiratory-rate'],
      ['regression', 'heart-rate', '--on', 'respiratory-rate,spo2'],
    ];
    const both = ['elgamal', 'paillier'];
    const agree = async (engines: readonly string[], ...question: string[]) => {
      const [shares, ...others] = await Promise.all(
        ['shares', ...engines].map((engine) => ask(...question, '--engine', engine)),
      );
      const { count, value } = shares!;
      expect(others).toMatchObject(engines.map((engine) => ({ engine, count, value })));
    };
    // Rows cost time under Paillier alone.
    const minute = ['--to', new Date((START + 60) * 1000).toISOString()];
    for (const question of questions) await agree(both, ...question, ...minute);
    await agree(both, 'mean', 'heart-rate');
    await agree(['elgamal'], 'correlation', 'heart-rate', 'respiratory-rate');
    const refused = await ward.run('stats', 'median', 'spo2', '--engine', 'elgamal');
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toMatch(/cannot answer median.*Use --engine shares/);
  });

  it('claims what the table allows, and names who is missing', async () => {
    const [sum, product] = await Promise.all([
      ask('mean', 'heart-rate'),
      ask('variance', 'heart-rate'),
    ]);
    expect(sum.servers).toEqual(Array.from({ length: servers }, (_, i) => i + 1));
    expect(sum.checked).toBe(servers >= 2 * threshold + 1 ? 'verified' : 'unchecked');
    const degree = 2 * threshold > servers - 1 ? threshold : 2 * threshold;
    const spare = servers - degree - 1;
    expect(product.checked).toBe(
      spare >= threshold ? 'verified' : spare > 0 ? 'partly' : 'unchecked',
    );

    const { pids, dataServers } = ward.world;
    process.kill(pids.dataServers[1]!, 'SIGTERM');
    await until('server 2 to stop', () =>
      fetch(`${dataServers[1]!}/healthz`).then(
        () => false,
        () => true,
      ),
    );
    const without2 = Array.from({ length: servers }, (_, i) => i + 1).filter((i) => i !== 2);
    if (servers - 1 >= threshold + 1) {
      expect((await ask('mean', 'heart-rate')).servers).toEqual(without2);
    } else {
      const refused = await ward.run('stats', 'mean', 'heart-rate');
      expect(refused.status).toBe(1);
      expect(refused.stderr).toMatch(/server 2/i);
    }
    const variance = await ward.run('stats', 'variance', 'heart-rate', '--json');
    if (servers - 1 >= degree + 1) {
      expect(variance.status).toBe(0);
    } else {
      expect(variance.status).toBe(1);
      expect(variance.stderr).toMatch(/server 2/i);
    }

    await ward.startParty('data-server', 'server-2', dataServers[1]!);
    const again = await ask('variance', 'heart-rate');
    expect(again.servers).toEqual(Array.from({ length: servers }, (_, i) => i + 1));
    expect(again.value).toBe(product.value);
  });

  it('Paillier needs servers that allow it, and server 2 does so no more', async () => {
    const { status, stdout, stderr } = await ward.run(
      ...['stats', 'mean', 'heart-rate', '--engine', 'paillier', '--json'],
    );
    if (servers - 1 >= threshold + 1) {
      expect((JSON.parse(stdout) as Answer).servers).not.toContain(2);
      return;
    }
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /needs 3 data servers that allow it, and server 2.* does not: .*--joint/,
    );
  });
});

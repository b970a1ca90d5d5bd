/**
 * `vitalshare stats` and `vitalshare open` against real data servers over HTTP, from party folders:
 * what a user types, what comes out, which exit code.
 */
import { existsSync, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { type Command, runCommand } from '@vitalshare/edge/command/node';
import { parseWfdbHeader, readWfdb } from '@vitalshare/edge/formats';
import { LEADS } from '@vitalshare/edge/vital';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type DataServer, startDataServer } from '../data-server/server.ts';
import { MemoryStore } from '../data-server/store-memory.fixture.ts';
import { column, logHost, makeWorld, random, TestLog } from '../data-server/world.fixture.ts';
import { command as catalogueCommand } from './catalogue-command.ts';
import { command as openCommand } from './open-command.ts';
import { command as statsCommand } from './stats-command.ts';

const START = 1_790_000_000;
const RECORD = new URL('../../../shared/data/ecg-mitbih/', import.meta.url);
const ECG_RATE_MILLIHZ = 360_000;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function ran(name: string, command: Command, argv: string[]): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const keep =
    (into: string[]) =>
    (text: string | Uint8Array): boolean =>
      into.push(String(text)) > 0;
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation(keep(out));
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(keep(err));
  try {
    const code = await runCommand(name, command, argv);
    return { code, out: out.join(''), err: err.join('') };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

let dir = '';
let servers: DataServer[] = [];
let host: Server | undefined;
const log = new TestLog(makeWorld(3, 1, 2));

const stats = (...argv: string[]): Promise<Ran> =>
  ran('stats', statsCommand, [...argv, '--dir', dir]);
const open = (...argv: string[]): Promise<Ran> => ran('open', openCommand, [...argv, '--dir', dir]);
const catalogue = (...argv: string[]): Promise<Ran> =>
  ran('catalogue', catalogueCommand, [...argv, '--dir', dir]);
const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

function plaintext(samples: Int16Array): Uint8Array {
  const plain = new Uint8Array(2 + 2 * samples.length);
  const view = new DataView(plain.buffer);
  samples.forEach((sample, i) => view.setInt16(2 + 2 * i, sample, true));
  return plain;
}

function segmentsAt(second: number, samples: Int16Array, lead: string) {
  return {
    channel: 64,
    lead: LEADS.findIndex((each) => each === lead),
    unit: 1,
    startMicros: (START + second) * 1e6,
    rateMilliHz: ECG_RATE_MILLIHZ,
    gain: 200,
    baseline: 1024,
    count: samples.length,
    plaintext: plaintext(samples),
  };
}

function fill(): void {
  log.stay(1, 'bed-1', { arm: 'a' }).stay(2, 'bed-2', { arm: 'b' }).stay(3, 'bed-3', { arm: 'b' });
  const readings = (heart: number[], spo2: number[]) => ({
    'heart-rate': column(START, heart),
    spo2: column(START, spo2),
  });
  log.frame(1, readings([720, 740], [970, 965]));
  log.frame(2, readings([910, 905], [930, 941]));
  log.frame(3, readings([655], [988]));
  log.frame(1, {
    'heart-rate': new Map([
      [START + 1, 1],
      [START + 5, 761],
    ]),
  });
  log.commit();
}

/** Record 100 of MIT-BIH, both leads, in frames of five seconds. */
function fillRecord(): void {
  const bytes = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, RECORD)));
  const header = parseWfdbHeader(readFileSync(new URL('100.hea', RECORD), 'utf8'));
  const { waveforms } = readWfdb(header, bytes);
  const step = 1800;
  for (let at = 0; at < waveforms[0]!.samples.length; at += step) {
    const second = at / 360;
    log.frame(
      2,
      {},
      waveforms.map(({ samples, lead }) =>
        segmentsAt(second, samples.subarray(at, at + step), lead),
      ),
    );
    if ((at / step) % 60 === 59) log.commit();
  }
  log.commit();
}

async function start(): Promise<void> {
  const { world } = log;
  const serve = logHost([log]);
  host = createServer((request, response) => {
    void serve(`http://host${request.url ?? ''}`).then(async (reply) => {
      response.writeHead(reply.status).end(Buffer.from(await reply.arrayBuffer()));
    });
  });
  await new Promise<void>((resolve) => void host!.listen(0, '127.0.0.1', resolve));
  servers = await Promise.all(
    world.dataServers.map((party) =>
      startDataServer({
        party,
        store: new MemoryStore(),
        gateway: 'http://gateway.test',
        host: '127.0.0.1',
        port: 0,
        clock: () => Date.now(),
        random,
        fetch: serve,
        sleep: async (ms, signal) => {
          await setTimeout(ms, undefined, { signal }).catch(() => undefined);
        },
        breathe: () => setImmediate(),
        report: (sentence) => process.stderr.write(`${sentence}\n`),
      }),
    ),
  );
  const { port } = host.address() as AddressInfo;
  writeParties(
    `http://127.0.0.1:${port}`,
    servers.map((server) => `http://127.0.0.1:${server.port}`),
  );
}

function writeParties(gateway: string, dataServers: string[]): void {
  const { world } = log;
  for (const role of ['researcher', 'physician'] as const) {
    const folder = join(dir, role);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const put = (name: string, value: unknown): void => {
      writeFileSync(join(folder, name), JSON.stringify(value));
      chmodSync(join(folder, name), 0o600);
    };
    put('identity.json', world[role]);
    put('configuration.json', world.configuration);
    put('addresses.json', { gateway, dataServers });
  }
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'vitalshare-reader-'));
  fill();
  if (existsSync(RECORD)) fillRecord();
  await start();
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  host?.closeAllConnections();
  await new Promise((resolve) => host?.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});

describe('vitalshare stats', () => {
  it('says one sentence', async () => {
    const { code, out, err } = await stats('mean', 'heart-rate');
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(
      'The mean of heart-rate is 78.1833 /min, over 6 rows of 3 patients, ' +
        'from servers 1, 2 and 3 (verified).\n',
    );
  });

  it('prints exactly the members a script relies on', async () => {
    const mean = await stats('mean', 'heart-rate', '--stays', 'bed-1,bed-3', '--json');
    expect(json(mean.out)).toEqual({
      statistic: 'mean',
      vitals: ['heart-rate'],
      unit: '/min',
      count: 4,
      patients: 2,
      value: 71.9,
      servers: [1, 2, 3],
      checked: 'verified',
      asOf: { [log.name]: log.position },
    });
    const line = await stats('regression', 'heart-rate', '--on', 'spo2', '--json');
    const { value, unit, count, checked } = json(line.out);
    expect([unit, count, checked]).toEqual(['/min', 5, 'unchecked']);
    expect(value).toEqual({
      intercept: expect.closeTo(545.808859, 5) as number,
      coefficients: { spo2: expect.closeTo(-4.87285, 5) as number },
      rSquared: expect.closeTo(0.965864, 5) as number,
    });
  });

  it('takes cohorts and times', async () => {
    const iso = new Date((START + 1) * 1000).toISOString();
    const count = async (...argv: string[]): Promise<unknown> =>
      json((await stats('count', 'heart-rate', ...argv, '--json')).out)['count'];
    expect(await count('--where', 'arm=b')).toBe(3);
    expect(await count('--to', iso)).toBe(3);
    expect(await count('--from', iso)).toBe(3);
  });

  it('exits 1 on an unknown stay or label and on a cohort that is too small', async () => {
    expect(await stats('mean', 'heart-rate', '--stays', 'bed-9')).toEqual({
      code: 1,
      out: '',
      err: 'vitalshare stats: There is no stay bed-9. Stays: bed-1, bed-2 and bed-3.\n',
    });
    expect((await stats('mean', 'heart-rate', '--where', 'arm=z')).code).toBe(1);
    const small = await stats('mean', 'heart-rate', '--stays', 'bed-1');
    expect(small.code).toBe(1);
    expect(small.err).toMatch(/refused.*\b2\b/);
  });

  it('exits 2 on words it does not know', async () => {
    for (const argv of [
      ['mode', 'heart-rate'],
      ['mean', 'pulse'],
      ['mean', 'heart-rate', '--colour', 'red'],
      ['mean', 'heart-rate', 'spo2'],
      ['mean', 'heart-rate', '--from', 'yesterday'],
    ]) {
      const { code, out, err } = await stats(...argv);
      expect([code, out]).toEqual([2, '']);
      expect(err).toMatch(/^vitalshare stats: [^\n]+\n$/);
    }
  });
});

describe('vitalshare stats over patients and in groups', () => {
  it('prints an interval over patients’ means, and the members of the test', async () => {
    // Rows 3, 2 and 1: 4 · 3 = 12 weighs them 12² alike. Means 74.0333, 90.75 and 65.5.
    const { code, out } = await stats('mean', 'heart-rate', '--interval', '0.9', '--json');
    expect(code).toBe(0);
    expect(json(out)).toEqual({
      statistic: 'mean',
      vitals: ['heart-rate'],
      unit: '/min',
      unitOfAnalysis: 'patient',
      count: 6,
      patients: 3,
      value: expect.closeTo(76.761111111111, 10) as number,
      standardError: expect.closeTo(7.415551, 5) as number,
      confidence: 0.9,
      interval: [expect.closeTo(55.1078, 3) as number, expect.closeTo(98.4144, 3) as number],
      against: 0,
      t: expect.closeTo(10.351369, 5) as number,
      df: 2,
      p: expect.closeTo(0.009204, 6) as number,
      servers: [1, 2, 3],
      checked: 'unchecked',
      asOf: { [log.name]: log.position },
    });
  });

  it('prints groups, those withheld among them', async () => {
    const { code, out } = await stats('mean', 'heart-rate', '--by', 'arm', '--json');
    expect(code).toBe(0);
    expect(json(out)).toMatchObject({
      groups: [
        { label: { arm: 'a' }, withheld: { code: 'cohort-too-small', patients: 1, minimum: 2 } },
        { label: { arm: 'b' }, value: expect.closeTo(82.3333, 3) as number, patients: 2 },
      ],
    });
  });

  it('exits 1 where a test has no answer, 2 where the words are wrong', async () => {
    const test = await stats('t-test', 'heart-rate', '--by', 'arm');
    expect([test.code, test.out]).toEqual([1, '']);
    expect(test.err).toMatch(/1 patient has such rows, 2 are needed/);
    expect((await stats('mean', 'heart-rate', '--interval', '0.95', '--unit', 'row')).code).toBe(1);
    expect((await stats('mean', 'heart-rate', '--every', 'banana')).code).toBe(2);
  });
});

describe('vitalshare catalogue', () => {
  it('lists vital signs, coverage and labels', async () => {
    const { code, out, err } = await catalogue();
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(
      '3 stays of 3 patients, as servers 1, 2 and 3 tell.\n\n' +
        '  vital sign  unit  patients  stays  rows  present           first (UTC)                  last\n' +
        '  heart-rate  /min         3      3     6   66.7 %  2026-09-21T14:13:20Z  2026-09-21T14:13:25Z\n' +
        '  spo2        %            3      3     5  100.0 %  2026-09-21T14:13:20Z  2026-09-21T14:13:21Z\n\n' +
        '  label  patients  stays\n  arm=a         1      1\n  arm=b         2      2\n',
    );
    expect(json((await catalogue('--json')).out)).toMatchObject({
      patients: 3,
      vitals: [{ name: 'heart-rate', rows: 6, from: '2026-09-21T14:13:20Z' }, { name: 'spo2' }],
      labels: { arm: { a: { stays: 1 }, b: { stays: 2 } } },
      servers: [1, 2, 3],
    });
    expect((await catalogue('spo2')).code).toBe(2);
  });
});

describe('vitalshare open', () => {
  it('prints a vital sign as CSV, the first reading of a second, and says what was checked', async () => {
    const { code, out, err } = await open('bed-1', 'heart-rate');
    expect(code).toBe(0);
    expect(out).toBe(
      'time,heart-rate [/min]\n' +
        '2026-09-21T14:13:20Z,72\n2026-09-21T14:13:21Z,74\n2026-09-21T14:13:25Z,76.1\n',
    );
    expect(err).toMatch(/3 readings of heart-rate of bed-1 .*every record verified/);
  });

  it('prints a vital sign as JSON with its values', async () => {
    const { out } = await open('bed-3', 'spo2', '--json');
    expect(json(out)).toEqual({
      stay: 'bed-3',
      channel: 'spo2',
      unit: '%',
      readings: 1,
      from: '2026-09-21T14:13:20Z',
      to: '2026-09-21T14:13:21Z',
      servers: [1, 2, 3],
      checked: 'verified',
      values: [['2026-09-21T14:13:20Z', 98.8]],
    });
  });

  it('exits 1 with what exists, 2 on words it does not know', async () => {
    const absent = await open('bed-3', 'ecg');
    expect(absent.code).toBe(1);
    expect(absent.err).toBe(
      'vitalshare open: Stay bed-3 has no ecg; it has heart-rate and spo2.\n',
    );
    expect((await open('bed-9', 'ecg')).code).toBe(1);
    expect((await open('bed-3', 'spo2', '--from', '2027-01-01')).err).toMatch(
      /no spo2 in that time; it has some between 2026-09-21T14:13:20Z and 2026-09-21T14:13:21Z/,
    );
    for (const argv of [['bed-3', 'ekg'], ['bed-3', 'ecg:V99'], ['bed-3', 'spo2:V5'], ['bed-3']]) {
      expect((await open(...argv)).code).toBe(2);
    }
    const file = join(dir, 'no', 'where.csv');
    expect((await open('bed-3', 'spo2', '--out', file)).err).toMatch(/its folder does not exist/);
  });

  it.skipIf(!existsSync(RECORD))(
    'opens half an hour of ECG at 360 Hz in seconds (skips without ../shared/data/ecg-mitbih)',
    { timeout: 60_000 },
    async () => {
      const file = join(dir, 'ecg.csv');
      const begun = performance.now();
      const { code, out, err } = await open('bed-2', 'ecg:V5', '--out', file, '--json');
      const tookMs = performance.now() - begun;
      expect([code, tookMs < 20_000]).toEqual([0, true]);
      expect(json(out)).toEqual({
        stay: 'bed-2',
        channel: 'ecg',
        lead: 'V5',
        unit: 'mV',
        samples: 650_000,
        from: '2026-09-21T14:13:20Z',
        to: '2026-09-21T14:43:25.555556Z',
        rateHz: 360,
        gain: 200,
        baseline: 1024,
        servers: [1, 2, 3],
        checked: 'verified',
        out: file,
      });
      expect(err).toMatch(/there is also ecg:MLII/);
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
      expect(lines).toHaveLength(650_001);
      expect(lines[0]).toBe('time,ecg V5 [mV]');
      // Record 100, V5, first stored samples 1011 1011: (1011 − 1024) / 200.
      expect(lines[1]).toBe('2026-09-21T14:13:20.000000Z,-0.065');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readdirSync(dir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    },
  );
});

describe('with one of three servers stopped', () => {
  it('mean answers from two and says so; variance names the missing one; history opens', async () => {
    await servers.pop()!.close();
    const mean = await stats('mean', 'heart-rate', '--json');
    expect(json(mean.out)).toMatchObject({ servers: [1, 2], checked: 'unchecked', count: 6 });
    expect(mean.err).toBe(
      'vitalshare stats: server 3: it cannot be reached (connection refused)\n',
    );
    const variance = await stats('variance', 'heart-rate');
    expect([variance.code, variance.out]).toEqual([1, '']);
    expect(variance.err).toBe(
      'vitalshare stats: variance needs answers of 3 data servers; only 2 did. ' +
        'Missing: server 3: it cannot be reached (connection refused). ' +
        '`vitalshare doctor` says how to start what is missing.\n',
    );
    const history = await open('bed-1', 'spo2', '--json');
    expect(json(history.out)).toMatchObject({ readings: 2, servers: [1, 2], checked: 'verified' });
  });
});

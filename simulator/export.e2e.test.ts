/** Recordings of real people through the ward and out again as files, every sample where it was. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SHARED_DATA, Ward } from './ward.fixture.ts';

const RECORD = join(SHARED_DATA, 'ecg-mitbih/100');
const SIGNALS = join(SHARED_DATA, 'vitals-bidmc/bidmc_01_Signals.csv');
const why = existsSync(SIGNALS) ? '' : ' (skipped: no recordings at ../shared/data)';

/** Format 212 as the WFDB manual states it: three bytes hold two 12-bit samples. */
function samplesOf(file: string): number[] {
  const bytes = readFileSync(file);
  const samples: number[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 3) {
    samples.push(bytes[at]! | ((bytes[at + 1]! & 15) << 8));
    if (at + 2 < bytes.length) samples.push(bytes[at + 2]! | ((bytes[at + 1]! >> 4) << 8));
  }
  return samples.map((value) => (value > 2047 ? value - 4096 : value));
}

describe.skipIf(!existsSync(SIGNALS))(`vitalshare export${why}`, () => {
  let ward: Ward;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vitalshare-export-'));
    ward = await Ward.start('--no-bodies');
  });
  afterAll(async () => {
    await ward.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  const replay = (file: string, node: string, start: string, ...more: string[]) =>
    ward.json(
      ...['replay', file, '--node', node, '--raw'],
      ...['--speed', 'max', '--start', start, ...more],
    );

  it('writes record 100 as the same bytes, gains and checksums', async () => {
    await replay(`${RECORD}.hea`, 'rec100', '2026-03-01T08:00:00Z');
    const out = join(folder, 'rec100');
    const result = await ward.json('export', 'rec100', '--out', out);
    expect(result).toMatchObject({
      ...{ stay: 'rec100', format: 'wfdb', checked: 'verified' },
      files: [
        {
          ...{ name: 'rec100.hea', channels: ['ecg:MLII', 'ecg:V5'], count: 1_300_000 },
          ...{ rateHz: 360, from: '2026-03-01T08:00:00Z' },
        },
      ],
    });
    expect(readFileSync(join(out, 'rec100.dat')).equals(readFileSync(`${RECORD}.dat`))).toBe(true);
    const [head, ...lines] = readFileSync(join(out, 'rec100.hea'), 'utf8').trim().split('\n');
    expect(head).toBe('rec100 2 360 650000 08:00:00 01/03/2026');
    // The original: 100.dat 212 200 11 1024 995 -22131 0 MLII; its baseline is the ADC zero.
    expect(lines.slice(0, 2)).toEqual([
      'rec100.dat 212 200(1024)/mV 12 1024 995 -22131 0 MLII',
      'rec100.dat 212 200(1024)/mV 12 1024 1011 20052 0 V5',
    ]);
    expect(lines).toContain('# starts 2026-03-01T08:00:00.000000Z');
    for (const name of readdirSync(out)) {
      expect(statSync(join(out, name)).mode & 0o077).toBe(0);
    }
  });

  it('writes five channels of BIDMC as the table printed them', async () => {
    await replay(SIGNALS, 'bidmc-01', '2026-03-02T08:00:00Z');
    const out = join(folder, 'bidmc');
    await ward.json('export', 'bidmc-01', '--out', out);
    const header = readFileSync(join(out, 'bidmc-01.hea'), 'utf8').trim().split('\n');
    expect(header[0]).toBe('bidmc-01 5 125 60001 08:00:00 02/03/2026');
    const signals = header.slice(1, 6).map((line) => line.split(' '));
    // The monitor's own converters: 1023 steps of light and impedance, 510 a unit of ECG.
    expect(signals.map((fields) => `${fields[8]!} ${fields[1]!} ${fields[2]!}`)).toEqual([
      ...['V 212 510(0)/NU', 'aVR 212 510(0)/NU', 'II 212 510(0)/NU'],
      ...['PLETH 212 1023(0)/NU', 'RESP 212 1023(0)/NU'],
    ]);
    const samples = samplesOf(join(out, 'bidmc-01.dat'));
    expect(samples).toHaveLength(5 * 60_001);
    const [first, ...rows] = readFileSync(SIGNALS, 'utf8').trim().split('\n');
    const heads = first!.split(',').map((cell) => cell.trim().toLowerCase());
    signals.forEach((fields, index) => {
      const column = heads.indexOf(fields[8]!.toLowerCase());
      const gain = Number(fields[2]!.split('(')[0]);
      const wrong = rows.filter((row, i) => {
        const printed = Number(row.split(',')[column]);
        // Five digits: half of the last is 5e-6 below 1, and 5e-5 above.
        const half = Math.abs(printed) < 1 ? 5.2e-6 : 5.2e-5;
        return Math.abs(samples[5 * i + index]! / gain - printed) > half;
      });
      expect(wrong).toEqual([]);
    });
  });

  it('writes tables as well, of a part of the time, and what is written is replayed again', async () => {
    const out = join(folder, 'tables');
    const range = ['--from', '2026-03-02T08:01:00Z', '--to', '2026-03-02T08:01:10Z'];
    const result = await ward.json('export', 'bidmc-01', '--format', 'csv', '--out', out, ...range);
    expect(readdirSync(out).sort()).toEqual([
      ...['bidmc-01-ecg-II.csv', 'bidmc-01-ecg-V.csv', 'bidmc-01-ecg-aVR.csv'],
      ...['bidmc-01-pleth.csv', 'bidmc-01-resp.csv'],
    ]);
    expect(result).toMatchObject({ files: Array.from({ length: 5 }, () => ({ count: 1250 })) });
    const pleth = join(out, 'bidmc-01-pleth.csv');
    const again = await replay(pleth, 'again', '2026-03-03T08:00:00Z');
    expect(again).toMatchObject({ waveformSamples: 1250 });
    const twice = join(folder, 'twice');
    await ward.json('export', 'again', '--format', 'csv', '--out', twice);
    const values = (file: string): string[] =>
      readFileSync(file, 'utf8')
        .split('\n')
        .map((row) => row.split(',')[1]!);
    expect(values(join(twice, 'again-pleth.csv'))).toEqual(values(pleth));
  });

  it('refuses what it cannot do in one sentence, and leaves no file', async () => {
    const used = join(folder, 'rec100');
    const fresh = join(folder, 'fresh');
    for (const [args, status, words] of [
      [['export', 'rec100', '--out', used], 1, /not empty/],
      [['export', 'nobody', '--out', fresh], 1, /nobody/],
      [['export', 'rec100', '--from', '1h', '--out', fresh], 1, /nothing in that time/],
      [['export', 'rec100', '--format', 'edf', '--out', fresh], 2, /wfdb or csv, got edf/],
      [['export', 'rec100'], 2, /--out/],
      [['export', '--out', fresh], 2, /Name one stay/],
    ] as const) {
      const got = await ward.run(...args);
      expect([args.join(' '), got.status]).toEqual([args.join(' '), status]);
      expect(got.stderr).toMatch(words);
      expect(got.stderr.trim().split('\n')).toHaveLength(1);
      expect(existsSync(fresh)).toBe(false);
    }
  });
});

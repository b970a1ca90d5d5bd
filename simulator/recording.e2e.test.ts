/** A recording of a real heart, from the file through the ward and back, sample for sample. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SHARED_DATA, Ward } from './ward.fixture.ts';

const RECORD = join(SHARED_DATA, 'ecg-mitbih/100.hea');
const why = existsSync(RECORD) ? '' : ' (skipped: no recordings at ../shared/data)';

/** Format 212 as the WFDB manual states it: three bytes hold two 12-bit samples. */
function samplesOf(file: string, signal: number): number[] {
  const bytes = readFileSync(file);
  const samples: number[] = [];
  for (let i = 0; i + 2 < bytes.length; i += 3) {
    const pair = [
      bytes[i]! | ((bytes[i + 1]! & 15) << 8),
      bytes[i + 2]! | ((bytes[i + 1]! >> 4) << 8),
    ];
    const value = pair[signal]!;
    samples.push(value > 2047 ? value - 4096 : value);
  }
  return samples;
}

describe.skipIf(!existsSync(RECORD))(`record 100 of the MIT-BIH database${why}`, () => {
  let ward: Ward;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vitalshare-recording-'));
    ward = await Ward.start('--no-bodies');
  });
  afterAll(async () => {
    await ward.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is replayed whole, and each lead opens to the file’s own samples', async () => {
    const report = await ward.json(
      ...[
        'replay',
        RECORD,
        '--node',
        'rec100',
        '--raw',
        '--speed',
        'max',
        '--start',
        '2026-03-01T08:00:00Z',
      ],
    );
    expect(report).toMatchObject({
      node: 'rec100',
      readings: 0,
      waveformSamples: 1_300_000,
      from: '2026-03-01T08:00:00.000Z',
    });
    for (const [lead, signal] of [
      ['ecg', 0],
      ['ecg:V5', 1],
    ] as const) {
      const out = join(folder, `${signal}.csv`);
      const opened = await ward.json('open', 'rec100', lead, '--out', out);
      expect(opened).toMatchObject({ checked: 'verified', unit: 'mV' });
      const [head, ...rows] = readFileSync(out, 'utf8').trim().split('\n');
      expect(head).toBe(`time,ecg ${signal === 0 ? 'MLII' : 'V5'} [mV]`);
      expect(rows).toHaveLength(650_000);
      expect(rows[1]!.split(',')[0]).toBe('2026-03-01T08:00:00.002778Z');
      const expected = samplesOf(RECORD.replace('.hea', '.dat'), signal);
      // 200 ADC units per millivolt around 1024, from the record's header.
      const got = rows.map((row) => Math.round(Number(row.split(',')[1]) * 200 + 1024));
      expect(got).toEqual(expected);
      expect(Number(rows[0]!.split(',')[1])).toBe((expected[0]! - 1024) / 200);
    }
  });

  it('an unknown stay, channel or record is one clear sentence', async () => {
    for (const [args, status, words] of [
      [['open', 'nobody', 'ecg'], 1, /nobody/],
      [['open', 'rec100', 'blood-sugar'], 2, /blood-sugar/],
      [['open', 'rec100', 'spo2'], 1, /spo2/],
      [['replay', join(folder, 'none.hea'), '--node', 'x'], 1, /none\.hea/],
      [['stats', 'mode', 'spo2'], 2, /mode/],
      [['stats', 'mean', 'blood-sugar'], 2, /blood-sugar/],
      [['stats', 'mean', 'spo2', '--stays', 'nobody'], 1, /nobody/],
      [['stats', 'mean', 'spo2', '--where', 'sex=unheard'], 1, /sex/],
    ] as const) {
      const got = await ward.run(...args);
      expect([args.join(' '), got.status]).toEqual([args.join(' '), status]);
      expect(got.stderr).toMatch(words);
      expect(got.stderr.trim().split('\n')).toHaveLength(1);
    }
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeAnnotations, type Annotation } from '@vitalshare/edge/formats';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { command } from './score-command.ts';

/** A record of 60 s at 100 Hz in format 16: a spike each second, all but the last two annotated. */
const RATE_HZ = 100;
const SECONDS = 60;
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'score-'));
  const samples = Int16Array.from({ length: RATE_HZ * SECONDS }, (_, i) => {
    const after = (i % RATE_HZ) - 50;
    return Math.round(
      200 * Math.exp(-(after * after) / 4) - 60 * Math.exp(-((after - 4) ** 2) / 4),
    );
  });
  const checksum = (samples.reduce((sum, sample) => sum + sample, 0) << 16) >> 16;
  const beats = Array.from({ length: SECONDS - 2 }, (_, second): Annotation => {
    const sample = second * RATE_HZ + 50;
    return { sample, code: 1, symbol: 'N', sub: 0, channel: 0, num: 0, aux: '' };
  });
  writeFileSync(join(folder, 'rec.dat'), samples);
  writeFileSync(join(folder, 'rec.hea'), `rec 1 100 ${samples.length}\nrec.dat 16 200 16 0\n`);
  writeFileSync(
    join(folder, 'ecg.hea'),
    `ecg 1 100 ${samples.length}\nrec.dat 16 200 16 0 0 ${checksum} 0 II\n`,
  );
  for (const name of ['rec', 'ecg'])
    writeFileSync(join(folder, `${name}.atr`), writeAnnotations(beats));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

async function run(values: Record<string, string | boolean>, ...positionals: string[]) {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await command.run({ values, positionals });
  return write.mock.calls.map(([text]) => String(text)).join('');
}

describe('vitalshare score', () => {
  it.each(['ecg', 'ecg.hea', 'ecg.atr', 'ecg.dat'])('takes %s for the record', async (name) => {
    const row = JSON.parse(await run({ json: true }, join(folder, name))) as Record<
      string,
      unknown
    >;
    expect(row).toMatchObject({
      ...{ record: 'ecg', beats: 58, detected: 60, tp: 58, fp: 2, fn: 0 },
      ...{ sensitivity: 1, ppv: 58 / 60, detector: 'slope' },
      afterLearning: { beats: 0, detected: 0, sensitivity: null, ppv: null },
    });
  });

  it('takes another detector by its name', async () => {
    const text = await run({ json: true, detector: 'two-averages' }, join(folder, 'ecg'));
    expect(JSON.parse(text)).toMatchObject({ detector: 'two-averages', tp: 58 });
  });

  it('--all scores what can be scored, and says what cannot', async () => {
    const complain = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const text = await run({ all: folder });
    expect(text).toMatch(/^record +lead +beats +detected/m);
    expect(text).toMatch(/^ecg +II +58 +60 +58 +2 +0 +100.00 % +96.67 %$/m);
    expect(complain.mock.calls.map(([line]) => line)).toEqual([
      expect.stringMatching(/^left out: .*rec.hea has no ECG signal.\n$/),
    ]);
  });

  it('answers what it cannot score with one sentence', async () => {
    await expect(run({}, join(folder, 'rec'))).rejects.toThrow('rec.hea has no ECG signal.');
    await expect(run({}, join(folder, 'nobody'))).rejects.toThrow(
      'there is no record of this name',
    );
    await expect(run({})).rejects.toThrow('name one record');
    await expect(run({ all: folder }, 'ecg')).rejects.toThrow('a record or --all, not both');
    await expect(run({ all: join(folder, 'none') })).rejects.toThrow('expected a folder');
    await expect(run({ all: folder, detector: 'best' })).rejects.toThrow(
      'there is no detector "best"; there are slope, two-averages',
    );
  });

  it.each([
    ['p_Numerics.csv.gz', ['p_Numerics.csv.gz', 'p_Breaths.csv']],
    ['ppg-csv/Left/100001.csv.gz', ['ppg-csv/Left/100001.csv.gz', 'gt/100001.csv']],
  ])('says that %s is no whole gzip file', async (packed, names) => {
    for (const name of names) {
      mkdirSync(dirname(join(folder, 'packed', name)), { recursive: true });
      writeFileSync(join(folder, 'packed', name), 'no gzip');
    }
    await expect(async () => run({}, join(folder, 'packed', packed))).rejects.toThrow(
      `${packed} is not a whole gzip file.`,
    );
  });
});

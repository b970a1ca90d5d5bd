/** BIDMC's signals and breaths, against what awk and Python's csv module say of the same files. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readBreathsCsv } from './breaths-csv.ts';
import { FormatError } from './error.ts';
import { readSignalsCsv } from './signals-csv.ts';

const FOLDER = new URL('../../../shared/data/vitals-bidmc/', import.meta.url);
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, FOLDER)));
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

describe.skipIf(!existsSync(FOLDER))('BIDMC (skips without ../shared/data/vitals-bidmc)', () => {
  it('01 has five channels at 125 Hz that print again as they were printed', () => {
    const name = 'bidmc_01_Signals.csv';
    const { waveforms, ignored, notes } = readSignalsCsv(name, bytesOf(name));
    expect(waveforms.map(({ channel, lead }) => [channel, lead])).toEqual([
      ['resp', ''],
      ['pleth', ''],
      ['ecg', 'V'],
      ['ecg', 'aVR'],
      ['ecg', 'II'],
    ]);
    expect(ignored).toEqual([]);
    // The monitor's steps are found again: 1023 of chest impedance and light, 510 of ECG.
    expect(waveforms.map(({ gain, baseline }) => [gain, baseline])).toEqual([
      [1023, 0],
      [1023, 0],
      [510, 0],
      [510, 0],
      [510, 0],
    ]);
    expect(notes).toEqual(
      ['RESP', 'PLETH', 'V', 'AVR', 'II'].map((head) => `${head}: no unit is stated; taken as 1`),
    );
    const rows = readFileSync(new URL(name, FOLDER), 'utf8').trim().split('\n').slice(1);
    expect(rows).toHaveLength(60_001);
    waveforms.forEach(({ samples, gain, baseline, sampleRateMilliHz }, at) => {
      expect([samples.length, sampleRateMilliHz]).toEqual([60_001, 125_000]);
      const wrong = rows.filter((row, i) => {
        const printed = Number(row.split(',')[at + 1]);
        // Five digits: half of the last is 5e-6 below 1, and 5e-5 above.
        const half = Math.abs(printed) < 1 ? 5.2e-6 : 5.2e-5;
        return Math.abs((samples[i]! - baseline) / gain - printed) > half;
      });
      expect(wrong).toEqual([]);
    });
  });

  it.each([
    ['01', 170, 170],
    ['03', 141, 142],
    ['17', 137, 138],
    ['53', 156, 155],
  ])('%s has its breaths by two annotators', (subject, first, second) => {
    const name = `bidmc_${subject}_Breaths.csv`;
    const breaths = readBreathsCsv(name, bytesOf(name));
    expect(breaths.map((each) => each.length)).toEqual([first, second]);
  });
});

describe('a table of breaths', () => {
  const HEAD = 'breaths ann1 [signal sample no], breaths ann2 [signal sample no]\n';
  it('may have one column shorter than the other', () => {
    expect(readBreathsCsv('b.csv', text(`${HEAD}1,2\n5,9\n,11`)).map((each) => [...each])).toEqual([
      [1, 5],
      [2, 9, 11],
    ]);
  });

  it.each([
    ['nothing', '', 'empty'],
    ['a head alone', HEAD, 'no-rows'],
    ['other columns', 'a,b\n1,2', 'bad-column'],
    ['a cell too many', `${HEAD}1,2,3`, 'bad-row'],
    ['a fraction', `${HEAD}1.5,2`, 'bad-value'],
    ['a number again', `${HEAD}1,2\n1,3`, 'bad-value'],
  ])('with %s is refused by name', (_what, content, code) => {
    let error: unknown;
    try {
      readBreathsCsv('b.csv', text(content));
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).code).toBe(code);
  });
});

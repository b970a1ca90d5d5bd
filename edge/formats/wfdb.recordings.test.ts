/** Published records against facts others computed: expected.json, the headers, the data README. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Recording } from './recording.ts';
import { parseWfdbHeader } from './wfdb-header.ts';
import { readWfdb } from './wfdb.ts';

const dataUrl = (name: string): URL => new URL(`../../../shared/data/${name}`, import.meta.url);
const dataBytes = (name: string): Uint8Array => new Uint8Array(readFileSync(dataUrl(name)));
const dataText = (name: string): string => readFileSync(dataUrl(name), 'utf8');

const read = (folder: string, record: string): Recording =>
  readWfdb(parseWfdbHeader(dataText(`${folder}/${record}.hea`)), (name) =>
    dataBytes(`${folder}/${name}`),
  );

const absent = (folder: string): boolean => !existsSync(dataUrl(folder));

interface Expected {
  fs: number;
  samples: number;
  signals: { name: string; gain: number; adcZero: number; first5: number[]; checksum: number }[];
}

describe.skipIf(absent('ecg-mitbih'))('MIT-BIH (skips without ../shared/data/ecg-mitbih)', () => {
  it.each(['100', '105', '119'])('record %s is what a second parser read', (name) => {
    const all = JSON.parse(dataText('ecg-mitbih/expected.json')) as Record<string, Expected>;
    const expected = all[name]!;
    const recording = read('ecg-mitbih', name);
    expect(recording.ignored).toEqual([]);
    expect(recording.startTime).toBeUndefined();
    expect(recording.waveforms).toHaveLength(2);
    recording.waveforms.forEach((waveform, index) => {
      const signal = expected.signals[index]!;
      expect(waveform).toMatchObject({
        channel: 'ecg',
        lead: signal.name,
        unit: 'mV',
        sampleRateMilliHz: expected.fs * 1000,
        gain: signal.gain,
        baseline: signal.adcZero,
      });
      expect(waveform.samples).toHaveLength(expected.samples);
      expect([...waveform.samples.subarray(0, 5)]).toEqual(signal.first5);
      const sum = waveform.samples.reduce((total, sample) => total + sample, 0);
      expect(new Int16Array([sum])[0]).toBe(signal.checksum);
    });
  });

  it('record 100 with one byte altered is refused by its checksum', () => {
    const bytes = dataBytes('ecg-mitbih/100.dat');
    bytes[600_000]! ^= 1;
    const header = parseWfdbHeader(dataText('ecg-mitbih/100.hea'));
    expect(() => readWfdb(header, () => bytes)).toThrow(
      /^100.dat: signal 1: expected checksum -22/,
    );
  });
});

describe.skipIf(absent('alarm-challenge2015'))(
  'Challenge 2015 (skips without ../shared/data/alarm-challenge2015)',
  () => {
    it('v102s holds two ECG leads, pleth and respiration of five minutes', () => {
      const { waveforms, numerics, ignored, notes } = read('alarm-challenge2015', 'v102s');
      expect(
        waveforms.map(({ samples, ...shape }) => ({ ...shape, count: samples.length })),
      ).toEqual(
        [
          ['ecg', 'II', 'mV', 2281],
          ['ecg', 'V', 'mV', 1856],
          ['pleth', '', '1', 1250],
          ['resp', '', '1', 38880],
        ].map(([channel, lead, unit, gain]) => ({
          channel,
          lead,
          unit,
          gain,
          sampleRateMilliHz: 250_000,
          baseline: 0,
          count: 75_000,
        })),
      );
      expect(waveforms.map(({ samples }) => samples[0])).toEqual([-26, 340, -46, 339]);
      expect([numerics, ignored, notes]).toEqual([[], [], []]);
    });
  },
);

describe.skipIf(absent('vitals-mimic2-numerics'))(
  'MIMIC II numerics (skips without ../shared/data/vitals-mimic2-numerics)',
  () => {
    const recording = (): Recording => read('vitals-mimic2-numerics', 's25047-2704-05-04-10-44n');

    // The stored samples were listed with Python's struct, apart from this parser.
    it('s25047n gives readings once a minute, and none for 0 or -32768', () => {
      const { numerics, waveforms, startTime } = recording();
      expect(startTime?.toISOString()).toBe('2704-05-04T10:44:18.529Z');
      expect(waveforms).toEqual([]);
      expect(numerics.map(({ vital, values }) => [vital.name, values.length])).toEqual([
        ['heart-rate', 44],
        ['pulse-rate', 64],
        ['respiratory-rate', 67],
        ['spo2', 61],
        ['systolic-pressure', 18],
        ['diastolic-pressure', 18],
      ]);
      const [hr, pulse, , , systolic] = numerics;
      expect([...hr!.values.subarray(0, 3)]).toEqual([101.3, 103, 89.5]);
      expect([...hr!.secondsFromStart.subarray(0, 7)]).toEqual([0, 60, 120, 180, 240, 300, 420]);
      expect(pulse!.secondsFromStart[0]).toBe(120);
      expect([...systolic!.values.subarray(0, 4)]).toEqual([87, 92, 86, 74]);
    });

    it('names the mean pressure as not taken and counts the zeros', () => {
      const { ignored, notes } = recording();
      expect(ignored.map(({ name }) => name)).toEqual(['NBPMean']);
      expect(notes).toContain('HR: 28 samples of 0 taken as no reading');
    });
  },
);

/** Which reader a file gets, and what is said where none will do. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ecgSignal, edfBytes } from '../../edge/formats/edf.fixture.ts';
import { readRecording, type TableOptions } from './read-recording.ts';

const DATA = join(import.meta.dirname, '../../../shared/data');
const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const readText = (name: string, content: string, options?: TableOptions) =>
  readRecording(name, () => text(content), options);
const map = (columns: string): TableOptions => ({ columns, rateHz: undefined });

const SAMPLES = 't,ECG,PPG\n0,1.5,3\n0.004,1.25,\n0.008,-0.5,4\n';

describe('a recording', () => {
  it('is a table of readings or of samples, by its times', () => {
    const numerics = readText('a.csv', 'Time [s],HR\n0,70\n1,71\n');
    expect(numerics.recording.numerics).toHaveLength(1);
    const { recording } = readText('a.csv', 'Time [s],II [mV]\n0,0.5\n0.004,0.25\n');
    expect(recording.waveforms).toMatchObject([{ lead: 'II', sampleRateMilliHz: 250_000 }]);
  });

  it('is what a map says it is', () => {
    const { recording } = readText('a.csv', SAMPLES, map('time=t,ecg:II=ECG [mV],pleth=PPG'));
    expect(recording.waveforms).toMatchObject([
      { channel: 'ecg', lead: 'II', unit: 'mV', sampleRateMilliHz: 250_000 },
      { channel: 'pleth', lead: '', unit: '1' },
    ]);
    expect([...recording.waveforms[1]!.samples]).toEqual([3, -32768, 4]);
  });

  it('has the rate that is given', () => {
    const options = { columns: 'pleth=PPG', rateHz: 30 };
    const { recording } = readText('a.csv', SAMPLES, options);
    expect(recording.waveforms).toMatchObject([{ channel: 'pleth', sampleRateMilliHz: 30_000 }]);
  });

  it('is another one under another map or rate, for whoever goes on with it', () => {
    const digests = [
      readText('a.csv', SAMPLES, map('time=t,ecg:II=ECG')),
      readText('a.csv', SAMPLES, map('time=t,ecg:V5=ECG')),
      readText('a.csv', SAMPLES, { columns: 'ecg:II=ECG', rateHz: 10 }),
    ].map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(3);
  });

  it('may be packed', () => {
    const packed = gzipSync(text('Time [s],HR\n0,70\n1,71\n'));
    expect(readRecording('a.csv.gz', () => packed).recording.numerics).toHaveLength(1);
    expect(() => readRecording('a.csv.gz', () => packed.subarray(0, 20))).toThrow(
      'a.csv.gz is not a whole gzip file.',
    );
  });

  it.each([
    ['a.txt', 'words', undefined, /expected a WFDB header \(.hea\), EDF \(.edf\) or a table/],
    ['a.hea', 'r 0 360', undefined, /r.hea: expected signals, got none\./],
    ['a.edf', 'words', undefined, /a.edf: expected version at byte 0, got the end of 5 bytes/],
    [
      'a.csv',
      'Time [s],EEG\n0,1\n0.01,2',
      undefined,
      /nothing in it can be played. EEG: no waveform/,
    ],
    ['a.csv', SAMPLES, map('time=t,ecg:II=EKG'), /expected a column 'EKG', got 't, ECG, PPG'/],
    ['a.csv', SAMPLES, map('time=t,eeg=ECG'), /column map: expected time, .*, got 'eeg'/],
    ['a.hea', 'r 1 360', map('ecg=x'), /--columns and --rate are for tables/],
  ] as const)('%s that holds %j is refused in a sentence', (name, content, options, words) => {
    expect(() => readText(name, content, options)).toThrow(words);
  });
});

describe('an EDF file', () => {
  const bytes = edfBytes({ signals: [ecgSignal(), ecgSignal({ label: 'Resp chest' })] });
  it.each(['a.edf', 'A.EDF', 'a.rec'])('called %s is known by its content', (name) => {
    const { recording } = readRecording(name, () => bytes);
    expect(recording.waveforms.map(({ channel }) => channel)).toEqual(['ecg', 'resp']);
  });
});

describe.skipIf(!existsSync(DATA))('shared recordings (skip without ../shared/data)', () => {
  const read = (path: string, options?: TableOptions) =>
    readRecording(join(DATA, path), (file) => new Uint8Array(readFileSync(file)), options)
      .recording;
  const shapes = (path: string, options?: TableOptions) =>
    read(path, options).waveforms.map(
      ({ channel, lead, sampleRateMilliHz, samples }) =>
        `${channel}:${lead} ${sampleRateMilliHz / 1000} Hz ${samples.length}`,
    );

  it('of every format become one bed with all their channels', () => {
    expect(shapes('ecg-mitbih/119.hea')).toEqual([
      'ecg:MLII 360 Hz 650000',
      'ecg:V1 360 Hz 650000',
    ]);
    expect(shapes('alarm-challenge2015/v102s.hea')).toHaveLength(4);
    expect(shapes('vitals-bidmc/bidmc_01_Signals.csv')).toEqual([
      ...['resp: 125 Hz 60001', 'pleth: 125 Hz 60001'],
      ...['ecg:V 125 Hz 60001', 'ecg:aVR 125 Hz 60001', 'ecg:II 125 Hz 60001'],
    ]);
    expect(read('vitals-bidmc/bidmc_03_Numerics.csv').numerics).toHaveLength(4);
    const columns = 'ecg=ECG,pleth=Photosensor,resp=RSP';
    expect(shapes('neurokit/bio_100Hz.csv.gz', { columns, rateHz: 100 })).toEqual([
      ...['ecg: 100 Hz 15000', 'pleth: 100 Hz 15000', 'resp: 100 Hz 15000'],
    ]);
  });
});

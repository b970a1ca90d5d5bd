/** Storage formats as literal bytes, and every way a record can be broken. */
import { describe, expect, it } from 'vitest';
import { FormatError } from './error.ts';
import type { Recording } from './recording.ts';
import { parseWfdbHeader } from './wfdb-header.ts';
import { readWfdb } from './wfdb.ts';

const read = (header: string, files: Record<string, number[] | Uint8Array>): Recording =>
  readWfdb(parseWfdbHeader(header), (name) =>
    files[name] === undefined ? undefined : Uint8Array.from(files[name]),
  );

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof FormatError) return error.code;
    throw error;
  }
  return 'read';
};

const samplesOf = (recording: Recording): number[][] =>
  recording.waveforms.map(({ samples }) => [...samples]);

describe('format 212', () => {
  // 0x123 and 0xfff (-1); 0x7ff (2047) and 0x800 (-2048, missing).
  const bytes = [0x23, 0xf1, 0xff, 0xff, 0x87, 0x00];

  it('holds two samples in three bytes, signals alternating', () => {
    const two = read(
      'r 2 360 2\nr.dat 212 200 12 0 291 2338 0 II\nr.dat 212 200 12 0 -1 -2049 0 V5',
      {
        'r.dat': bytes,
      },
    );
    expect(samplesOf(two)).toEqual([
      [0x123, 2047],
      [-1, -32768],
    ]);
    expect(samplesOf(read('r 1 360 4\nr.dat 212', { 'r.dat': bytes }))).toEqual([]);
    expect(
      samplesOf(read('r 1 360 4\nr.dat 212 200 12 0 291 289 0 I', { 'r.dat': bytes })),
    ).toEqual([[0x123, -1, 2047, -32768]]);
  });

  it('may end in half a pair, filled up or not', () => {
    const header = 'r 1 360 3\nr.dat 212 200 12 0 291 2337 0 I';
    const expected = [[0x123, -1, 2047]];
    expect(samplesOf(read(header, { 'r.dat': bytes }))).toEqual(expected);
    expect(samplesOf(read(header, { 'r.dat': bytes.slice(0, 5) }))).toEqual(expected);
    expect(codeOf(() => read(header, { 'r.dat': bytes.slice(0, 4) }))).toBe('truncated');
    expect(codeOf(() => read(header, { 'r.dat': [...bytes, 0] }))).toBe('too-long');
  });
});

describe('format 16', () => {
  it('is little-endian, skips a byte offset, and keeps -32768 as missing', () => {
    const header = 'r 1 125 3\nr.mat 16+4 1000(5)/mV 16 0 258 -32511 0 aVf';
    const recording = read(header, { 'r.mat': [9, 9, 9, 9, 0x02, 0x01, 0xff, 0xff, 0x00, 0x80] });
    expect(samplesOf(recording)).toEqual([[258, -1, -32768]]);
    expect(recording.waveforms[0]).toMatchObject({ lead: 'aVF', gain: 1000, baseline: 5 });
  });

  it('counts the samples of a header that does not, from every file alike', () => {
    const header =
      'r 3 125\na.dat 16 1 16 0 1 1 0 RESP\na.dat 16 1 16 0 2 2 0 PLETH\nb.dat 212 1/uV 12 0 7 7 0 MCL1';
    const recording = read(header, { 'a.dat': [1, 0, 2, 0], 'b.dat': [7, 0] });
    expect(samplesOf(recording)).toEqual([[1], [2], [7]]);
    expect(recording.waveforms.map(({ channel, lead, unit }) => [channel, lead, unit])).toEqual([
      ['resp', '', 'mV'],
      ['pleth', '', 'mV'],
      ['ecg', '', 'uV'],
    ]);
    expect(recording.notes).toEqual(['MCL1: an ECG whose lead is not known here']);
    expect(codeOf(() => read(header, { 'a.dat': [1, 0, 2], 'b.dat': [7, 0] }))).toBe('truncated');
    expect(codeOf(() => read(header, { 'a.dat': [1, 0, 2, 0], 'b.dat': [7, 0, 0, 1, 0] }))).toBe(
      'too-long',
    );
  });
});

describe('format 80', () => {
  it('is a byte from which 128 is taken, and 0 is missing', () => {
    const header = 'r 2 360 2\nr.dat 80 1 8 0 -127 -255 0 II\nr.dat 80 1 8 0 0 127 0 V5';
    const recording = read(header, { 'r.dat': [0x01, 0x80, 0x00, 0xff] });
    expect(samplesOf(recording)).toEqual([
      [-127, -32768],
      [0, 127],
    ]);
    expect(codeOf(() => read(header, { 'r.dat': [1, 2, 3] }))).toBe('truncated');
    expect(codeOf(() => read(header, { 'r.dat': [1, 2, 3, 4, 5] }))).toBe('too-long');
  });
});

describe('what a header leaves out', () => {
  it('is 250 Hz, gain 200, baseline = ADC zero, millivolts', () => {
    const header = parseWfdbHeader('r 2\nr.dat 16\nr.dat 16 0 11 1024');
    expect(header).toMatchObject({
      sampleRateHz: 250,
      sampleCount: undefined,
      startTime: undefined,
    });
    expect(header.signals[0]).toMatchObject({
      gain: 200,
      baseline: 0,
      unit: 'mV',
      checksum: undefined,
    });
    expect(header.signals[1]).toMatchObject({ gain: 200, baseline: 1024 });
  });

  it('is nothing of its comments and time', () => {
    const header = parseWfdbHeader(
      '# before\r\nr 1 0.5/125(7) 3 9:05:06.5 31/12/1999\r\n\r\nr.dat 16\r\n#after\r\n',
    );
    expect(header.comments).toEqual(['before', 'after']);
    expect(header.startTime?.toISOString()).toBe('1999-12-31T09:05:06.500Z');
  });

  it('turns into ignored, with a reason, where it cannot be named', () => {
    const at = (rateHz: number, name: string) =>
      read(`r 1 ${rateHz} 1\nr.dat 16 1 16 0 1 1 0 ${name}`, { 'r.dat': [1, 0] }).ignored;
    expect(at(125, 'CVP')).toEqual([{ name: 'CVP', reason: 'no waveform of this name at 125 Hz' }]);
    expect(at(125, 'ABP')).toEqual([]);
    expect(at(10_000, 'II')).toEqual([]);
    expect(at(256, 'EEG Fpz-Cz')).toHaveLength(1);
    expect(at(1, 'constructor')).toHaveLength(1);
    expect(at(125, 'toString')).toHaveLength(1);
    expect(at(1.5, 'HR')).toHaveLength(1);
    expect(at(1, 'HR')).toEqual([]);
  });
});

describe('what is taken with a reservation', () => {
  const take = (header: string) => read(header, { 'r.dat': [1, 0, 2, 0] });

  it('is noted: a unit or a rate we cannot state', () => {
    const { waveforms, notes } = take('r 1 62.4725 2\nr.dat 16 5/constructor 16 0 1 3 0 PLETH');
    expect(waveforms[0]).toMatchObject({ unit: '1', sampleRateMilliHz: 62_473 });
    expect(notes).toEqual([
      'PLETH: its unit is not known here',
      'PLETH: 62.4725 Hz is rounded to whole mHz',
    ]);
  });

  it('is the first of two signals for one vital sign', () => {
    const line = (name: string) => `r.dat 16 1/bpm 16 0 ${name}`;
    const { numerics, ignored } = take(`r 2 1 1\n${line('1 1 0 HR')}\n${line('2 2 0 hr')}`);
    expect(numerics.map(({ values }) => [...values])).toEqual([[1]]);
    expect(ignored).toEqual([
      { name: 'hr', reason: 'heart-rate is already read from another signal' },
    ]);
  });
});

describe('a record with nothing in it', () => {
  it('is refused by name where every sample is missing, and read where there is one', () => {
    const one = (value: number, bytes: number[]) =>
      codeOf(() =>
        read(`r 1 360 1\nr.dat 16 1/mV 16 0 ${value} ${value} 0 II`, { 'r.dat': bytes }),
      );
    expect(one(-32768, [0x00, 0x80])).toBe('no-readings');
    expect(one(5, [5, 0])).toBe('read');
  });

  it('says which of two signals it has nothing of', () => {
    const header = 'r 2 360 1\nr.dat 16 1/mV 16 0 1 1 0 II\nr.dat 16 1/mV 16 0 -32768 -32768 0 V5';
    expect(read(header, { 'r.dat': [1, 0, 0, 0x80] }).ignored).toEqual([
      { name: 'V5', reason: 'not one sample in it' },
    ]);
  });
});

describe('a broken record', () => {
  const good = 'r 1 360 2\nr.dat 16 200 16 0 1 3 0 II';
  const bytes = [1, 0, 2, 0];
  const readWith = (header: string, data: number[] = bytes) =>
    codeOf(() => read(header, { 'r.dat': data }));

  it('is told from a good one', () => expect(readWith(good)).toBe('read'));

  it.each([
    ['no text', '', 'empty'],
    ['comments only', '# a\n#b', 'empty'],
    ['no signals', 'r 0 360 2', 'empty'],
    ['a signal line too few', 'r 2 360 2\nr.dat 16', 'bad-header'],
    ['a signal line too many', `${good}\nr.dat 16`, 'bad-header'],
    ['more signals than there are limits', 'r 65 360 2', 'too-large'],
    ['more samples than there are limits', good.replace('360 2', '360 2147483649'), 'too-large'],
    ['68 years', good.replace('360 2', '0.0000001 2000000000'), 'too-large'],
    ['samples that wrap', good.replace('360 2', '360 99999999999999999999'), 'bad-header'],
    ['a rate of zero', good.replace('360', '0'), 'bad-header'],
    ['a rate in hexadecimal', good.replace('360', '0x10'), 'bad-header'],
    ['a rate not finite', good.replace('360', 'Infinity'), 'bad-header'],
    ['several segments', good.replace('r 1', 'r/3 1'), 'unsupported-format'],
    ['format 8', good.replace(' 16 200', ' 8 200'), 'unsupported-format'],
    ['format 310', good.replace(' 16 200', ' 310 200'), 'unsupported-format'],
    ['several samples per frame', good.replace(' 16 200', ' 16x4 200'), 'unsupported-format'],
    ['a skew', good.replace(' 16 200', ' 16:3 200'), 'unsupported-format'],
    ['no format', 'r 1 360 2\nr.dat', 'bad-header'],
    ['a negative offset', good.replace(' 16 200', ' 16+-4 200'), 'bad-header'],
    ['a gain that is no number', good.replace('200', 'NaN'), 'bad-header'],
    ['a gain of nearly nothing', good.replace('200', '1e-30'), 'bad-header'],
    ['a baseline beyond 32 bits', good.replace('200', '200(2147483648)'), 'bad-header'],
    ['a date that is none', good.replace('360 2', '360 2 10:00:00 31/02/2020'), 'bad-header'],
    ['a time that is none', good.replace('360 2', '360 2 25:00:00 01/02/2020'), 'bad-header'],
    ['a path upwards', good.replace('r.dat', '../r.dat'), 'bad-header'],
    ['a path downwards', good.replace('r.dat', 'sub/r.dat'), 'bad-header'],
    ['a path from the root', good.replace('r.dat', '/etc/passwd'), 'bad-header'],
    ['a path of another system', good.replace('r.dat', '..\\r.dat'), 'bad-header'],
    ['a hidden file', good.replace('r.dat', '.r.dat'), 'bad-header'],
    ['standard input', good.replace('r.dat', '-'), 'bad-header'],
    ['a record name with a path', good.replace('r 1', '../r 1'), 'bad-header'],
    ['a file that is missing', good.replace('r.dat', 's.dat'), 'unreadable'],
    ['a count above the file', good.replace('360 2', '360 3'), 'truncated'],
    ['a count below the file', good.replace('360 2', '360 1'), 'too-long'],
    ['an offset beyond the file', good.replace(' 16 200', ' 16+99 200'), 'truncated'],
    ['another checksum', good.replace(' 3 0', ' 4 0'), 'checksum'],
    ['another initial value', good.replace('0 1 3', '0 2 3'), 'initial-value'],
  ])('with %s is refused by name', (_what, header, code) => expect(readWith(header)).toBe(code));

  it('in its samples is refused by name', () => {
    expect(readWith(good, [])).toBe('empty');
    expect(readWith(good, [1, 0, 2])).toBe('truncated');
    expect(readWith(good, [1, 0, 2, 0, 0])).toBe('too-long');
    expect(readWith(good, [1, 0, 3, 0])).toBe('checksum');
    expect(readWith(good, [0, 0, 3, 0])).toBe('initial-value');
  });

  it('in a header of 65,537 characters is refused before it is read', () => {
    expect(codeOf(() => parseWfdbHeader('#'.repeat(65_537)))).toBe('too-large');
  });

  it('says which file, what was expected, and what was found', () => {
    expect(() => read(good, { 'r.dat': [1, 0] })).toThrow(
      'r.dat: expected 4 bytes of samples after 0, got 2',
    );
    expect(() => read(good, { 'r.dat': [1, 0, 3, 0] })).toThrow(
      'r.dat: signal 1: expected checksum 3, got 4',
    );
    const header = parseWfdbHeader(good);
    const fail = () => {
      throw new Error('disk');
    };
    expect(() => readWfdb(header, fail)).toThrow('r.dat: expected a signal file');
  });

  it('that spreads a file over the header, or mixes formats in it, is refused', () => {
    const line = (file: string, format: string) => `${file} ${format} 1 16 0 1 1 0 II`;
    const head = (...lines: string[]) => [`r ${lines.length} 360 1`, ...lines].join('\n');
    const files = { 'a.dat': [1, 0, 1, 0], 'b.dat': [1, 0] };
    const apart = head(line('a.dat', '16'), line('b.dat', '16'), line('a.dat', '16'));
    expect(codeOf(() => read(apart, files))).toBe('bad-header');
    expect(codeOf(() => read(head(line('a.dat', '16'), line('a.dat', '212')), files))).toBe(
      'bad-header',
    );
  });
});

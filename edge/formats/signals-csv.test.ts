/** Tables of samples: times to rates, real numbers to steps, and every way one can be broken. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseColumnMap } from './columns.ts';
import { readCsv } from './csv-in.ts';
import { writeNumericCsv, writeWaveformCsv } from './csv.ts';
import { findVital } from '../vital/vital.ts';
import { FormatError } from './error.ts';
import type { WaveformShape } from './recording.ts';
import { readSignalsCsv } from './signals-csv.ts';
import type { SignalsCsvOptions } from './signals-csv.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string, options?: SignalsCsvOptions) =>
  readSignalsCsv('t.csv', bytes(text), options);
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof FormatError) return error.code;
    throw error;
  }
  return 'read';
};
const table = (head: string, count: number, row: (i: number) => string): string =>
  `${head}\n${Array.from({ length: count }, (_, i) => row(i)).join('\n')}\n`;
const rateOf = (text: string): number => read(text).waveforms[0]!.sampleRateMilliHz;

describe('the rate of a table', () => {
  it.each([
    ['whole milliseconds', 250_000, (i: number) => (i * 0.004).toFixed(3)],
    ['360 Hz to the µs', 360_000, (i: number) => (i / 360).toFixed(6)],
    ['360 Hz from an hour on', 360_000, (i: number) => (3600 + i / 360).toFixed(6)],
    [
      '125 Hz in five digits, some times twice',
      125_000,
      (i: number) => String(Number((99 + i * 0.008).toPrecision(5))),
    ],
    ['62.5 Hz', 62_500, (i: number) => String(i * 0.016)],
    ['10 kHz', 10_000_000, (i: number) => (i / 10_000).toFixed(4)],
    ['doubles as they are printed', 300_000, (i: number) => String(i / 300)],
  ])('is found in %s', (_what, rate, time) => {
    expect(rateOf(table('Time [s],II', 500, (i) => `${time(i)},${i % 7}`))).toBe(rate);
  });

  it('may be in ms, in moments, or given', () => {
    expect(rateOf(table('t [ms],II', 9, (i) => `${i * 4},${i}`))).toBe(250_000);
    const moments = table(
      'time,II',
      9,
      (i) => `2026-01-02T03:04:05.${String(i * 4).padStart(3, '0')}Z,${i}`,
    );
    expect(rateOf(moments)).toBe(250_000);
    expect(read(moments).startTime?.toISOString()).toBe('2026-01-02T03:04:05.000Z');
    const jitter = table('t,II', 9, (i) => `${(i * 4 + (i % 2)) / 1000},${i}`);
    expect(read(jitter, { rateHz: 250 }).waveforms[0]).toMatchObject({
      sampleRateMilliHz: 250_000,
    });
    expect(
      read(
        table('II,PPG', 9, (i) => `${i},1`),
        { rateHz: 30 },
      ).waveforms,
    ).toHaveLength(2);
  });

  it('leaves missing rows as missing samples, however long the gap', () => {
    const skip = (i: number): number => (i < 5 ? i : i < 8 ? i + 3 : i + 1_000_000);
    const { waveforms, notes } = read(
      table('t,II', 12, (i) => `${(skip(i) / 360).toFixed(6)},${i}`),
    );
    const { samples, sampleRateMilliHz } = waveforms[0]!;
    expect([sampleRateMilliHz, samples.length]).toEqual([360_000, 1_000_012]);
    expect([...samples.subarray(0, 11)].map((each) => (each === -32768 ? 'gap' : each))).toEqual([
      ...[0, 1, 2, 3, 4, 'gap', 'gap', 'gap', 5, 6, 7],
    ]);
    expect([...samples.subarray(-4)]).toEqual([8, 9, 10, 11]);
    expect(notes).toContain('1000000 samples without a row are missing');
  });
});

describe('values', () => {
  it('keep their steps, or their digits, or what 16 bits hold, and say so', () => {
    const shape = (row: (i: number) => string) => {
      const { waveforms, notes } = read(table('t,II [mV]', 400, (i) => `${i / 100},${row(i)}`));
      const { gain, baseline, samples } = waveforms[0]!;
      return { gain, baseline, first: (samples[1]! - baseline) / gain, notes };
    };
    const steps = shape((i) => ((i % 90) / 255).toFixed(5));
    expect(steps).toMatchObject({ gain: 255, baseline: 0, notes: [] });
    const digits = shape((i) => (100 + Math.sin(i)).toFixed(3));
    expect(digits).toMatchObject({ gain: 1000, baseline: -100_000, notes: [] });
    expect(digits.first).toBeCloseTo(100.841, 9);
    const wide = shape((i) => String(1e6 * Math.sin(i)));
    expect(wide.notes).toEqual([`II: kept in steps of 1/${wide.gain}, to half a step`]);
    expect(Math.abs(wide.first - 1e6 * Math.sin(1))).toBeLessThanOrEqual(0.5 / wide.gain);
    expect(wide.gain).toBeGreaterThan(0.032);
  });

  it('are never further off than half a step', () => {
    const value = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    const column = fc.array(
      fc.oneof(
        value,
        value.map((each) => each / 1e9),
      ),
      { minLength: 2, maxLength: 50 },
    );
    fc.assert(
      fc.property(column, (values) => {
        const { waveforms } = read(table('t,II', values.length, (i) => `${i / 100},${values[i]!}`));
        const { gain, baseline, samples } = waveforms[0]!;
        const off = values.filter(
          (each, i) =>
            Math.abs((samples[i]! - baseline) / gain - each) >
            0.5001 / gain + 1e-12 * Math.abs(each),
        );
        expect(off).toEqual([]);
      }),
    );
  });

  it('without a unit are dimensionless, with a note; an empty column is named', () => {
    const { waveforms, notes, ignored } = read('t,II,PPG\n0,1,\n0.01,2,NaN\n');
    expect(waveforms.map(({ unit }) => unit)).toEqual(['1']);
    expect(notes).toEqual(['II: no unit is stated; taken as 1']);
    expect(ignored).toEqual([{ name: 'PPG', reason: 'not one sample in it' }]);
  });

  it('of two columns for one lead are not mixed', () => {
    const { waveforms, ignored } = read('t,II,lead II\n0,1,5\n0.01,2,6\n');
    expect(waveforms).toHaveLength(1);
    expect(ignored).toEqual([
      { name: 'lead II', reason: 'ecg:II is already read from another signal' },
    ]);
    const unknown = read('t,ECG a,ECG b\n0,1,5\n0.01,2,6\n');
    expect(unknown.ignored).toEqual([
      { name: 'ECG b', reason: 'an unknown ECG lead is already read from another signal' },
    ]);
  });
});

describe('what csv.ts writes', () => {
  const shape: WaveformShape = {
    ...{ channel: 'ecg', lead: 'MLII', unit: 'mV', sampleRateMilliHz: 360_000 },
    ...{ gain: 200, baseline: 1024 },
  };

  it('is read back: names, units, times, every value, gaps in and between runs', () => {
    const sample = fc.oneof(fc.integer({ min: -32767, max: 32767 }), fc.constant(-32768));
    const run = fc.tuple(fc.nat(5000), fc.array(sample, { minLength: 2, maxLength: 40 }));
    const gain = fc.constantFrom(200, 1023, 2281, 38880, 0.37, -12.5);
    fc.assert(
      fc.property(
        fc.array(run, { minLength: 1, maxLength: 4 }),
        gain,
        fc.constantFrom(250_000, 360_000, 62_500),
        (drawn, gain, rate) => {
          let at = 0;
          const startMs = Date.UTC(2026, 0, 2, 3, 4, 5);
          const placed = new Map<number, number>();
          const runs = drawn.map(([gap, samples]) => {
            at += at === 0 ? 0 : gap;
            samples.forEach((each, i) => placed.set(at + i, each));
            const one = { startMs: startMs + (at * 1e6) / rate, samples: Int16Array.from(samples) };
            at += samples.length;
            return one;
          });
          const own = { ...shape, gain, sampleRateMilliHz: rate };
          const present = [...placed.values()].filter((each) => each !== -32768);
          fc.pre(present.length > 0);
          const text = [...writeWaveformCsv(own, runs)].join('');
          const { waveforms, startTime, ignored } = readCsv('w.csv', bytes(text));
          expect(startTime?.getTime()).toBe(startMs);
          expect(ignored).toEqual([]);
          const got = waveforms[0]!;
          expect(got).toMatchObject({
            channel: 'ecg',
            lead: 'MLII',
            unit: 'mV',
            sampleRateMilliHz: rate,
          });
          expect(got.samples).toHaveLength(at);
          got.samples.forEach((each, i) => {
            const wanted = placed.get(i) ?? -32768;
            expect(each === -32768).toBe(wanted === -32768);
            if (wanted === -32768) return;
            const off = (each - got.baseline) / got.gain - (wanted - 1024) / gain;
            // What was on steps of its gain is on them again; a wide range costs half a step at most.
            expect(Math.abs(off)).toBeLessThanOrEqual(0.5001 / Math.abs(got.gain));
          });
        },
      ),
    );
  });

  it('of numbers too, with the moment it starts', () => {
    const run = {
      startMs: Date.UTC(2026, 0, 2),
      secondsFromStart: [0, 1, 60],
      values: [72.3, NaN, 75],
    };
    const text = [...writeNumericCsv(findVital('heart-rate')!, [run])].join('');
    const { numerics, startTime } = readCsv('n.csv', bytes(text));
    expect(startTime?.toISOString()).toBe('2026-01-02T00:00:00.000Z');
    expect([...numerics[0]!.secondsFromStart]).toEqual([0, 60]);
    expect([...numerics[0]!.values]).toEqual([72.3, 75]);
  });
});

describe('a broken table of samples', () => {
  const HEAD = 'Time [s],II\n';
  const GOOD = `${HEAD}0,1\n0.004,2\n0.008,3\n`;
  const map = parseColumnMap('time=Time [s],ecg:II=II');

  it('is told from a good one, with a BOM and CRLF as well', () => {
    expect(codeOf(() => read(GOOD))).toBe('read');
    const { waveforms } = read(`\ufeff${GOOD.replaceAll('\n', '\r\n')}`, { map });
    expect([...waveforms[0]!.samples]).toEqual([1, 2, 3]);
  });

  it.each([
    ['nothing', '', 'empty'],
    ['a head alone', HEAD, 'no-rows'],
    ['one sample', `${HEAD}0,1\n`, 'bad-time'],
    ['missing samples alone', `${HEAD}0,NaN\n0.004,\n0.008,-\n`, 'no-readings'],
    ['a cell too few', `${GOOD}0.012\n`, 'bad-row'],
    ['a cell too many', `${GOOD}0.012,4,5\n`, 'bad-row'],
    ['no time column', 'II,V5\n1,2\n', 'bad-column'],
    ['time in hours', 'Time [h],II\n0,1\n1,2\n', 'bad-column'],
    ['time running back', `${GOOD}0.004,4\n`, 'bad-time'],
    ['a time again', `${GOOD}0.012,4\n0.012,5\n0.016,6\n`, 'bad-time'],
    ['one time for all rows', `${HEAD}5,1\n5,2\n5,3\n`, 'bad-time'],
    ['one time for most rows', `${HEAD}5,1\n5,2\n5,3\n9,4\n`, 'bad-time'],
    ['no time', `${GOOD}NaN,4\n`, 'bad-time'],
    ['a moment among seconds', `${GOOD}2026-01-02T03:04:05Z,4\n`, 'bad-time'],
    [
      'a month that is none',
      'time,II\n2026-13-02T03:04:05Z,4\n2026-13-02T03:04:06Z,4\n',
      'bad-time',
    ],
    ['a gap of years', `${GOOD}99999999,4\n`, 'too-large'],
    ['a word', `${GOOD}0.012,high\n`, 'bad-value'],
    ['an infinite value', `${GOOD}0.012,Infinity\n`, 'bad-value'],
    ['a value beyond all units', `${GOOD}0.012,1e13\n`, 'bad-value'],
    ['hexadecimal', `${GOOD}0.012,0x10\n`, 'bad-value'],
  ])('with %s is refused by name', (_what, text, code) => {
    expect(codeOf(() => read(text))).toBe(code);
  });

  it('says which file and line, what was expected, and never a value', () => {
    expect(() => read(`${GOOD}0.012,93bpm\n`)).toThrow(
      /^t.csv: line 5: expected 'II' as a number up to 1000000000000 or nothing, got 5 other/,
    );
    expect(() => read(`${HEAD}0,1\n`)).toThrow('t.csv: expected a second row, or a rate');
  });

  it('of any text, or a good one altered, is a recording or a FormatError', () => {
    const total = (text: string): void => void codeOf(() => readCsv('t.csv', bytes(text)));
    fc.assert(fc.property(fc.string(), total), { numRuns: 500 });
    const words = [
      'Time [s]',
      'II',
      ',',
      ',',
      '\n',
      '0',
      '0.004',
      '1e9',
      '-',
      'NaN',
      '2026-01-02T03:04:05Z',
      '"',
      '.',
    ];
    const list = fc.array(fc.constantFrom(...words), { maxLength: 40 });
    fc.assert(
      fc.property(list, (all) => total(all.join(''))),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(list, (all) => total(`${GOOD}${all.join('')}`)),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.nat(GOOD.length - 1), fc.integer({ min: 32, max: 126 }), (at, code) => {
        total(GOOD.slice(0, at) + String.fromCharCode(code) + GOOD.slice(at + 1));
        total(GOOD.slice(0, at));
      }),
    );
  });
});

describe('a column map', () => {
  it.each([
    ['', /expected name=column/],
    ['time', /expected name=column, got 'time'/],
    ['time=', /expected a column after/],
    ['time=t', /got the time alone/],
    ['eeg=x', /got 'eeg'/],
    ['ecg:X9=x', /got 'ecg:X9'/],
    ['pleth:II=x', /got 'pleth:II'/],
    ['ecg:II=a,ecg:II=b', /expected ecg:II once/],
  ])('%j is refused', (text, words) => {
    expect(() => parseColumnMap(text)).toThrow(words);
    expect(codeOf(() => parseColumnMap(text))).toBe('bad-map');
  });

  it('names what it leaves out, and finds a head with its unit or without', () => {
    const text = 't,ECG [uV],PPG,x\n0,1,2,3\n0.01,2,3,4\n';
    const own = read(text, { map: parseColumnMap('time=t,ecg:II=ECG [uV]') });
    expect(own.waveforms[0]).toMatchObject({ lead: 'II', unit: 'uV' });
    expect(own.ignored.map(({ name }) => name)).toEqual(['PPG', 'x']);
    const stated = read(text, { map: parseColumnMap('time=t,pleth=PPG [%]') });
    expect(stated.waveforms[0]).toMatchObject({ channel: 'pleth', unit: '%' });
  });

  it('for a waveform that comes once a second is refused', () => {
    const map = parseColumnMap('time=t,ecg:II=a');
    expect(() => readCsv('t.csv', bytes('t,a\n0,1\n1,2\n'), { map })).toThrow(
      't.csv: expected ecg:II faster than 2 Hz, got whole seconds',
    );
    const vital = parseColumnMap('time=t,heart-rate=a');
    expect(read('t,a\n0,1\n0.01,2\n', { map: vital }).ignored[0]!.reason).toMatch(
      /one reading a second/,
    );
  });
});

import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from './error.ts';
import { readNumericsCsv } from './numerics-csv.ts';
import type { Recording } from './recording.ts';

const read = (text: string): Recording => readNumericsCsv('t.csv', new TextEncoder().encode(text));

const plain = (recording: Recording) =>
  recording.numerics.map(({ vital, secondsFromStart, values }) => [
    vital.name,
    [...secondsFromStart],
    [...values],
  ]);

const HEAD = 'Time [s], HR, PULSE, RESP, SpO2\n';

describe('a numerics table', () => {
  it('leaves gaps out and keeps what stands beside them', () => {
    expect(plain(read(`${HEAD}-0,94,93,25,97\n1,92,NaN,,96.5\n7,0,nan, 23 ,NaN\n`))).toEqual([
      ['heart-rate', [0, 1, 7], [94, 92, 0]],
      ['pulse-rate', [0], [93]],
      ['respiratory-rate', [0, 7], [25, 23]],
      ['spo2', [0, 1], [97, 96.5]],
    ]);
  });

  it('may come with a BOM, CRLF, blank lines and our own names', () => {
    const recording = read('\ufefftime,body-temperature, Motion \r\n\r\n10,36.6,x\r\n11,36.7,\r\n');
    expect(plain(recording)).toEqual([['body-temperature', [10, 11], [36.6, 36.7]]]);
    expect(recording.ignored).toEqual([{ name: 'Motion', reason: 'no vital sign of this name' }]);
  });

  it('names a column without a single reading', () => {
    const { numerics, ignored } = read('Time [s],HR,SpO2\n0,NaN,97');
    expect(numerics).toHaveLength(1);
    expect(ignored).toEqual([{ name: 'heart-rate', reason: 'not one reading in it' }]);
  });
});

describe('a broken table', () => {
  it.each([
    ['no bytes', '', 'empty', /got no text/],
    ['blank lines', '\n \r\n', 'empty', /got no text/],
    ['a header only', HEAD, 'no-rows', /got none/],
    ['gaps only', `${HEAD}0,NaN,NaN,NaN,NaN\n1,,,,`, 'no-readings', /got 2 rows of gaps/],
    ['no time column', 'HR,PULSE\n1,2', 'bad-column', /'Time \[s\]' as first column, got 'HR'/],
    ['no vital sign', 'Time [s],ABP\n1,2', 'bad-column', /got 1 other/],
    ['a vital sign twice', 'Time [s],HR,heart-rate\n1,2,3', 'bad-column', /heart-rate once/],
    ['a cell too few', `${HEAD}0,94,93,25`, 'bad-row', /line 2: expected 5 cells, got 4/],
    ['a cell too many', `${HEAD}0,94,93,25,97,1`, 'bad-row', /line 2: expected 5 cells, got 6/],
    ['half a second', `${HEAD}0,1,1,1,1\n0.5,1,1,1,1`, 'bad-time', /line 3: .* after 0, got '0.5'/],
    ['a second again', `${HEAD}4,1,1,1,1\n\n4,1,1,1,1`, 'bad-time', /line 4: .* after 4, got '4'/],
    ['time running back', `${HEAD}4,1,1,1,1\n3,1,1,1,1`, 'bad-time', /line 3/],
    ['a time before the start', `${HEAD}-1,1,1,1,1`, 'bad-time', /line 2/],
    ['a time without end', `${HEAD}2147483648,1,1,1,1`, 'bad-time', /line 2/],
    ['no time', `${HEAD},1,1,1,1`, 'bad-time', /line 2/],
    ['a word', `${HEAD}0,94,high,25,97`, 'bad-value', /line 2: expected pulse-rate/],
    ['an infinite value', `${HEAD}0,Infinity,1,25,97`, 'bad-value', /line 2: expected heart-rate/],
    ['a hexadecimal value', `${HEAD}0,0x10,1,25,97`, 'bad-value', /line 2/],
    ['65 columns', `Time [s]${',HR'.repeat(64)}`, 'too-large', /got 65/],
  ])('with %s is refused by name', (_what, text, code, message) => {
    let error: unknown;
    try {
      read(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({ code, file: 't.csv' });
    expect((error as FormatError).message).toMatch(message);
  });

  it('never has a value quoted in its error', () => {
    expect(() => read(`${HEAD}0,94,93bpm,25,97`)).toThrow(/^(?!.*93).*5 other characters$/);
  });

  it('of other bytes than UTF-8 is refused', () => {
    expect(() => readNumericsCsv('t.csv', Uint8Array.of(0xff, 0xfe, 0x41))).toThrow(/UTF-8/);
  });

  it('of more than 256 MiB is refused before it is read', () => {
    expect(() => readNumericsCsv('t.csv', new Uint8Array(2 ** 28 + 1))).toThrow(
      /at most 268435456/,
    );
  });

  it('of any text yields a recording or a FormatError', () => {
    const cells = fc.array(
      fc.constantFrom(
        'Time [s]',
        'HR',
        'SpO2',
        ',',
        ',',
        '\n',
        '0',
        '1',
        '2',
        'NaN',
        '-0',
        '"',
        '1e99',
        '.',
      ),
      { maxLength: 40 },
    );
    const total = (text: string): void => {
      try {
        const { numerics } = read(text);
        for (const { secondsFromStart, values } of numerics) {
          expect(values.length).toBe(secondsFromStart.length);
          expect(values.every(Number.isFinite)).toBe(true);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    };
    fc.assert(fc.property(fc.string(), total), { numRuns: 300 });
    fc.assert(
      fc.property(cells, (list) => total(`Time [s],HR\n0,1\n${list.join('')}`)),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(cells, (list) => total(list.join(''))),
      { numRuns: 1000 },
    );
  });
});

const BIDMC_FOLDER = new URL('../../../shared/data/vitals-bidmc/', import.meta.url);

// Counted with awk: per column the cells that are not NaN, the first, the last, and their sum.
const BIDMC: readonly (readonly [string, readonly (readonly number[])[]])[] = [
  [
    '01',
    [
      [481, 94, 90, 43924],
      [468, 93, 90, 42592],
      [481, 25, 20, 10312],
      [468, 97, 96, 45357],
    ],
  ],
  [
    '03',
    [
      [481, 77, 76, 36863],
      [481, 75, 75, 36502],
      [481, 17, 17, 8484],
      [481, 97, 96, 46056],
    ],
  ],
  [
    '17',
    [
      [481, 83, 87, 38986],
      [481, 76, 74, 37062],
      [481, 17, 16, 8162],
      [481, 93, 95, 44871],
    ],
  ],
  [
    '53',
    [
      [481, 85, 94, 44645],
      [481, 99, 95, 44158],
      [481, 22, 19, 9586],
      [481, 100, 100, 48100],
    ],
  ],
];

describe.skipIf(!existsSync(BIDMC_FOLDER))(
  'BIDMC (skips without ../shared/data/vitals-bidmc)',
  () => {
    it.each(BIDMC)('subject %s', (subject, facts) => {
      const name = `bidmc_${subject}_Numerics.csv`;
      const recording = readNumericsCsv(name, readFileSync(new URL(name, BIDMC_FOLDER)));
      expect(recording.ignored).toEqual([]);
      expect(recording.numerics.map(({ vital }) => vital.name)).toEqual([
        'heart-rate',
        'pulse-rate',
        'respiratory-rate',
        'spo2',
      ]);
      recording.numerics.forEach(({ secondsFromStart, values }, index) => {
        const sum = values.reduce((total, value) => total + value, 0);
        expect([values.length, values[0], values.at(-1), sum]).toEqual(facts[index]);
        expect([secondsFromStart[0], secondsFromStart.at(-1)]).toEqual([0, 480]);
      });
    });
  },
);

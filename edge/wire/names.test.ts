import { describe, expect, it } from 'vitest';
import { downTopic, eachReading, isNodeName, numericColumn, upTopic } from './wire.ts';

describe('names and topics [WIRE-1]', () => {
  it.each(['a', '7', 'bed-7', 'a.b_c-d', 'x'.repeat(32)])('%s is a name', (name) => {
    expect(isNodeName(name)).toBe(true);
    expect(upTopic(name)).toBe(`vitalshare/${name}/up`);
    expect(downTopic(name)).toBe(`vitalshare/${name}/down`);
  });

  const wrong = [
    '',
    '-a',
    '.a',
    '_a',
    'A',
    'a/b',
    'a+',
    '#',
    '+',
    'a b',
    'é',
    'x'.repeat(33),
    'a\n',
    '..',
  ];
  it.each(wrong)('%j is none', (name) => {
    expect(isNodeName(name)).toBe(false);
    expect(() => upTopic(name)).toThrow(RangeError);
    expect(() => downTopic(name)).toThrow(RangeError);
  });
});

describe('a numeric column [WIRE-8]', () => {
  it('keeps what is absent absent', () => {
    const column = numericColumn('body-temperature', 100, [36.6, null, 0, null, 37]);
    expect(column).toMatchObject({ rowCount: 5, quality: 255, presence: Uint8Array.of(0b10101) });
    const seen: number[][] = [];
    eachReading(column, (...reading) => seen.push(reading));
    expect(seen).toEqual([
      [100, 36600, 0],
      [102, 0, 2],
      [104, 37000, 4],
    ]);
  });

  it('refuses what it cannot hold', () => {
    expect(() => numericColumn('mood', 0, [1])).toThrow(RangeError);
    expect(() => numericColumn('spo2', 0, [Number.NaN])).toThrow(RangeError);
    expect(() => numericColumn('spo2', 0, [214_748_364.8])).toThrow(RangeError);
  });
});

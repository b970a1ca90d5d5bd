import { describe, expect, it } from 'vitest';
import { formatAge, formatClock, formatNumber, formatZone } from './figures.ts';

describe('numbers', () => {
  it.each([
    [72.4, 0, '72'],
    [72.5, 0, '73'],
    [0, 0, '0'],
    [37.94, 1, '37.9'],
    [37, 1, '37.0'],
    [-0.26, 1, '\u22120.3'],
    [-0.01, 1, '0.0'],
  ])('%d with %i decimals is %s', (value, decimals, text) => {
    expect(formatNumber(value, decimals)).toBe(text);
  });

  it.each([null, undefined, NaN, Infinity])('%s is a dash, never 0 and never blank', (value) => {
    expect(formatNumber(value)).toBe('–');
  });
});

describe('ages', () => {
  it.each([
    [-500, '0\u202fs old'],
    [4_000, '4\u202fs old'],
    [4_999, '4\u202fs old'],
    [59_999, '59\u202fs old'],
    [60_000, '1\u202fmin'],
    [3_599_999, '59\u202fmin'],
    [3_600_000, null],
  ])('%d ms is %s', (ms, text) => {
    expect(formatAge(ms)).toBe(text);
  });
});

describe('clock times', () => {
  const atMs = Date.UTC(2026, 2, 12, 2, 12, 46);
  const zone = 'Europe/Berlin';

  it('are local, 24 hours, with seconds where asked', () => {
    expect(formatClock(atMs, { zone })).toBe('03:12');
    expect(formatClock(atMs, { zone, seconds: true })).toBe('03:12:46');
    expect(formatClock(Date.UTC(2026, 2, 11, 23, 5), { zone })).toBe('00:05');
  });

  it('carry their date when it is not today', () => {
    const on = (year: number, month: number, day: number) => Date.UTC(year, month, day, 12);
    expect(formatClock(atMs, { zone, nowMs: on(2026, 2, 12) })).toBe('03:12');
    expect(formatClock(atMs, { zone, nowMs: on(2026, 2, 13) })).toBe('12 Mar, 03:12');
    expect(formatClock(atMs, { zone, nowMs: on(2027, 0, 2) })).toBe('12 Mar 2026, 03:12');
  });

  it('name their zone as an offset', () => {
    expect(formatZone(atMs, zone)).toBe('UTC+1');
    expect(formatZone(atMs, 'UTC')).toBe('UTC');
  });
});

import { describe, expect, it } from 'vitest';
import { timeOption, UserError } from './command.ts';
import { parseTime } from './time.ts';

/** 2026-03-01T12:00:00Z. */
const NOW_MS = 1_772_366_400_000;

describe('a time', () => {
  // Seconds from `date -u -d … +%s`.
  it.each([
    ['1970-01-01', 0],
    ['2026-01-31', 1_769_817_600_000_000],
    ['2028-02-29', 1_835_395_200_000_000],
    ['2026-01-31T08:30', 1_769_848_200_000_000],
    ['2026-01-31 08:30:00', 1_769_848_200_000_000],
    ['2026-01-31t08:30:00z', 1_769_848_200_000_000],
    ['2026-01-31T09:30:00+01:00', 1_769_848_200_000_000],
    ['2026-01-31T03:00-0530', 1_769_848_200_000_000],
    ['2026-01-31T08:30:00.5Z', 1_769_848_200_500_000],
    ['2026-01-31T08:30:00,000001', 1_769_848_200_000_001],
    ['1h', 1_772_362_800_000_000],
    ['-30s', 1_772_366_370_000_000],
    ['15m', 1_772_365_500_000_000],
    ['2d', 1_772_193_600_000_000],
  ])('%s is %d µs', (text, timeUs) => {
    expect(parseTime(text, NOW_MS)).toBe(timeUs);
  });

  it.each([
    ...[
      '2026-02-30',
      '2026-02-30T08:00:00Z',
      '2027-02-29',
      '2026-04-31',
      '2026-13-01',
      '2026-00-10',
    ],
    ...['2026-01-00', '2026-01-31T24:00', '2026-01-31T08:60', '2026-01-31T08:30:60Z'],
    ...[
      '2026-01-31T08:30+24:00',
      '2026-01-31T08:30+01:60',
      '2026-01-31Z',
      '2026-01-31T08',
      '1969-12-31',
    ],
    ...[
      '0070-01-01',
      '2026-1-31',
      '1h30m',
      '1.5h',
      '1w',
      '99999d',
      'yesterday',
      'now',
      '',
      ' ',
      '1',
    ],
  ])('%j is none', (text) => {
    expect(parseTime(text, NOW_MS)).toBeNull();
  });
});

describe('an option that takes a time', () => {
  const call = (start?: string) => ({ values: { start }, positionals: [] });

  it('is undefined where it was not given', () => {
    expect(timeOption(call(), 'start', NOW_MS)).toBeUndefined();
  });

  it('says what it expected and what it got', () => {
    expect(timeOption(call('2026-01-31'), 'start', NOW_MS)).toBe(1_769_817_600_000_000);
    const typed = () => timeOption(call('2026-02-30'), 'start', NOW_MS);
    expect(typed).toThrow(UserError);
    expect(typed).toThrow(/^--start must be a UTC time such as .*, got 2026-02-30\.$/);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findVital } from '../vital/vital.ts';
import { plainDecimal, writeNumericCsv, writeWaveformCsv } from './csv.ts';
import type { WaveformShape } from './recording.ts';

const ECG: WaveformShape = {
  channel: 'ecg',
  lead: 'MLII',
  unit: 'mV',
  sampleRateMilliHz: 360_000,
  gain: 200,
  baseline: 1024,
};
const START_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

describe('a waveform as CSV', () => {
  it('has times to the microsecond, values in the unit, and nothing where a sample is missing', () => {
    const samples = Int16Array.of(995, -32768, 1024, 1025);
    const text = [...writeWaveformCsv(ECG, [{ startMs: START_MS, samples }])].join('');
    expect(text).toBe(
      'time,ecg MLII [mV]\n' +
        '2026-01-02T03:04:05.000000Z,-0.145\n' +
        '2026-01-02T03:04:05.002778Z,\n' +
        '2026-01-02T03:04:05.005556Z,0\n' +
        '2026-01-02T03:04:05.008333Z,0.005\n',
    );
  });

  it('names no lead where there is none, and jumps over gaps between runs', () => {
    const shape: WaveformShape = {
      ...ECG,
      channel: 'pleth',
      lead: '',
      unit: '1',
      baseline: 0,
      gain: 3,
    };
    const runs = [
      { startMs: START_MS + 999.9995, samples: Int16Array.of(1) },
      { startMs: START_MS + 61_000.25, samples: Int16Array.of(-2) },
    ];
    expect([...writeWaveformCsv(shape, runs)].join('')).toBe(
      'time,pleth [1]\n' +
        '2026-01-02T03:04:06.000000Z,0.3333333333333333\n' +
        '2026-01-02T03:05:06.000250Z,-0.6666666666666666\n',
    );
  });

  it('comes in chunks of bounded size, and as if it came in one', () => {
    const samples = Int16Array.from({ length: 10_000 }, (_, index) => index % 2000);
    const whole = [...writeWaveformCsv(ECG, [{ startMs: START_MS, samples }])];
    expect(whole).toHaveLength(4);
    expect(Math.max(...whole.map((chunk) => chunk.length))).toBeLessThan(200_000);
    const lines = whole.join('').trimEnd().split('\n');
    expect(lines).toHaveLength(10_001);
    // 9999 / 360 s = 27.775 s.
    expect(lines[10_000]).toBe('2026-01-02T03:04:32.775000Z,4.875');
  });

  it('refuses a shape that cannot be divided by', () => {
    const rows = (shape: Partial<WaveformShape>) => [...writeWaveformCsv({ ...ECG, ...shape }, [])];
    expect(() => rows({ gain: 0 })).toThrow(RangeError);
    expect(() => rows({ sampleRateMilliHz: 0 })).toThrow(RangeError);
    expect(() => rows({ sampleRateMilliHz: NaN })).toThrow(RangeError);
  });
});

describe('numbers as CSV', () => {
  it('have times to the second and nothing for a gap', () => {
    const run = { startMs: START_MS, secondsFromStart: [0, 1, 60], values: [72.3, NaN, 75] };
    expect([...writeNumericCsv(findVital('heart-rate')!, [run])].join('')).toBe(
      'time,heart-rate [/min]\n' +
        '2026-01-02T03:04:05Z,72.3\n' +
        '2026-01-02T03:04:06Z,\n' +
        '2026-01-02T03:05:05Z,75\n',
    );
  });
});

describe('a plain decimal', () => {
  it.each([
    [1e-7, '0.0000001'],
    [-2.5e-9, '-0.0000000025'],
    [1.25e21, '1250000000000000000000'],
    [-0, '0'],
    [0.1 + 0.2, '0.30000000000000004'],
  ])('of %d is %s', (value, text) => expect(plainDecimal(value)).toBe(text));

  it('reads back as the same double and has no exponent', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = plainDecimal(value);
        expect(text).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(text) === value).toBe(true);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OpenedSegment, runsOf, timeOf } from './history-runs.ts';

const EVERYTHING = { from: 0, to: Number.MAX_SAFE_INTEGER };
const shape = (sampleRateMilliHz: number) =>
  ({ channel: 'ecg', lead: 'II', unit: 'mV', sampleRateMilliHz, gain: 200, baseline: 0 }) as const;

const segment = (startMicros: number, samples: number[], rate = 250_000): OpenedSegment => ({
  shape: shape(rate),
  startMicros,
  samples: Int16Array.from(samples),
});

/** One entry a sample: what the runs show. */
const shown = (runs: readonly OpenedSegment[]): [time: number, sample: number][] =>
  runs.flatMap((run) => Array.from(run.samples, (s, i): [number, number] => [timeOf(run, i), s]));

describe('runs of samples', () => {
  it('are what a grid of first-come cells gives, for segments on one grid', () => {
    // Ticks of 4,000 µs; each segment starts at a tick and has 1 to 20 samples.
    const segments = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 20 })),
      { minLength: 1, maxLength: 12 },
    );
    const ends = fc.tuple(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 90 }));
    fc.assert(
      fc.property(segments, ends, (pieces, [from, to]) => {
        const grid = new Map<number, number>();
        const all = pieces.map(([tick, count], n) => {
          const samples = Array.from({ length: count }, (_, i) => n * 100 + i);
          samples.forEach((sample, i) => {
            if (!grid.has(tick + i)) grid.set(tick + i, sample);
          });
          return segment(tick * 4000, samples);
        });
        const range = { from: from * 4000, to: to * 4000 };
        const expected = [...grid]
          .filter(([tick]) => tick >= from && tick < to)
          .sort(([a], [b]) => a - b)
          .map(([tick, sample]) => [tick * 4000, sample]);
        expect(shown(runsOf(all, range))).toEqual(expected);
      }),
    );
  });

  it('lose no sample where rounding makes neighbours overlap by a microsecond', () => {
    // 360 Hz: 2,777.8 µs; the second segment is a microsecond early, the third a microsecond late.
    const parts = [
      segment(0, [1, 2, 3], 360_000),
      segment(8332, [4, 5], 360_000),
      segment(13890, [6], 360_000),
    ];
    expect(shown(runsOf(parts, EVERYTHING)).map(([, sample]) => sample)).toEqual([
      1, 2, 3, 4, 5, 6,
    ]);
  });

  it('drop what was sent twice, whatever the order', () => {
    const parts = [segment(8000, [3, 4]), segment(0, [1, 2]), segment(0, [9, 9, 9, 9, 5])];
    expect(shown(runsOf(parts, EVERYTHING)).map(([, sample]) => sample)).toEqual([1, 2, 3, 4, 5]);
  });
});

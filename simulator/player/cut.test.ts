import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Recording } from '@vitalshare/edge/formats';
import { findVital } from '@vitalshare/edge/vital';
import { eachReading } from '@vitalshare/edge/wire';
import { cutOf, frameOf, readingCount, sampleCount } from './cut.ts';
import { spanOf } from './replay.ts';

const recordingOf = (
  samples: Int16Array,
  rateMilliHz: number,
  seconds: number[],
  values = seconds.map((s) => 60 + (s % 40)),
): Recording => ({
  name: 'test',
  waveforms:
    samples.length === 0
      ? []
      : [
          {
            channel: 'ecg',
            lead: 'II',
            unit: 'mV',
            sampleRateMilliHz: rateMilliHz,
            gain: 200,
            baseline: 0,
            samples,
          },
        ],
  numerics:
    seconds.length === 0
      ? []
      : [
          {
            vital: findVital('heart-rate')!,
            secondsFromStart: Float64Array.from(seconds),
            values: Float64Array.from(values),
          },
        ],
  ignored: [],
  notes: [],
});

describe('a recording cut into frames', () => {
  it('is all there again, every sample and reading once, whatever the span and rate', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 50, max: 20_000 }),
        fc.integer({ min: 900, max: 400_000 }),
        fc.integer({ min: 0, max: 4000 }),
        fc.uniqueArray(fc.nat(90), { maxLength: 60 }),
        (spanMs, rateMilliHz, count, unsorted) => {
          const samples = Int16Array.from({ length: count }, (_, i) => (i % 4000) - 2000);
          const seconds = unsorted.sort((a, b) => a - b);
          const recording = recordingOf(samples, rateMilliHz, seconds);
          const cut = cutOf(recording, spanMs);
          const gotSamples: number[] = [];
          const gotSeconds: number[] = [];
          for (let k = 0; k < cut.frameCount; k++) {
            const frame = frameOf(recording, cut, k, 0);
            for (const segment of frame.segments) {
              const first = Math.round((segment.startUs * rateMilliHz) / 1e9);
              expect(first).toBe(gotSamples.length);
              gotSamples.push(...segment.samples);
            }
            for (const column of frame.columns) {
              eachReading(column, (second, fixed) => {
                expect(fixed).toBe(10 * (60 + (second % 40)));
                gotSeconds.push(second);
              });
            }
          }
          expect(gotSamples).toEqual([...samples]);
          expect(gotSeconds).toEqual(seconds);
          expect(sampleCount(recording)).toBe(count);
          expect(readingCount(recording)).toBe(seconds.length);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('a gap is no reading: seconds the file leaves out are absent from the frame', () => {
    const recording = recordingOf(new Int16Array(0), 0, [0, 1, 5]);
    const frame = frameOf(recording, cutOf(recording, 60_000), 0, 1_000);
    expect(frame.columns[0]).toMatchObject({ startSecond: 0, rowCount: 6 });
    expect([...frame.columns[0]!.presence]).toEqual([0b100011]);
    expect(frame.bootTimeMs).toBe(1_000);
  });

  it('frames are short at the bedside and long at full speed, and never beyond a frame of the wire', () => {
    const ecg = recordingOf(new Int16Array(5), 360_000, []);
    expect(spanOf(ecg, 1)).toBe(100);
    expect(spanOf(ecg, 'max')).toBe(10_000);
    const numerics = recordingOf(new Int16Array(0), 0, [0]);
    expect(spanOf(numerics, 1)).toBe(1_000);
    expect(spanOf(numerics, 'max')).toBe(60_000);
    const fast = recordingOf(new Int16Array(5), 10_000_000, []);
    // 10 kHz takes 20 bytes a millisecond: 48,000 bytes are 2.4 s.
    expect(spanOf(fast, 'max')).toBe(2_400);
  });
});

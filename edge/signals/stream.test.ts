import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SegmentStream, type SampleSink, type SignalSegment } from './stream.ts';

/** Writes down what it is told. */
function scribe(): { sink: SampleSink; told: unknown[] } {
  const told: unknown[] = [];
  return {
    told,
    sink: {
      begin: (startUs, rateHz) => told.push(['begin', startUs, rateHz]),
      sample: (value) => told.push(value),
      missing: (reason) => told.push(reason),
      end: () => told.push('end'),
    },
  };
}

const segment = (startUs: number, samples: number[], more: Partial<SignalSegment> = {}) => ({
  ...{ startUs, rateMilliHz: 100_000, gain: 200, baseline: 1024 },
  samples: Int16Array.from(samples),
  ...more,
});

function tell(...segments: SignalSegment[]): unknown[] {
  const { sink, told } = scribe();
  const stream = new SegmentStream(sink);
  for (const one of segments) stream.push(one);
  stream.close();
  return told;
}

describe('a segment stream', () => {
  it('gives physical values: (sample − baseline) / gain', () => {
    expect(tell(segment(5, [1024, 1224, 924]))).toEqual([['begin', 5, 100], 0, 1, -0.5, 'end']);
  });

  it('says what is missing, and why', () => {
    expect(
      tell(
        segment(0, [1024, -32768]),
        segment(20_000, [1, 2], { leadOff: true }),
        segment(40_000, [], { samples: Float64Array.of(1, NaN), gain: 1, baseline: 0 }),
      ),
    ).toEqual([['begin', 0, 100], 0, 'no-data', 'lead-off', 'lead-off', 1, 'no-data', 'end']);
  });

  it('bridges 2 s and starts anew after more', () => {
    const bridged = tell(segment(0, [1024]), segment(2_010_000, [1024]));
    expect(bridged).toHaveLength(1 + 1 + 200 + 1 + 1);
    expect(tell(segment(0, [1024]), segment(2_020_000, [1024]))).toEqual([
      ...[['begin', 0, 100], 0, 'end'],
      ...[['begin', 2_020_000, 100], 0, 'end'],
    ]);
  });

  it('starts anew at another rate', () => {
    expect(tell(segment(0, [1024]), segment(10_000, [1024], { rateMilliHz: 50_000 }))).toEqual([
      ...[['begin', 0, 100], 0, 'end'],
      ...[['begin', 10_000, 50], 0, 'end'],
    ]);
  });

  it('takes every moment once, and counts the rest', () => {
    const { sink, told } = scribe();
    const stream = new SegmentStream(sink);
    stream.push(segment(0, [1024, 1224]));
    stream.push(segment(10_000, [924, 1424]));
    stream.push(segment(0, [924]));
    expect(told).toEqual([['begin', 0, 100], 0, 1, 2]);
    expect(stream.droppedSamples).toBe(2);
  });

  it('does not see how the samples were cut, nor a clock that jitters by less than half a sample', () => {
    const samples = Array.from({ length: 60 }, (_, i) => 1000 + i);
    const whole = tell(segment(0, samples));
    const cuts = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: -4000, max: 4000 })),
    );
    fc.assert(
      fc.property(cuts, (list) => {
        const pieces: SignalSegment[] = [];
        let from = 0;
        for (const [length, jitterUs] of [...list, [60, 0] as const]) {
          const startUs = from * 10_000 + (from === 0 ? 0 : jitterUs);
          pieces.push(segment(startUs, samples.slice(from, from + length)));
          from += length;
        }
        expect(tell(...pieces)).toEqual(whole);
      }),
    );
  });

  it('refuses what no segment can be', () => {
    expect(() => tell(segment(0, [1], { rateMilliHz: 0 }))).toThrow(RangeError);
    expect(() => tell(segment(NaN, [1]))).toThrow(RangeError);
    expect(() => tell(segment(0, [1], { gain: 0 }))).toThrow('expected a finite gain other than 0');
    expect(tell(segment(0, []))).toEqual([]);
  });
});

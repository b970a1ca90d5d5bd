/** Channels with gaps as records: where samples land, and where another record begins. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findVital } from '../vital/vital.ts';
import { exportWfdb } from './export-wfdb.ts';
import { recordsOf } from './records.ts';
import type { ChannelRun } from './records.ts';
import { parseWfdbHeader } from './wfdb-header.ts';
import { readWfdb } from './wfdb.ts';

const LIMITS = { gapSecondsMax: 10, samplesMax: 1000 };
const START = 1_790_000_000_000_000;
const MISSING = -32768;
const run = (seconds: number, samples: number[], more: Partial<ChannelRun['shape']> = {}) => ({
  shape: {
    ...{ channel: 'ecg', lead: 'II', unit: 'mV', sampleRateMilliHz: 4000, gain: 200, baseline: 0 },
    ...more,
  },
  startMicros: START + seconds * 1e6,
  samples: Int16Array.from(samples),
});
const plain = (runs: ChannelRun[]) =>
  [...recordsOf(runs, LIMITS)].map(({ startMicros, channels }) => [
    (startMicros - START) / 1e6,
    ...channels.map(({ samples }) => [...samples]),
  ]);

describe('records', () => {
  it('fill short gaps with missing samples, in each channel by itself', () => {
    const v5 = { lead: 'V5' };
    expect(plain([run(0, [1, 2]), run(1, [3]), run(0.25, [7], v5), run(1, [8, 9], v5)])).toEqual([
      [0, [1, 2, MISSING, MISSING, 3, MISSING], [MISSING, 7, MISSING, MISSING, 8, 9]],
    ]);
  });

  it('end where nothing is for long, not where one channel is', () => {
    const pleth = { channel: 'pleth', lead: '' };
    expect(plain([run(0, [1]), run(10.25, [2]), run(20.75, [3])])).toEqual([
      [0, [1, ...new Array<number>(40).fill(MISSING), 2]],
      [20.75, [3]],
    ]);
    const bridged = plain([run(0, [1]), run(9, [5], pleth), run(18, [2])]);
    expect(bridged).toHaveLength(1);
  });

  it('end where a channel is read otherwise, and have one rate', () => {
    expect(plain([run(0, [1]), run(0.25, [2], { gain: 100 })])).toEqual([
      [0, [1]],
      [0.25, [2]],
    ]);
    const rates = [...recordsOf([run(0, [1]), run(0, [2], { sampleRateMilliHz: 1000 })], LIMITS)];
    expect(rates.map(({ rateMilliHz }) => rateMilliHz)).toEqual([4000, 1000]);
  });

  it('put a run on the nearest sample, and never over another', () => {
    expect(plain([run(0, [1, 2]), run(0.62, [3])])).toEqual([[0, [1, 2, 3]]]);
    // A clock that was set: 0.3 s after the first sample of three that end at 0.5.
    expect(plain([run(0, [1, 2, 3]), run(0.6, [4])])).toEqual([[0, [1, 2, 3, 4]]]);
  });

  it('stay below the limit of samples', () => {
    expect(() =>
      plain([
        run(0, [1]),
        ...[9, 18].map((at) => run(at, [2])),
        run(27, new Array<number>(900).fill(3)),
      ]),
    ).toThrow(/at most 1000 samples in a record, got 1 channels of 1008/);
  });
});

describe('a stay as WFDB', () => {
  it('is read back with its gaps, its times and its numbers, zeros too', () => {
    const heart = {
      vital: findVital('heart-rate')!,
      seconds: Float64Array.of(1_790_000_001, 1_790_000_002, 1_790_000_005),
      values: Float64Array.of(72.3, 0, 75),
    };
    const warm = {
      vital: findVital('body-temperature')!,
      seconds: Float64Array.of(1_790_000_000, 1_790_000_005),
      values: Float64Array.of(20.5, 45.999),
    };
    const files = [...exportWfdb('bed.1', [run(0, [1, 2]), run(1, [3])], [heart, warm], LIMITS)];
    expect(files.map((each) => each.files.headerName)).toEqual(['bed_1.hea', 'bed_1n.hea']);
    const [waves, numbers] = files.map(({ files: { header, data } }) =>
      readWfdb(parseWfdbHeader(header), () => data),
    );
    expect(waves!.startTime?.getTime()).toBe(START / 1000);
    expect([...waves!.waveforms[0]!.samples]).toEqual([1, 2, MISSING, MISSING, 3]);
    expect(numbers!.startTime?.getTime()).toBe(1_790_000_000_000);
    const again = numbers!.numerics.map(({ vital, secondsFromStart, values }) => [
      vital.name,
      [...secondsFromStart],
      [...values],
    ]);
    expect(again).toEqual([
      ['body-temperature', [0, 5], [20.5, 45.999]],
      ['heart-rate', [1, 2, 5], [72.3, 0, 75]],
    ]);
  });

  it('keeps every sample of any runs', () => {
    const gaps = fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 20 })), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(fc.array(gaps, { minLength: 1, maxLength: 3 }), (channels) => {
        let value = 0;
        const runs = channels.flatMap((drawn, index) => {
          let at = 0;
          return drawn.map(([gap, length]) => {
            at += gap;
            const one = run(
              at / 4,
              Array.from({ length }, () => (value = (value + 1) % 2000)),
              {
                lead: ['II', 'V5', 'aVR'][index]!,
              },
            );
            at += length;
            return one;
          });
        });
        const records = [...exportWfdb('s', runs, [], { gapSecondsMax: 10, samplesMax: 1e6 })];
        const found = new Map<string, number>();
        for (const { files, record } of records) {
          const { waveforms } = readWfdb(parseWfdbHeader(files.header), () => files.data);
          for (const { lead, samples } of waveforms) {
            samples.forEach((sample, i) => {
              if (sample === MISSING) return;
              found.set(`${lead} ${record.startMicros + i * 250_000}`, sample);
            });
          }
        }
        const expected = new Map<string, number>();
        for (const { shape, startMicros, samples } of runs) {
          samples.forEach((sample, i) => {
            expected.set(`${shape.lead} ${startMicros + i * 250_000}`, sample);
          });
        }
        expect(found).toEqual(expected);
      }),
    );
  });
});

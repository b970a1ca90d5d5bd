/** Records written here: literal bytes, and read back by our own reader. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEADS, WAVEFORMS } from '../vital/vital.ts';
import { channelOfName, nameOfChannel } from './names.ts';
import { parseWfdbHeader } from './wfdb-header.ts';
import { writeWfdb } from './wfdb-write.ts';
import type { WritableRecord, WritableSignal } from './wfdb-write.ts';
import { readWfdb } from './wfdb.ts';

const signal = (samples: number[], more: Partial<WritableSignal> = {}): WritableSignal => ({
  ...{ description: 'II', unit: 'mV', gain: 200, baseline: 1024, ...more },
  samples: Int16Array.from(samples),
});
const readBack = (record: WritableRecord) => {
  const { header, data, dataName } = writeWfdb(record);
  return readWfdb(parseWfdbHeader(header), (name) => (name === dataName ? data : undefined));
};

describe('a record that is written', () => {
  it('is of format 212 where 12 bits are enough', () => {
    const files = writeWfdb({
      name: 'r',
      rateMilliHz: 360_000,
      startTime: new Date('2026-03-01T08:00:00.250Z'),
      signals: [signal([0x123, 2047]), signal([-1, -32768], { description: 'V5' })],
      comments: ['one patient'],
    });
    expect(files.header).toBe(
      'r 2 360 2 08:00:00.250 01/03/2026\n' +
        'r.dat 212 200(1024)/mV 12 1024 291 2338 0 II\n' +
        'r.dat 212 200(1024)/mV 12 1024 -1 -2049 0 V5\n' +
        '# one patient\n',
    );
    expect([...files.data]).toEqual([0x23, 0xf1, 0xff, 0xff, 0x87, 0x00]);
    expect([files.headerName, files.dataName]).toEqual(['r.hea', 'r.dat']);
  });

  it('is of format 16 where one sample needs it', () => {
    const { header, data } = writeWfdb({
      name: 'r',
      rateMilliHz: 62_500,
      signals: [signal([2048, -32768, -32767], { gain: 0.5, baseline: -70_000 })],
    });
    expect(header).toBe('r 1 62.5 3\nr.dat 16 0.5(-70000)/mV 16 -70000 2048 2049 0 II\n');
    expect([...data]).toEqual([0x00, 0x08, 0x00, 0x80, 0x01, 0x80]);
  });

  it('is refused where a header could not state it', () => {
    const write = (more: Partial<WritableRecord>) => () =>
      writeWfdb({ name: 'r', rateMilliHz: 1000, signals: [signal([1])], ...more });
    expect(write({})).not.toThrow();
    for (const wrong of [
      { name: '../r' },
      { rateMilliHz: 0.5 },
      { signals: [] },
      { signals: [signal([])] },
      { signals: [signal([1]), signal([1, 2])] },
      { signals: [signal([1], { unit: 'm V' })] },
      { signals: [signal([1], { description: 'a\nb' })] },
      { signals: [signal([1], { gain: 0 })] },
      { signals: [signal([1], { baseline: 2 ** 31 })] },
    ]) {
      expect(write(wrong)).toThrow(RangeError);
    }
  });
});

describe('any record', () => {
  const leads = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V6'];
  const record = fc
    .record({
      top: fc.constantFrom(2047, 32767),
      count: fc.integer({ min: 1, max: 50 }),
      signalCount: fc.integer({ min: 1, max: leads.length }),
      rateMilliHz: fc.integer({ min: 2001, max: 100_000_000 }),
      startMs: fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: undefined }),
    })
    .chain(({ top, count, signalCount, ...rest }) =>
      fc.record({
        ...{ rateMilliHz: fc.constant(rest.rateMilliHz), startMs: fc.constant(rest.startMs) },
        signals: fc.tuple(
          ...leads.slice(0, signalCount).map((description) =>
            fc.record({
              description: fc.constant(description),
              unit: fc.constantFrom('mV', 'uV', 'NU'),
              gain: fc
                .double({ min: 1e-9, max: 1e12, noNaN: true })
                .chain((gain) => fc.constantFrom(gain, -gain)),
              baseline: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
              samples: fc
                .array(fc.oneof(fc.integer({ min: -top, max: top }), fc.constant(-32768)), {
                  minLength: count,
                  maxLength: count,
                })
                .filter((samples) => samples.some((sample) => sample !== -32768))
                .map((samples) => Int16Array.from(samples)),
            }),
          ),
        ),
      }),
    );

  it('is read back identically', () => {
    fc.assert(
      fc.property(record, ({ rateMilliHz, startMs, signals }) => {
        const startTime = startMs === undefined ? undefined : new Date(startMs);
        const again = readBack({ name: 'any-1', rateMilliHz, startTime, signals });
        expect(again.startTime).toEqual(startTime);
        expect(again.waveforms).toEqual(
          signals.map(({ description, unit, ...rest }) => ({
            channel: 'ecg',
            lead: description,
            unit: unit === 'NU' ? '1' : unit,
            sampleRateMilliHz: rateMilliHz,
            ...rest,
          })),
        );
        expect([again.ignored, again.notes]).toEqual([[], []]);
      }),
    );
  });
});

describe('the name of a channel', () => {
  it('in a header is understood again', () => {
    for (const { name } of WAVEFORMS) {
      for (const lead of name === 'ecg' ? LEADS : ['']) {
        expect(channelOfName(nameOfChannel(name, lead))).toMatchObject({ channel: name, lead });
      }
    }
  });
});

/** EDF and EDF+C: what is in a file, and every way one can be broken. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ecgSignal, edfBytes } from './edf.fixture.ts';
import type { EdfFixture } from './edf.fixture.ts';
import { readEdf, readEdfAnnotations } from './edf.ts';
import { FormatError } from './error.ts';

const read = (fixture: EdfFixture) => readEdf('r.edf', edfBytes(fixture));
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof FormatError) return error.code;
    throw error;
  }
  return 'read';
};
const plus = (...texts: string[]) => ({
  ...{ label: 'EDF Annotations', unit: '', range: ['-1', '1', '-32768', '32767'] as const },
  ...{ records: texts, size: 32 },
});

describe('an EDF file', () => {
  it('has channels with a rate, a range and a unit of their own', () => {
    const recording = read({
      signals: [
        ecgSignal(),
        ecgSignal({
          label: 'Resp chest',
          unit: '',
          size: 3,
          records: [
            [1, 2, 3],
            [4, 5, 6],
          ],
        }),
        ecgSignal({
          label: 'SpO2',
          unit: '%',
          size: 1,
          range: ['0', '100', '0', '1000'],
          records: [[970], [-32768]],
        }),
        ecgSignal({ label: 'EEG Fpz-Cz' }),
      ],
    });
    expect(recording.startTime?.toISOString()).toBe('2026-01-02T03:04:05.000Z');
    expect(recording.waveforms).toEqual([
      {
        ...{ channel: 'ecg', lead: 'II', unit: 'mV', sampleRateMilliHz: 4000 },
        ...{ gain: 10_000, baseline: 0, samples: Int16Array.of(0, 1, -1, 32767, 2, 3, 4, -32768) },
      },
      {
        ...{ channel: 'resp', lead: '', unit: '1', sampleRateMilliHz: 3000 },
        ...{ gain: 10_000, baseline: 0, samples: Int16Array.of(1, 2, 3, 4, 5, 6) },
      },
    ]);
    expect(recording.numerics.map(({ vital, values }) => [vital.name, [...values]])).toEqual([
      ['spo2', [97]],
    ]);
    expect(recording.ignored.map(({ name }) => name)).toEqual(['EEG Fpz-Cz']);
    expect(recording.notes).toEqual([
      'ECG II: 1 samples of -32768 taken as missing',
      'SpO2: 1 samples of -32768 taken as missing',
      'EEG Fpz-Cz: 1 samples of -32768 taken as missing',
      'Resp chest: no unit is stated; taken as 1',
    ]);
  });

  it('has a baseline where its range says, and says where none is whole', () => {
    const whole = read({ signals: [ecgSignal({ range: ['-15.36', '5.115', '-2048', '2047'] })] });
    expect(whole.waveforms[0]).toMatchObject({ gain: 200, baseline: 1024 });
    expect(whole.notes).toEqual(['ECG II: 1 samples of -32768 taken as missing']);
    const half = read({ signals: [ecgSignal({ range: ['-5', '5', '-2048', '2047'] })] });
    expect(half.waveforms[0]).toMatchObject({ gain: 409.5, baseline: 0 });
    expect(half.notes[0]).toMatch(/its zero lies between two steps/);
  });

  it('may count its records only by its length', () => {
    expect(read({ recordCount: '-1', signals: [ecgSignal()] }).waveforms[0]!.samples).toHaveLength(
      8,
    );
  });

  it('of 1 Hz has numbers, of 10 kHz waveforms, of 200 kHz nothing that is taken', () => {
    const fast = ecgSignal({ size: 10, records: [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]] });
    const kilo = read({ seconds: '0.001', signals: [fast] });
    expect(kilo.waveforms[0]!.sampleRateMilliHz).toBe(10_000_000);
    expect(read({ seconds: '0.00005', signals: [fast] }).ignored[0]!.reason).toMatch(/100000 Hz/);
    const slow = read({ signals: [ecgSignal({ size: 1, records: [[5], [6]] })] });
    expect(slow.ignored).toEqual([
      { name: 'ECG II', reason: 'no vital sign of this name at 1 Hz' },
    ]);
  });
});

describe('EDF+', () => {
  const words = plus(
    '+0.250\x14\x14\0+0.5\x151.5\x14Apnoea\x14\0',
    '+1.250\x14\x14\0-1\x14Lights off\x14and more\x14\0',
  );
  it('says things in words, and when its first second begins', () => {
    const fixture = { kind: 'EDF+C', signals: [ecgSignal(), words] };
    expect(read(fixture).startTime?.toISOString()).toBe('2026-01-02T03:04:05.250Z');
    expect(read(fixture).waveforms).toHaveLength(1);
    expect(readEdfAnnotations('r.edf', edfBytes(fixture))).toEqual([
      { onsetSeconds: 0.5, durationSeconds: 1.5, text: 'Apnoea' },
      { onsetSeconds: -1, durationSeconds: undefined, text: 'Lights off' },
      { onsetSeconds: -1, durationSeconds: undefined, text: 'and more' },
    ]);
  });

  it('that is interrupted, or broken in its words, is refused by name', () => {
    const code = (fixture: EdfFixture) =>
      codeOf(() => readEdfAnnotations('r.edf', edfBytes(fixture)));
    const kind = 'EDF+C';
    expect(code({ kind: 'EDF+D', signals: [ecgSignal(), words] })).toBe('unsupported-format');
    expect(code({ kind, signals: [ecgSignal(), plus('0.250\x14\x14\0', '')] })).toBe(
      'bad-annotation',
    );
    expect(code({ kind, signals: [ecgSignal(), plus('+0.250\x14open', '')] })).toBe(
      'bad-annotation',
    );
    expect(codeOf(() => read({ kind, seconds: '0', signals: [words] }))).toBe('empty');
  });
});

describe('a broken EDF file', () => {
  const good = edfBytes({ signals: [ecgSignal()] });
  const code = (bytes: Uint8Array) => codeOf(() => readEdf('r.edf', bytes));
  const withFields = (more: Partial<EdfFixture>) => edfBytes({ signals: [ecgSignal()], ...more });
  const withRange = (...range: [string, string, string, string]) =>
    edfBytes({ signals: [ecgSignal({ range })] });

  it('is told from a good one', () => expect(code(good)).toBe('read'));

  it.each([
    ['nothing', new Uint8Array(0), 'empty'],
    ['half a header', good.subarray(0, 200), 'truncated'],
    ['half of its signals', good.subarray(0, 400), 'truncated'],
    ['a byte too few', good.subarray(0, -1), 'truncated'],
    ['a byte too many', Uint8Array.of(...good, 0), 'too-long'],
    ['another version', withFields({ version: '1' }), 'unsupported-format'],
    ['24 bits', Uint8Array.of(0xff, ...good.subarray(1)), 'unsupported-format'],
    ['no signals', withFields({ signalCount: '0' }), 'empty'],
    ['a signal more than it has', withFields({ signalCount: '2' }), 'bad-header'],
    ['more signals than there are limits', withFields({ signalCount: '9999' }), 'too-large'],
    ['a word for a number', withFields({ signalCount: 'two' }), 'bad-header'],
    ['hexadecimal', withFields({ signalCount: '0x1' }), 'bad-header'],
    ['another header length', withFields({ headerBytes: '768' }), 'bad-header'],
    ['no records', withFields({ recordCount: '0' }), 'empty'],
    ['more records than it has', withFields({ recordCount: '99999999' }), 'truncated'],
    ['fewer records than it has', withFields({ recordCount: '1' }), 'too-long'],
    ['half a record', withFields({ recordCount: '1.5' }), 'bad-header'],
    ['records of no time', withFields({ seconds: '0' }), 'bad-header'],
    ['records of a negative time', withFields({ seconds: '-1' }), 'bad-header'],
    ['126 years', withFields({ seconds: '2.0e9' }), 'too-large'],
    ['a date that is none', withFields({ date: '31.02.26' }), 'bad-header'],
    ['a time that is none', withFields({ time: '25.00.00' }), 'bad-header'],
    ['a digital range of nothing', withRange('-1', '1', '5', '5'), 'bad-header'],
    ['a physical range of nothing', withRange('1', '1', '-5', '5'), 'bad-header'],
    ['a digital range of 17 bits', withRange('-1', '1', '-32769', '5'), 'bad-header'],
    ['a baseline beyond 32 bits', withRange('9999998', '9999999', '-32768', '32767'), 'bad-header'],
    [
      'missing samples alone',
      edfBytes({
        signals: [ecgSignal({ size: 1, seconds: 1, records: [[-32768]] } as object)],
        seconds: '0.1',
      }),
      'no-readings',
    ],
  ])('with %s is refused by name', (_what, bytes, expected) => expect(code(bytes)).toBe(expected));

  it('says which file, what was expected, and what was found', () => {
    expect(() => readEdf('r.edf', good.subarray(0, -1))).toThrow(
      'r.edf: expected 16 bytes of samples, got 15',
    );
  });

  it('of random or altered bytes is a recording or a FormatError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void code(bytes)));
    const words = plus('+0.250\x14\x14\0+0.5\x151.5\x14Apnoea\x14\0', '+1.25\x14\x14\0');
    const valid = edfBytes({ kind: 'EDF+C', signals: [ecgSignal(), words] });
    const flips = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(flips, fc.nat(valid.length), (changes, length) => {
        const bytes = valid.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        code(bytes);
        code(bytes.subarray(0, length));
        codeOf(() => readEdfAnnotations('r.edf', bytes));
      }),
      { numRuns: 1000 },
    );
  });
});

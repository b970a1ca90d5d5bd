/** Any record at all: written and read back, altered, or made of noise. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from './error.ts';
import type { Recording } from './recording.ts';
import { parseWfdbHeader } from './wfdb-header.ts';
import { readWfdb } from './wfdb.ts';

const read = (header: string, files: Record<string, number[] | Uint8Array>): Recording =>
  readWfdb(parseWfdbHeader(header), (name) =>
    files[name] === undefined ? undefined : Uint8Array.from(files[name]),
  );

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof FormatError) return error.code;
    throw error;
  }
  return 'read';
};

const samplesOf = (recording: Recording): number[][] =>
  recording.waveforms.map(({ samples }) => [...samples]);

/** The encoder is the test's own: straight from signal(5). */
function encode(format: 16 | 212, interleaved: readonly number[]): number[] {
  if (format === 16) return interleaved.flatMap((value) => [value & 255, (value >> 8) & 255]);
  const bytes: number[] = [];
  for (let i = 0; i < interleaved.length; i += 2) {
    const a = interleaved[i]! & 0xfff;
    const b = (interleaved[i + 1] ?? 0) & 0xfff;
    bytes.push(a & 255, (a >> 8) | ((b >> 8) << 4));
    if (i + 1 < interleaved.length) bytes.push(b & 255);
  }
  return bytes;
}

describe('any record', () => {
  const record = fc
    .record({
      format: fc.constantFrom(16 as const, 212 as const),
      signalCount: fc.integer({ min: 1, max: 6 }),
      sampleCount: fc.integer({ min: 1, max: 40 }),
      offset: fc.integer({ min: 0, max: 24 }),
    })
    .chain((shape) => {
      const top = shape.format === 16 ? 32767 : 2047;
      const count = shape.signalCount * shape.sampleCount;
      const sample = fc.integer({ min: -top - 1, max: top });
      return fc.record({
        shape: fc.constant(shape),
        interleaved: fc.array(sample, { minLength: count, maxLength: count }),
      });
    });

  const build = ({
    shape,
    interleaved,
  }: {
    shape: { format: 16 | 212; signalCount: number; sampleCount: number; offset: number };
    interleaved: number[];
  }) => {
    const columns = Array.from({ length: shape.signalCount }, (_, signal) =>
      interleaved.filter((_value, index) => index % shape.signalCount === signal),
    );
    const lines = columns.map((column, index) => {
      const sum = new Int16Array([column.reduce((a, b) => a + b, 0)])[0]!;
      const lead = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF'][index]!;
      return `r.dat ${shape.format}+${shape.offset} 200/mV 12 0 ${column[0]!} ${sum} 0 ${lead}`;
    });
    const header = [`r ${shape.signalCount} 360 ${shape.sampleCount}`, ...lines].join('\n');
    const body = [...new Array<number>(shape.offset).fill(7), ...encode(shape.format, interleaved)];
    return { columns, header, body };
  };

  it('reads back what was written', () => {
    fc.assert(
      fc.property(record, (drawn) => {
        const { columns, header, body } = build(drawn);
        const missing = drawn.shape.format === 16 ? -32768 : -2048;
        const expected = columns
          .map((column) => column.map((value) => (value === missing ? -32768 : value)))
          .filter((column) => column.some((value) => value !== -32768));
        fc.pre(expected.length > 0);
        expect(samplesOf(read(header, { 'r.dat': body }))).toEqual(expected);
      }),
    );
  });

  it('with one sample altered is never read as if nothing had happened', () => {
    fc.assert(
      fc.property(record, fc.nat(), fc.integer({ min: 1, max: 255 }), (drawn, at, flip) => {
        const { columns, header, body } = build(drawn);
        const index = drawn.shape.offset + (at % (body.length - drawn.shape.offset));
        body[index]! ^= flip;
        const altered = codeOf(() => read(header, { 'r.dat': body }));
        // One byte changes one or two samples by less than 2^16 each; in format 212 with one signal
        // the changes of two neighbours may cancel. And the last pair's spare bits belong to nobody.
        if (altered === 'read') {
          expect(drawn.shape.format).toBe(212);
          expect(columns.length === 1 || (columns.length * columns[0]!.length) % 2 === 1).toBe(
            true,
          );
        } else {
          expect(['checksum', 'initial-value']).toContain(altered);
        }
      }),
    );
  });

  it('of random bytes or a mutilated header yields a recording or a FormatError', () => {
    const total = (header: string, bytes: Uint8Array) =>
      codeOf(() => read(header, { 'r.dat': bytes }));
    const words = fc.array(
      fc.constantFrom(
        'r',
        '1',
        '2',
        '360',
        'r.dat',
        '16',
        '212',
        '200/mV',
        '0',
        '-1',
        '\n',
        'II',
        'HR',
        '#',
        '../',
        '1e9',
        '(',
        '/',
      ),
      { maxLength: 30 },
    );
    const bytes = fc.uint8Array({ maxLength: 64 });
    fc.assert(
      fc.property(fc.string(), bytes, (text, data) => void total(text, data)),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(words, bytes, (list, data) => void total(list.join(' '), data)),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(bytes, fc.constantFrom(16, 212), (data, format) => {
        expect(total(`r 1 360\nr.dat ${format} 200 12 0`, data)).toMatch(
          /^(read|empty|truncated)$/,
        );
      }),
    );
  });
});

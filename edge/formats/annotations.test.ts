/** Annotation files: literal bytes, published records, every way to break one, and a round trip. */
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBeat, readAnnotations, writeAnnotations } from './annotations.ts';
import type { Annotation } from './annotations.ts';
import { FormatError } from './error.ts';

const folder = new URL('../../../shared/data/ecg-mitbih/', import.meta.url);
const read = (...bytes: number[]): Annotation[] => readAnnotations(Uint8Array.from(bytes), 'r.atr');
const codeOf = (...bytes: number[]): string => {
  try {
    read(...bytes);
  } catch (error) {
    if (error instanceof FormatError) return error.code;
    throw error;
  }
  return 'read';
};

interface Expected {
  annotations: number;
  beats: number;
  bySymbol: Record<string, number>;
  rhythms: Record<string, number>;
  firstBeatSamples: number[];
  lastBeatSample: number;
}

describe('an annotation file', () => {
  it('begins with a rhythm and a beat, as record 100 does', () => {
    // 0x7012: code 28, 18 samples; 0xfc03: three bytes of text; 0x043b: code 1, 59 samples.
    const bytes = [0x12, 0x70, 0x03, 0xfc, 0x28, 0x4e, 0x00, 0x00, 0x3b, 0x04, 0x00, 0x00];
    expect(read(...bytes)).toEqual([
      { sample: 18, code: 28, symbol: '+', sub: 0, channel: 0, num: 0, aux: '(N' },
      { sample: 77, code: 1, symbol: 'N', sub: 0, channel: 0, num: 0, aux: '' },
    ]);
  });

  it('skips by 32 bits, high word first, and adds what the annotation says', () => {
    // SKIP 0x00012345 = 74565, then code 5 (V), 2 samples on.
    const bytes = [0x00, 0xec, 0x01, 0x00, 0x45, 0x23, 0x02, 0x14, 0x00, 0x00];
    expect(read(...bytes)).toMatchObject([{ sample: 74_567, symbol: 'V' }]);
  });

  it('keeps NUM and CHN for what follows, SUB for one annotation', () => {
    // N at 1; NUM 3, SUB −1 (255), CHN 2; N at 2; CHN 0 after a third.
    const bytes = [0x01, 0x04, 0x03, 0xf0, 0xff, 0xf4, 0x02, 0xf8];
    expect(read(...bytes, 0x01, 0x04, 0x01, 0x04, 0x00, 0xf8, 0x00, 0x00)).toMatchObject([
      { sample: 1, num: 3, sub: -1, channel: 2 },
      { sample: 2, num: 3, sub: 0, channel: 2 },
      { sample: 3, num: 3, sub: 0, channel: 0 },
    ]);
  });

  it('of two zero bytes has none; zeros behind the end are padding', () => {
    expect(read(0, 0)).toEqual([]);
    expect(read(0x01, 0x04, 0, 0, 0, 0)).toHaveLength(1);
  });

  it.each([
    ['nothing', [], 'empty'],
    ['half a word', [0x01], 'truncated'],
    ['no end mark', [0x01, 0x04], 'truncated'],
    ['half a skip', [0x00, 0xec, 0, 0], 'truncated'],
    ['text that is not there', [0x01, 0x04, 0x05, 0xfc, 0x28], 'truncated'],
    ['bytes behind the end', [0x01, 0x04, 0, 0, 1, 4], 'too-long'],
    ['text before an annotation', [0x02, 0xfc, 0x28, 0x4e, 0, 0], 'bad-annotation'],
    ['a code of 50', [0x01, 0xc8, 0, 0], 'bad-annotation'],
    ['a code of 0 that is no end', [0x01, 0x00, 0, 0], 'bad-annotation'],
    ['a time before the record', [0x00, 0xec, 0xff, 0xff, 0, 0, 1, 4, 0, 0], 'bad-annotation'],
    [
      'a time that falls',
      [0x05, 0x04, 0x00, 0xec, 0xff, 0xff, 0xfe, 0xff, 0x01, 0x04, 0, 0],
      'bad-annotation',
    ],
  ])('with %s is refused by name', (_what, bytes, code) => expect(codeOf(...bytes)).toBe(code));

  it('says which file, what was expected, and what was found', () => {
    expect(() => read(0x01, 0x04)).toThrow(
      'r.atr: expected an end mark, got the end of 2 bytes after 1 annotations',
    );
  });
});

describe('a beat', () => {
  it('is one of nineteen codes', () => {
    const beats = Array.from({ length: 64 }, (_, code) => code).filter(isBeat);
    expect(beats).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 25, 30, 34, 35, 38, 41]);
  });
});

describe.skipIf(!existsSync(folder))('MIT-BIH (skips without ../shared/data/ecg-mitbih)', () => {
  it.each(['100', '105', '119'])('record %s is what a second parser read', (record) => {
    const all = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as object;
    const expected = (all as Record<string, Expected>)[record]!;
    const bytes = new Uint8Array(readFileSync(new URL(`${record}.atr`, folder)));
    const annotations = readAnnotations(bytes, `${record}.atr`);
    const counts: Record<string, number> = {};
    for (const { symbol } of annotations) counts[symbol] = (counts[symbol] ?? 0) + 1;
    const rhythms: Record<string, number> = {};
    for (const { aux } of annotations) if (aux !== '') rhythms[aux] = (rhythms[aux] ?? 0) + 1;
    const beats = annotations.filter(({ code }) => isBeat(code)).map(({ sample }) => sample);
    expect(annotations).toHaveLength(expected.annotations);
    expect(beats).toHaveLength(expected.beats);
    expect(counts).toEqual(expected.bySymbol);
    expect(rhythms).toEqual(expected.rhythms);
    expect(beats.slice(0, 5)).toEqual(expected.firstBeatSamples);
    expect(beats.at(-1)).toBe(expected.lastBeatSample);
    expect(readAnnotations(writeAnnotations(annotations), 'again.atr')).toEqual(annotations);
  });
});

describe('any annotations', () => {
  const annotation = fc.record({
    gap: fc.oneof(fc.nat(1023), fc.nat(2 ** 24), fc.constantFrom(1023, 1024, 65_535, 65_536)),
    code: fc.integer({ min: 1, max: 41 }),
    sub: fc.integer({ min: -128, max: 127 }),
    num: fc.integer({ min: -128, max: 127 }),
    channel: fc.integer({ min: 0, max: 255 }),
    aux: fc
      .array(fc.integer({ min: 1, max: 255 }), { maxLength: 20 })
      .map((codes) => String.fromCharCode(...codes)),
  });
  const list = fc.array(annotation, { maxLength: 30 }).map((drawn) => {
    let sample = 0;
    return drawn.map(({ gap, ...rest }) => ({ sample: (sample += gap), ...rest, symbol: '' }));
  });

  it('are read back as they were written', () => {
    fc.assert(
      fc.property(list, (annotations) => {
        const again = readAnnotations(writeAnnotations(annotations), 'r.atr');
        expect(again.map((each) => ({ ...each, symbol: '' }))).toEqual(annotations);
      }),
    );
  });

  it('span the largest gap there can be', () => {
    const at = (sample: number): Annotation => ({
      ...{ sample, code: 1, symbol: 'N', sub: 0, channel: 0, num: 0, aux: '' },
    });
    const far = [at(0), at(2 ** 31)];
    expect(readAnnotations(writeAnnotations(far), 'r.atr')).toEqual(far);
    expect(() => writeAnnotations([at(5), at(4)])).toThrow(RangeError);
    expect(() => writeAnnotations([{ ...at(5), code: 59 }])).toThrow(RangeError);
    expect(() => writeAnnotations([{ ...at(5), aux: '€' }])).toThrow(RangeError);
  });

  it('of random or altered bytes are annotations or a FormatError', () => {
    const total = (bytes: Uint8Array): void => void codeOf(...bytes);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), total), { numRuns: 2000 });
    fc.assert(
      fc.property(list, fc.nat(), fc.nat(255), (annotations, at, byte) => {
        const bytes = writeAnnotations(annotations);
        bytes[at % bytes.length] = byte;
        total(bytes);
        total(bytes.subarray(0, at % bytes.length));
      }),
    );
  });
});

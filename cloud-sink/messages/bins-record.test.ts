import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '@vitalshare/edge/seal';
import { decodeMaskedBins, encodeMaskedBins } from './bins-record.ts';
import { RecordError } from './record-error.ts';
import { elements } from './sample.fixture.ts';

// PROTOCOL.md, section 2, byte by byte: 1,700,000,100 s is 300 · 5,666,667.
const HEAD = '07000000' + '0900000000000000' + '01' + '64f15365' + '2c01' + '02';
const COUNTS = '0100000000000000' + 'feffffffffffff1f';
const RECORD = HEAD + COUNTS;

function faultOf(hex: string): string {
  try {
    decodeMaskedBins(fromHex(hex));
  } catch (error) {
    if (error instanceof RecordError) return error.code;
    throw error;
  }
  return 'none';
}

const maskedBins = fc.integer({ min: 1, max: 40 }).chain((bins) =>
  fc.record({
    stay: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    counter: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    vital: fc.integer({ min: 0, max: 255 }),
    window: fc.integer({ min: 0, max: 14_316_557 }).map((number) => 300 * number),
    readings: fc.integer({ min: 1, max: 300 }),
    masked: elements(bins),
  }),
);

describe('a bins record', () => {
  it('decodes from the bytes of the specification [PROTO-35]', () => {
    const { masked, ...head } = decodeMaskedBins(fromHex(RECORD));
    expect(head).toEqual({ stay: 7, counter: 9, vital: 1, window: 1_700_000_100, readings: 300 });
    // p − 1 is all ones but the lowest bit, in words of 31 and 30 bits.
    expect([...masked]).toEqual([1, 0, 0x7ffffffe, 0x3fffffff]);
  });

  it('encodes to the bytes of the specification', () => {
    expect(toHex(encodeMaskedBins(decodeMaskedBins(fromHex(RECORD))))).toBe(RECORD);
  });

  it('mirrors', () => {
    fc.assert(
      fc.property(maskedBins, (bins) => {
        expect(decodeMaskedBins(encodeMaskedBins(bins))).toEqual(bins);
      }),
    );
  });

  it('is refused cut anywhere, or with a byte behind it', () => {
    for (let length = 0; length < RECORD.length; length += 2) {
      expect(faultOf(RECORD.slice(0, length))).toBe('short');
    }
    expect(faultOf(RECORD + '00')).toBe('short');
  });

  it.each([
    ['a counter of 0', RECORD.replace('0900000000000000', '0000000000000000'), 'range'],
    ['a counter beyond 53 bits', RECORD.replace('0900000000000000', '0000000000002000'), 'short'],
    ['a window inside five minutes', RECORD.replace('64f15365', '65f15365'), 'range'],
    ['the last window of all', RECORD.replace('64f15365', '3cffffff'), 'none'],
    ['no readings', RECORD.replace('2c01', '0000'), 'range'],
    ['301 readings', RECORD.replace('2c01', '2d01'), 'range'],
    ['no bins', HEAD.replace(/02$/, '00'), 'range'],
    ['41 bins', HEAD.replace(/02$/, '29') + '00'.repeat(8 * 41), 'range'],
    ['40 bins', HEAD.replace(/02$/, '28') + '00'.repeat(8 * 40), 'none'],
    ['a word of p [S6]', RECORD.replace('feffffffffffff1f', 'ffffffffffffff1f'), 'element'],
    ['a word of 2^61', RECORD.replace('feffffffffffff1f', '0000000000000020'), 'element'],
  ])('with %s ends as it must', (_name, hex, fault) => {
    expect(hex === RECORD ? 'unchanged' : faultOf(hex)).toBe(fault);
  });

  it('yields a record or a RecordError from any bytes, and every record spells itself', () => {
    const flip = fc.tuple(fc.nat(RECORD.length / 2 - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.array(flip, { maxLength: 3 })), (input) => {
        const bytes = input instanceof Uint8Array ? new Uint8Array(input) : fromHex(RECORD);
        if (!(input instanceof Uint8Array)) for (const [at, bits] of input) bytes[at]! ^= bits;
        try {
          expect(encodeMaskedBins(decodeMaskedBins(bytes))).toEqual(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RecordError);
        }
      }),
    );
  });
});

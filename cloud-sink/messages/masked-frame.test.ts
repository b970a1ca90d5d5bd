import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '@vitalshare/edge/seal';
import {
  columnHeader,
  decodeColumnHeader,
  decodeMaskedFrame,
  decodeSegmentHeader,
  encodeMaskedFrame,
  segmentHeader,
} from './masked-frame.ts';
import { RecordError } from './record-error.ts';
import { maskedFrame } from './sample.fixture.ts';

// PROTOCOL.md, section 2, byte by byte.
const HEAD = '07000000' + '0900000000000000' + '00112233445566778899aabbccddeeff';
const COLUMN_HEADER = '01' + '00f15365' + '0300' + '05';
const VALUES = '0100000000000000' + 'feffffffffffff1f';
const COMMITMENT = 'c0c1c2c3c4c5c6c7c8c9cacbcccdcecf';
const SEGMENT_HEADER =
  '40' + '02' + '01' + '00401e18240a0600' + '90d00300' + '0000000000006940' + 'feffffff' + '0100';
const FRAME =
  HEAD +
  '01' +
  COLUMN_HEADER +
  VALUES +
  COMMITMENT +
  '01' +
  '0000' +
  '0200000000000000' +
  '0300000000000000' +
  '01' +
  SEGMENT_HEADER +
  'deadbeef' +
  COMMITMENT;

function faultOf(hex: string): string {
  try {
    decodeMaskedFrame(fromHex(hex));
  } catch (error) {
    if (error instanceof RecordError) return error.code;
    throw error;
  }
  return 'none';
}

describe('a masked frame', () => {
  it('decodes from the bytes of the specification', () => {
    const frame = decodeMaskedFrame(fromHex(FRAME));
    expect(frame).toMatchObject({
      stay: 7,
      counter: 9,
      columns: [{ vital: 1, start: 1_700_000_000, rows: 3, presence: Uint8Array.of(5) }],
      products: [{ a: 0, b: 0 }],
      segments: [
        {
          channel: 64,
          lead: 2,
          unit: 1,
          startMicros: 1_700_000_000_000_000,
          rateMilliHz: 250_000,
          gain: 200,
          baseline: -2,
          count: 1,
        },
      ],
    });
    // p − 1 is all ones but the lowest bit, in words of 31 and 30 bits.
    expect([...frame.columns[0]!.masked]).toEqual([1, 0, 0x7ffffffe, 0x3fffffff]);
    expect(toHex(frame.segments[0]!.masked)).toBe('deadbeef');
  });

  it('encodes to the bytes of the specification, its headers being its own bytes [PROTO-7]', () => {
    const frame = decodeMaskedFrame(fromHex(FRAME));
    expect(toHex(encodeMaskedFrame(frame))).toBe(FRAME);
    expect(toHex(columnHeader(frame.columns[0]!))).toBe(COLUMN_HEADER);
    expect(toHex(segmentHeader(frame.segments[0]!))).toBe(SEGMENT_HEADER);
  });

  it('mirrors', () => {
    fc.assert(
      fc.property(maskedFrame, (frame) => {
        const bytes = encodeMaskedFrame(frame);
        expect(decodeMaskedFrame(bytes)).toEqual(frame);
        for (const column of frame.columns) {
          expect(columnHeader(decodeColumnHeader(columnHeader(column)))).toEqual(
            columnHeader(column),
          );
        }
        for (const segment of frame.segments) {
          expect(segmentHeader(decodeSegmentHeader(segmentHeader(segment)))).toEqual(
            segmentHeader(segment),
          );
        }
      }),
    );
  });

  it('is refused cut anywhere, or with a byte behind it', () => {
    for (let length = 0; length < FRAME.length; length += 2) {
      expect(faultOf(FRAME.slice(0, length))).toBe('short');
    }
    expect(faultOf(FRAME + '00')).toBe('short');
  });

  it.each([
    ['a counter of 0', FRAME.replace('0900000000000000', '0000000000000000'), 'range'],
    ['a counter beyond 53 bits', FRAME.replace('0900000000000000', '0000000000002000'), 'short'],
    ['no rows', FRAME.replace('0300' + '05', '0000' + '05'), 'range'],
    ['3,601 rows', FRAME.replace('0300' + '05', '110e' + '05'), 'range'],
    ['an unused presence bit', FRAME.replace('0300' + '05', '0300' + '0d'), 'range'],
    ['a column behind second 2^32', FRAME.replace('00f15365', 'fdffffff'), 'none'],
    ['a column behind second 2^32 by one', FRAME.replace('00f15365', 'feffffff'), 'range'],
    ['a word of p [S6]', FRAME.replace('feffffffffffff1f', 'ffffffffffffff1f'), 'element'],
    ['a word of 2^61', FRAME.replace('feffffffffffff1f', '0000000000000020'), 'element'],
    [
      'a product of a column that is not there',
      FRAME.replace(COMMITMENT + '010000', COMMITMENT + '010001'),
      'range',
    ],
    ['a rate of 0', FRAME.replace('90d00300', '00000000'), 'range'],
    ['a gain of 0', FRAME.replace('0000000000006940', '0000000000000000'), 'range'],
    ['a gain that is no number', FRAME.replace('0000000000006940', '000000000000f87f'), 'range'],
    ['no samples', FRAME.replace('feffffff' + '0100', 'feffffff' + '0000'), 'range'],
  ])('with %s ends as it must', (_name, hex, fault) => {
    expect(hex === FRAME ? 'unchanged' : faultOf(hex)).toBe(fault);
  });

  it('is refused with a vital sign twice, or products that do not rise', () => {
    const column = COLUMN_HEADER + VALUES + COMMITMENT;
    const other = '02' + column.slice(2);
    expect(faultOf(HEAD + '02' + column + column + '0000')).toBe('range');
    expect(faultOf(HEAD + '02' + column + other + '0000')).toBe('none');
    const product = (pair: string) => pair + VALUES;
    const both = HEAD + '02' + column + other + '02';
    expect(faultOf(both + product('0001') + product('0101') + '00')).toBe('none');
    expect(faultOf(both + product('0101') + product('0001') + '00')).toBe('range');
    expect(faultOf(both + product('0001') + product('0001') + '00')).toBe('range');
    expect(faultOf(both + product('0100') + product('0101') + '00')).toBe('range');
  });

  it('yields a frame or a RecordError from any bytes, and every frame spells itself', () => {
    const flip = fc.tuple(fc.nat(FRAME.length / 2 - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.array(flip, { maxLength: 3 })), (input) => {
        const bytes = input instanceof Uint8Array ? new Uint8Array(input) : fromHex(FRAME);
        if (!(input instanceof Uint8Array)) for (const [at, bits] of input) bytes[at]! ^= bits;
        try {
          expect(encodeMaskedFrame(decodeMaskedFrame(bytes))).toEqual(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RecordError);
        }
      }),
    );
  });
});

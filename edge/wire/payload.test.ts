import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEADS, VITALS, WAVEFORM_UNITS, WAVEFORMS } from '../vital/vital.ts';
import { fromHex, toHex } from '../seal/bytes.ts';
import { frameOf, isBad, payloadVectors } from './vectors.fixture.ts';
import {
  decodePayload,
  encodePayload,
  numericColumn,
  QUALITY_UNKNOWN,
  RESET_CAUSES,
  WireError,
  type Frame,
} from './wire.ts';

const good = payloadVectors().filter((vector) => !isBad(vector));
const bad = payloadVectors().filter(isBad);

/** What decoding these bytes threw; fails the test if it threw nothing or anything else. */
function refusal(payload: Uint8Array): WireError {
  try {
    decodePayload(payload);
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

describe('a payload decodes', () => {
  it.each(good)('$name', ({ payload, frame }) => {
    expect(decodePayload(fromHex(payload))).toEqual(frameOf(frame!));
  });

  it('from the middle of a larger buffer, and keeps nothing of it', () => {
    const { payload, frame } = good.find(({ name }) => name === 'everything')!;
    const larger = new Uint8Array(payload.length);
    larger.set(fromHex(payload), 3);
    const decoded = decodePayload(larger.subarray(3, 3 + payload.length / 2));
    larger.fill(0xff);
    expect(decoded).toEqual(frameOf(frame!));
  });
});

describe('a payload encodes', () => {
  it.each(good.filter(({ notCanonical }) => !notCanonical))('$name', ({ payload, frame }) => {
    expect(toHex(encodePayload(frameOf(frame!)))).toBe(payload);
  });
});

describe('a payload is refused [WIRE-8] [WIRE-9] [WIRE-10] [WIRE-11]', () => {
  it.each(bad)('$name', ({ payload, code, position }) => {
    const { code: got, position: at } = refusal(fromHex(payload));
    expect({ code: got, position: at }).toEqual({ code, position });
  });

  it('without quoting a reading', () => {
    for (const { payload } of bad)
      expect(refusal(fromHex(payload)).message).not.toMatch(/got -?\d{4}/);
  });

  it('at 65,509 bytes and not at 65,508 [WIRE-5]', () => {
    const column = numericColumn('spo2', 0, Array<number>(3_600).fill(97)); // 14,861 bytes
    const columns = VITALS.slice(0, 4).map((vital) => ({ ...column, vital }));
    const rest = 65_508 - 10 - 4 * 14_861;
    const samples = (rest - 3 - 31) / 2;
    expect(samples).toBe(3_010);
    const segment = segmentOf(samples);
    const frame = { deviceTimeUs: 0, columns, segments: [segment], events: [] };
    const full = encodePayload(frame);
    expect(full).toHaveLength(65_508);
    expect(decodePayload(full)).toEqual(frame);
    expect(refusal(new Uint8Array(65_509)).code).toBe('malformed');
    expect(() => encodePayload({ ...frame, segments: [segmentOf(samples + 1)] })).toThrow(
      RangeError,
    );
  });
});

describe('a payload byte by byte', () => {
  it.each(good)(
    '$name: every prefix is refused, or ends between two blocks [WIRE-11]',
    (vector) => {
      const payload = fromHex(vector.payload);
      const ends = blockEnds(payload);
      for (let length = 0; length < payload.length; length++) {
        const prefix = payload.subarray(0, length);
        if (ends.has(length))
          expect(decodePayload(prefix).deviceTimeUs).toBe(vector.frame!.deviceTimeUs);
        else expect(refusal(prefix).code, `${length} bytes`).toBe('malformed');
      }
    },
  );
});

describe('a frame that has no bytes', () => {
  const frame = frameOf(good.find(({ name }) => name === 'everything')!.frame!);
  const column = frame.columns[0]!;
  const segment = frame.segments[0]!;
  const status = frame.status!;
  const wrong: Record<string, Frame> = {
    'a negative time': { ...frame, deviceTimeUs: -1 },
    'a fraction of a microsecond': { ...frame, deviceTimeUs: 0.5 },
    'a boot time beyond 2255': { ...frame, bootTimeMs: 9_007_199_254_741 },
    'a vital sign twice': { ...frame, columns: [column, column] },
    '65 blocks': { ...frame, events: Array(65).fill(frame.events[0]!) },
    'no rows': { ...frame, columns: [{ ...column, rowCount: 0, presence: new Uint8Array(0) }] },
    'presence too short': { ...frame, columns: [{ ...column, rowCount: 9 }] },
    'an unused bit': { ...frame, columns: [{ ...column, presence: Uint8Array.of(3) }] },
    'a value too few': { ...frame, columns: [{ ...column, values: new Int32Array(0) }] },
    'five bars': { ...frame, columns: [{ ...column, quality: 5 }] },
    '32,001 samples': { ...frame, segments: [{ ...segment, samples: new Int16Array(32_001) }] },
    'no samples': { ...frame, segments: [{ ...segment, samples: new Int16Array(0) }] },
    'gain 0': { ...frame, segments: [{ ...segment, gain: 0 }] },
    'rate 0': { ...frame, segments: [{ ...segment, rateMilliHz: 0 }] },
    '101 %': { ...frame, status: { ...status, batteryPercent: 101 } },
    '-128 dBm': { ...frame, status: { ...status, linkDbm: -128 } },
    'firmware of two lines': { ...frame, status: { ...status, firmware: 'a\nb' } },
    'firmware of 256 characters': { ...frame, status: { ...status, firmware: 'x'.repeat(256) } },
  };
  it.each(Object.entries(wrong))('%s is a RangeError', (_name, broken) => {
    expect(() => encodePayload(broken)).toThrow(RangeError);
  });
});

describe('any payload', () => {
  it('mirrors: decode(encode(frame)) is the frame', () => {
    fc.assert(
      fc.property(frames(), (frame) => {
        expect(decodePayload(encodePayload(frame))).toEqual(frame);
      }),
    );
  });

  it('of random bytes is a frame or a WireError', () => {
    const start = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    const bytes = fc.uint8Array({ maxLength: 200 });
    const typed = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 4 }), fc.uint8Array({ maxLength: 40 })),
    );
    const blocks = typed.map((some) =>
      some.flatMap(([type, body]) => [type, body.length, 0, ...body]),
    );
    const begun = fc.oneof(bytes, blocks).map((rest) => Uint8Array.from([...start, ...rest]));
    fc.assert(
      fc.property(fc.oneof(bytes, begun), (payload) => {
        try {
          expect(decodePayload(payload).events).toBeInstanceOf(Array);
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
          expect(error.position).toBeLessThanOrEqual(payload.length);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('with one bit flipped is a frame or a WireError', () => {
    for (const vector of good) {
      const payload = fromHex(vector.payload);
      for (let bit = 0; bit < 8 * payload.length; bit++) {
        const flipped = payload.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        try {
          decodePayload(flipped);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }
    }
  });
});

function segmentOf(count: number): Frame['segments'][number] {
  return {
    ...{ waveform: WAVEFORMS[0]!, lead: 'II', unit: 'mV', leadOff: false, saturated: false },
    ...{ quality: 4, startUs: 0, rateMilliHz: 1, gain: 1, baseline: 0 },
    samples: new Int16Array(count),
  };
}

/** Lengths at which a payload may end: after its head and after each block. */
function blockEnds(payload: Uint8Array): Set<number> {
  let at = payload[1] === 1 ? 18 : 10;
  const ends = new Set([at]);
  while (at < payload.length) {
    at += 3 + payload[at + 1]! + 256 * payload[at + 2]!;
    ends.add(at);
  }
  return ends;
}

function frames(): fc.Arbitrary<Frame> {
  const time = fc.nat(Number.MAX_SAFE_INTEGER);
  const quality = fc.constantFrom(0, 1, 2, 3, 4, QUALITY_UNKNOWN);
  const row = fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
  const column = fc
    .record({
      vital: fc.constantFrom(...VITALS),
      quality,
      startSecond: fc.nat(2 ** 32 - 1),
      rows: fc.array(row, { minLength: 1, maxLength: 40 }),
    })
    .map(({ vital, rows, ...rest }) =>
      frameOf({
        ...{ deviceTimeUs: 0, segments: [], events: [] },
        columns: [{ vital: vital.name, rows, ...rest }],
      }),
    )
    .map(({ columns }) => columns[0]!);
  const segment = fc.record({
    waveform: fc.constantFrom(...WAVEFORMS),
    lead: fc.constantFrom(...LEADS),
    unit: fc.constantFrom(...WAVEFORM_UNITS),
    ...{ leadOff: fc.boolean(), saturated: fc.boolean(), quality, startUs: time },
    rateMilliHz: fc.integer({ min: 1, max: 100_000_000 }),
    gain: fc.double({ noDefaultInfinity: true, noNaN: true }).filter((gain) => gain !== 0),
    baseline: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    samples: fc.int16Array({ minLength: 1, maxLength: 40 }),
  });
  const status = fc.record({
    batteryPercent: fc.option(fc.nat(100)),
    linkDbm: fc.option(fc.integer({ min: -127, max: 127 })),
    bufferedFrames: fc.nat(2 ** 32 - 1),
    resetCause: fc.constantFrom(...RESET_CAUSES),
    firmware: fc.string({ unit: 'grapheme-ascii', maxLength: 255 }),
  });
  const event = fc.record({ name: fc.constant('nurse-call' as const), atUs: time });
  const bootTimeMs = fc.integer({ min: -9_007_199_254_740, max: 9_007_199_254_740 });
  return fc.record(
    {
      ...{ deviceTimeUs: time, bootTimeMs, status },
      columns: fc.uniqueArray(column, { selector: ({ vital }) => vital.code, maxLength: 10 }),
      segments: fc.array(segment, { maxLength: 5 }),
      events: fc.array(event, { maxLength: 5 }),
    },
    { requiredKeys: ['deviceTimeUs', 'columns', 'segments', 'events'] },
  );
}

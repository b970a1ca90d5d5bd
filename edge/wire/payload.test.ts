import { describe, expect, it } from 'vitest';
import { decodePayload, encodePayload, numericColumn } from './wire.ts';

describe('a payload', () => {
  it('of one heart rate is these bytes', () => {
    const frame = {
      deviceTimeUs: 5_000_000,
      columns: [numericColumn('heart-rate', 4, [72.3], 4)],
      segments: [],
      events: [],
    };
    // prettier-ignore
    const bytes = Uint8Array.from([
      1, 0, 0x40, 0x4b, 0x4c, 0, 0, 0, 0, 0, // version, flags, 5,000,000 µs
      1, 13, 0, 1, 4, 4, 0, 0, 0, 1, 0, 0x01, 0xd3, 0x02, 0, 0, // column of 13 bytes: 723 tenths
    ]);
    expect(encodePayload(frame)).toEqual(bytes);
    expect(decodePayload(bytes)).toEqual(frame);
  });
});

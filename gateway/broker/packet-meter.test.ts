import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketMeter } from './packet-meter.ts';

/** Remaining lengths as MQTT 3.1.1 table 2.4 spells them. */
const spell = (length: number): number[] => {
  const bytes: number[] = [];
  do {
    bytes.push((length % 128) | (length >= 128 ? 0x80 : 0));
    length = Math.floor(length / 128);
  } while (length > 0);
  return bytes;
};

const packet = (length: number): Uint8Array => {
  const bytes = new Uint8Array(1 + spell(length).length + length).fill(0xff);
  bytes.set([0x32, ...spell(length)]);
  return bytes;
};

describe('the packet meter', () => {
  it('knows the lengths of MQTT 3.1.1 table 2.4', () => {
    expect(new PacketMeter(127).accepts(Uint8Array.of(0x30, 0x7f))).toBe(true);
    expect(new PacketMeter(127).accepts(Uint8Array.of(0x30, 0x80, 0x01))).toBe(false); // 128
    expect(new PacketMeter(16_383).accepts(Uint8Array.of(0x30, 0xff, 0x7f))).toBe(true);
    expect(new PacketMeter(16_383).accepts(Uint8Array.of(0x30, 0x80, 0x80, 0x01))).toBe(false);
    expect(new PacketMeter(2 ** 28).accepts(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f))).toBe(
      true, // 268,435,455
    );
  });

  it('refuses a length of five bytes', () => {
    const five = Uint8Array.of(0x30, 0x80, 0x80, 0x80, 0x80, 0x00);
    expect(new PacketMeter(2 ** 30).accepts(five)).toBe(false);
  });

  it('refuses by the claim alone, before the bytes come', () => {
    expect(new PacketMeter(65_792).accepts(Uint8Array.of(0x32, 0xff, 0xff, 0xff, 0x7f))).toBe(
      false,
    );
  });

  it('says the same however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 60 }),
        (lengths, cuts) => {
          const limit = 300;
          const all = Uint8Array.from(lengths.flatMap((length) => [...packet(length)]));
          const meter = new PacketMeter(limit);
          let fits = true;
          for (let at = 0, i = 0; at < all.length && fits; i++) {
            const cut = cuts[i % cuts.length]!;
            fits = meter.accepts(all.subarray(at, at + cut));
            at += cut;
          }
          expect(fits).toBe(lengths.every((length) => length <= limit));
        },
      ),
    );
  });

  it('takes a raised limit from the next packet on', () => {
    const meter = new PacketMeter(10);
    expect(meter.accepts(packet(10))).toBe(true);
    meter.raiseLimit(200);
    expect(meter.accepts(packet(200))).toBe(true);
  });
});

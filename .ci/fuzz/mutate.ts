/**
 * What is done to valid bytes before a decoder gets them.
 *
 *   flip, set       bits and bytes                cut, extend, drop, repeat    lengths
 *   extreme         a number of 1 to 8 bytes at an edge of its range, either byte order
 *   splice          the head of one sample on the tail of another
 *   text            broken UTF-8, NUL, escapes, a turned writing direction
 *
 * One case is one to four of these, now and then bytes that were never valid.
 */
import type { Random } from './random.ts';

export type Mutate = (random: Random, sample: Uint8Array, other: Uint8Array) => Uint8Array;

/** Longer cases would only measure the copying. */
export const CASE_BYTES_MAX = 1 << 17;

/** Lone continuation, overlong slash, surrogate, beyond U+10FFFF, NUL, escape, RTL override, BOM. */
const TEXTS = [
  [0x80],
  [0xc0, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0x00],
  [0x1b, 0x5b, 0x32, 0x4a],
  [0xe2, 0x80, 0xae],
  [0xef, 0xbb, 0xbf],
  [0x0d, 0x0a],
];
/** Edges of u8, i8, u16, i16, u32, i32, 2^53 and f64 that is not a number, as 64-bit patterns. */
const EXTREMES = [
  ...[0n, 1n, 0x7fn, 0x80n, 0xffn, 0x100n, 0x7fffn, 0x8000n, 0xffffn, 0x1_0000n],
  ...[0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n],
  ...[
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 53n + 1n,
    2n ** 61n - 1n,
    2n ** 61n,
    2n ** 63n,
    2n ** 64n - 1n,
  ],
  ...[0x7ff8_0000_0000_0000n, 0x7ff0_0000_0000_0000n, -1n, -(2n ** 31n), -(2n ** 53n)],
];

const MUTATIONS: readonly Mutate[] = [
  (random, bytes) => {
    const out = bytes.slice();
    if (out.length > 0) out[random.below(out.length)]! ^= 1 << random.below(8);
    return out;
  },
  (random, bytes) => {
    const out = bytes.slice();
    if (out.length > 0)
      out[random.below(out.length)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.u32()]);
    return out;
  },
  (random, bytes) => bytes.slice(0, random.below(bytes.length + 1)),
  (random, bytes) => joined(bytes, random.bytes(1 + random.below(random.chance(50) ? 5_000 : 40))),
  (random, bytes) => {
    const from = random.below(bytes.length + 1);
    return joined(bytes.subarray(0, from), bytes.subarray(from + 1 + random.below(16)));
  },
  (random, bytes) => {
    const from = random.below(bytes.length + 1);
    const part = bytes.subarray(from, from + 1 + random.below(random.chance(20) ? 4_000 : 32));
    return joined(bytes.subarray(0, from), part, part, bytes.subarray(from + part.length));
  },
  extreme,
  extreme,
  (random, bytes, other) =>
    joined(
      bytes.subarray(0, random.below(bytes.length + 1)),
      other.subarray(random.below(other.length + 1)),
    ),
  (random, bytes) => {
    const at = random.below(bytes.length + 1);
    const text = Uint8Array.from(random.pick(TEXTS));
    return joined(
      bytes.subarray(0, at),
      text,
      bytes.subarray(at + (random.chance(2) ? text.length : 0)),
    );
  },
];

/** A number field, wherever it may be, at the edge of a range. */
function extreme(random: Random, bytes: Uint8Array): Uint8Array {
  const size = random.pick([1, 2, 4, 8]);
  if (bytes.length < size) return bytes;
  const out = bytes.slice();
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  // Headers are where lengths and counts stand.
  const reach = random.chance(2) ? Math.min(out.length, 80) : out.length;
  const at = random.below(Math.max(1, reach - size + 1));
  const value = BigInt.asUintN(8 * size, random.pick(EXTREMES));
  const isLittle = !random.chance(4);
  if (size === 1) view.setUint8(at, Number(value));
  else if (size === 2) view.setUint16(at, Number(value), isLittle);
  else if (size === 4) view.setUint32(at, Number(value), isLittle);
  else view.setBigUint64(at, value, isLittle);
  return out;
}

export const mutateBytes: Mutate = (random, sample, other) => {
  if (random.chance(50)) return random.bytes(random.below(random.chance(10) ? 4_096 : 200));
  let bytes = sample;
  for (let count = 1 + random.below(4); count > 0; count--) {
    bytes = random.pick(MUTATIONS)(random, bytes, other);
  }
  return bytes.length > CASE_BYTES_MAX ? bytes.slice(0, CASE_BYTES_MAX) : bytes;
};

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

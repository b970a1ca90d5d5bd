/**
 * WFDB sample storage: bytes to interleaved 16-bit samples, exactly as stored.
 *
 *   212   b0        b1          b2          two samples of 12 bits, two's complement
 *         s0 low    s1 hi|s0 hi s1 low      −2048 is a missing sample
 *   16    low high                          one sample of 16 bits; −32768 is a missing sample
 *   80    s0 + 128                          one sample of 8 bits; −128 is a missing sample
 *
 * Samples of the signals that share a file alternate. Source: WFDB Applications Guide, signal(5).
 */
import { MISSING_SAMPLE } from '../vital/vital.ts';
import type { WfdbFormat } from './wfdb-header.ts';

/** The stored value that means "no sample". */
export const MISSING_STORED: Readonly<Record<WfdbFormat, number>> = {
  16: MISSING_SAMPLE,
  80: -128,
  212: -2048,
};

/** Bits that one sample takes. */
const BITS: Readonly<Record<WfdbFormat, number>> = { 16: 16, 80: 8, 212: 12 };

/** Bytes that `count` samples take; with an odd count, format 212 leaves the last byte out. */
export const bytesOfSamples = (format: WfdbFormat, count: number): number =>
  Math.ceil((BITS[format] * count) / 8);

/** Samples that `byteLength` bytes hold when no header says how many; undefined: none fits. */
export function samplesInBytes(format: WfdbFormat, byteLength: number): number | undefined {
  const count = Math.floor((byteLength * 8) / BITS[format]);
  return bytesOfSamples(format, count) === byteLength ? count : undefined;
}

/** The caller has checked that `bytes` holds `bytesOfSamples(format, count)`. */
export function decodeSamples(format: WfdbFormat, bytes: Uint8Array, count: number): Int16Array {
  if (format === 16) return decode16(bytes, count);
  return format === 212 ? decode212(bytes, count) : decode80(bytes, count);
}

/** The mirror; samples as stored. Format 80 is only read: nothing here has 8 bits. */
export function encodeSamples(format: 16 | 212, samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(bytesOfSamples(format, samples.length));
  if (format === 16) {
    samples.forEach((sample, i) => {
      bytes[2 * i] = sample;
      bytes[2 * i + 1] = sample >> 8;
    });
    return bytes;
  }
  for (let i = 0, at = 0; i < samples.length; i += 2, at += 3) {
    const first = samples[i]!;
    const second = samples[i + 1] ?? 0;
    bytes[at] = first;
    bytes[at + 1] = ((first >> 8) & 0x0f) | ((second >> 4) & 0xf0);
    if (i + 1 < samples.length) bytes[at + 2] = second;
  }
  return bytes;
}

function decode16(bytes: Uint8Array, count: number): Int16Array {
  const samples = new Int16Array(count);
  for (let i = 0; i < count; i++) samples[i] = bytes[2 * i]! | (bytes[2 * i + 1]! << 8);
  return samples;
}

const decode80 = (bytes: Uint8Array, count: number): Int16Array =>
  Int16Array.from(bytes.subarray(0, count), (byte) => byte - 128);

function decode212(bytes: Uint8Array, count: number): Int16Array {
  const samples = new Int16Array(count);
  for (let i = 0, at = 0; i < count; i += 2, at += 3) {
    const middle = bytes[at + 1]!;
    samples[i] = signed12(bytes[at]! | ((middle & 0x0f) << 8));
    if (i + 1 < count) samples[i + 1] = signed12(bytes[at + 2]! | ((middle & 0xf0) << 4));
  }
  return samples;
}

const signed12 = (value: number): number => (value > 2047 ? value - 4096 : value);

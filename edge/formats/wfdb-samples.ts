/**
 * WFDB sample storage: bytes to interleaved 16-bit samples, exactly as stored.
 *
 *   212   b0        b1          b2          two samples of 12 bits, two's complement
 *         s0 low    s1 hi|s0 hi s1 low      −2048 is a missing sample
 *   16    low high                          one sample of 16 bits; −32768 is a missing sample
 *
 * Samples of the signals that share a file alternate. Source: WFDB Applications Guide, signal(5).
 */
import { MISSING_SAMPLE } from '../vital/vital.ts';
import type { WfdbFormat } from './wfdb-header.ts';

/** The stored value that means "no sample". */
export const MISSING_STORED: Readonly<Record<WfdbFormat, number>> = {
  16: MISSING_SAMPLE,
  212: -2048,
};

/** Bytes that `count` samples take; with an odd count, format 212 leaves the last byte out. */
export const bytesOfSamples = (format: WfdbFormat, count: number): number =>
  format === 16 ? 2 * count : Math.ceil((3 * count) / 2);

/** Samples that `byteLength` bytes hold when no header says how many; undefined: none fits. */
export function samplesInBytes(format: WfdbFormat, byteLength: number): number | undefined {
  const count = Math.floor(format === 16 ? byteLength / 2 : (byteLength * 2) / 3);
  return bytesOfSamples(format, count) === byteLength ? count : undefined;
}

/** The caller has checked that `bytes` holds `bytesOfSamples(format, count)`. */
export function decodeSamples(format: WfdbFormat, bytes: Uint8Array, count: number): Int16Array {
  return format === 16 ? decode16(bytes, count) : decode212(bytes, count);
}

function decode16(bytes: Uint8Array, count: number): Int16Array {
  const samples = new Int16Array(count);
  for (let i = 0; i < count; i++) samples[i] = bytes[2 * i]! | (bytes[2 * i + 1]! << 8);
  return samples;
}

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

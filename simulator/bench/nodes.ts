/** Enrolled nodes with frames of simulated beds, sealed before anything is measured. */
import { sealFrame, encodePayload } from '@vitalshare/edge/wire';
import type { NodeCredential } from '@vitalshare/edge/loop';
import { makeBody } from '../bodies/bodies.ts';
import { BedFrames } from '../world/bed-frames.ts';

/** A little behind the clock: no frame may be of the future. */
const BEFORE_MS = 3_600_000;

/** Payloads of one bed, 100 ms each: 25 samples of ECG, every other with pleth, light and breath. */
export function payloadsOf(count: number, nowMs: number): Uint8Array[] {
  const bootTimeMs = 1000 * Math.floor((nowMs - BEFORE_MS) / 1000);
  const frames = new BedFrames(makeBody(1, 1), bootTimeMs);
  return Array.from({ length: count }, () => encodePayload(frames.next(0)!));
}

/** Sequences from 1 of one boot. */
export const sealAll = (
  credential: NodeCredential,
  boot: number,
  payloads: readonly Uint8Array[],
): Uint8Array[] =>
  payloads.map((payload, i) => {
    const { node, upKey, keyEpoch } = credential;
    return sealFrame({ node, upKey, keyEpoch, boot, sequence: i + 1 }, payload);
  });

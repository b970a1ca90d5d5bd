import { decodePayload, encodePayload, type Frame } from '@vitalshare/edge/wire';
import { describe, expect, it } from 'vitest';
import { makeBody } from '../bodies/bodies.ts';
import { BedFrames } from './bed-frames.ts';

const BOOT_MS = Date.UTC(2026, 0, 1, 8);
const take = (bed: BedFrames, count: number): Frame[] =>
  Array.from({ length: count }, () => bed.next(0));

describe('a simulated bed', () => {
  it('sends each channel without gap or overlap', () => {
    const frames = take(new BedFrames(makeBody(1, 1), BOOT_MS), 100);
    for (const { channel, samples } of [
      { channel: 'ecg', samples: 2500 },
      { channel: 'pleth', samples: 1250 },
      { channel: 'resp', samples: 250 },
    ]) {
      const segments = frames
        .flatMap((frame) => frame.segments)
        .filter(({ waveform }) => waveform.name === channel);
      let nextUs = 0;
      for (const { startUs, rateMilliHz, samples: part } of segments) {
        expect(startUs).toBe(nextUs);
        nextUs += (part.length * 1e9) / rateMilliHz;
      }
      expect(
        segments.reduce((sum, part) => sum + part.samples.length, 0),
        channel,
      ).toBe(samples);
    }
  });

  it('is what the body did, whatever the cut', () => {
    const frames = take(new BedFrames(makeBody(7, 2), BOOT_MS), 50);
    const ecg = frames.flatMap(({ segments }) => [...segments[0]!.samples]);
    expect(ecg).toEqual([...makeBody(7, 2).next(5000).ecg]);
  });

  it('sends the readings of each second once, in the frame that follows its beginning', () => {
    const frames = take(new BedFrames(makeBody(1, 1), BOOT_MS), 30);
    const withRows = frames.map(({ columns }) => columns.length > 0);
    expect(withRows.flatMap((has, tick) => (has ? [tick] : []))).toEqual([0, 10, 20]);
    for (const [second, tick] of [0, 10, 20].entries()) {
      const { columns, deviceTimeUs } = frames[tick]!;
      expect(columns.map(({ startSecond }) => startSecond)).toEqual(columns.map(() => second));
      expect(columns.map(({ vital }) => vital.name)).toContain('heart-rate');
      expect(deviceTimeUs).toBe((tick + 1) * 100_000);
    }
  });

  it('leaves out whole seconds after a sleep and goes on in time', () => {
    const bed = new BedFrames(makeBody(1, 1), BOOT_MS);
    take(bed, 20);
    bed.skip(60);
    const [first, second] = take(bed, 2) as [Frame, Frame];
    expect(first.columns[0]!.startSecond).toBe(62);
    expect(first.segments[0]!.startUs).toBe(62_000_000);
    expect(second.segments.map(({ startUs }) => startUs)).toEqual([
      62_100_000, 62_000_000, 62_000_000,
    ]);
    expect(second.deviceTimeUs).toBe(62_200_000);
  });

  it('has bytes in WIRE.md for every frame, with a status every 10 s', () => {
    const frames = take(new BedFrames(makeBody(3, 4), BOOT_MS), 250);
    for (const frame of frames) expect(decodePayload(encodePayload(frame))).toMatchObject(frame);
    expect(frames.flatMap(({ status }, tick) => (status ? [tick] : []))).toEqual([1, 101, 201]);
  });
});

import { BedNumbers, type Estimate } from '@vitalshare/edge/signals';
import { findVital, toFixedPoint } from '@vitalshare/edge/vital';
import { decodePayload, encodePayload, type Frame } from '@vitalshare/edge/wire';
import { describe, expect, it } from 'vitest';
import { BODY_WAVEFORMS, makeBody } from '../bodies/bodies.ts';
import { BedFrames } from './bed-frames.ts';

const BOOT_MS = Date.UTC(2026, 0, 1, 8);
const take = (bed: BedFrames, count: number): Frame[] =>
  Array.from({ length: count }, () => bed.next(0)!);

describe('a simulated bed', () => {
  it('sends each channel without gap or overlap', () => {
    const frames = take(new BedFrames(makeBody(1, 1), BOOT_MS), 100);
    for (const { channel, samples } of [
      { channel: 'ecg', samples: 2500 },
      { channel: 'pleth', samples: 1250 },
      { channel: 'red', samples: 1250 },
      { channel: 'infrared', samples: 1250 },
      { channel: 'resp', samples: 250 },
      { channel: 'skin-probe', samples: 10 },
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

  it('sends the numbers of each second once, in the frame that follows its beginning', () => {
    const frames = take(new BedFrames(makeBody(1, 1), BOOT_MS), 600);
    const withRows = frames.flatMap(({ columns }, tick) => (columns.length > 0 ? [tick] : []));
    expect(withRows).toEqual(Array.from({ length: 60 }, (_, second) => 10 * second));
    for (const [second, tick] of withRows.entries()) {
      const { columns, deviceTimeUs } = frames[tick]!;
      expect(columns.map(({ startSecond }) => startSecond)).toEqual(columns.map(() => second));
      expect(deviceTimeUs).toBe((tick + 1) * 100_000);
    }
    const last = frames[590]!.columns.map(({ vital }) => vital.name);
    const told = ['heart-rate', 'rhythm', 'pulse-rate', 'respiratory-rate', 'spo2'];
    expect(last.sort()).toEqual([...told, 'skin-temperature', 'body-temperature'].sort());
  });

  it('sends the numbers that BedNumbers makes of the samples it sends', () => {
    const frames = take(new BedFrames(makeBody(5, 3), BOOT_MS), 600);
    const again = new Map<string, Estimate[]>();
    const shapes = Object.values(BODY_WAVEFORMS);
    const bed = new BedNumbers(shapes, {
      onNumber: (vital, estimate) => again.set(vital, [...(again.get(vital) ?? []), estimate]),
    });
    for (const { segments } of frames) {
      for (const segment of segments) {
        bed.push({ channel: segment.waveform.name, lead: segment.lead }, segment);
      }
    }
    const rows = frames.flatMap(({ columns }) => columns);
    for (const vital of ['heart-rate', 'spo2', 'respiratory-rate', 'skin-temperature']) {
      const sent = rows.filter((column) => column.vital.name === vital);
      const trusted = again.get(vital)!.filter(({ atUs, value }) => value !== null && atUs < 60e6);
      expect(sent.length, vital).toBeGreaterThan(20);
      expect(
        sent.map(({ startSecond, values }) => [startSecond, values[0]]),
        vital,
      ).toEqual(
        trusted.map(({ atUs, value }) => [atUs / 1e6, toFixedPoint(findVital(vital)!, value!)]),
      );
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
      62_100_000, 62_000_000, 62_000_000, 62_000_000, 62_000_000, 62_000_000,
    ]);
    expect(second.deviceTimeUs).toBe(62_200_000);
  });

  it('has bytes in WIRE.md for every frame, with a status every 10 s', () => {
    const frames = take(new BedFrames(makeBody(3, 4), BOOT_MS), 250);
    for (const frame of frames) expect(decodePayload(encodePayload(frame))).toMatchObject(frame);
    expect(frames.flatMap(({ status }, tick) => (status ? [tick] : []))).toEqual([1, 101, 201]);
  });

  it('says what its amplifier and its detectors know of sensors that are off', () => {
    const plan = {
      artefacts: [
        { fromS: 40, toS: 50, kind: 'lead-off' },
        { fromS: 60, toS: 80, kind: 'probe-off' },
        { fromS: 84, toS: 90, kind: 'no-finger' },
      ],
    } as const;
    const frames = take(new BedFrames(makeBody(1, 1, plan), BOOT_MS), 1000);
    const off = (channel: string): number[] => [
      ...new Set(
        frames.flatMap(({ segments }) =>
          segments
            .filter(({ waveform, leadOff }) => waveform.name === channel && leadOff)
            .map(({ startUs }) => Math.floor(startUs / 1e6)),
        ),
      ),
    ];
    expect(off('ecg')).toEqual([40, 41, 42, 43, 44, 45, 46, 47, 48, 49]);
    expect(off('pleth')).toEqual([84, 85, 86, 87, 88, 89]);
    // Found by the detector, which sees it fall.
    expect(off('skin-probe')[0]).toBeGreaterThan(60);
    expect(off('skin-probe')[0]).toBeLessThan(75);
  });

  it('is silent, and says how its battery and its link are', () => {
    const bed = new BedFrames(makeBody(1, 1), BOOT_MS, [
      { fromS: 1, toS: 2, kind: 'silent' },
      { fromS: 5, toS: 25, overS: 10, kind: 'battery', percent: 10 },
      { fromS: 15, kind: 'link', dbm: -90 },
    ]);
    const frames = Array.from({ length: 400 }, () => bed.next(7));
    expect(frames.flatMap((frame, tick) => (frame === null ? [tick] : []))).toEqual([
      10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    ]);
    const said = frames.flatMap((frame) => (frame?.status ? [frame.status] : []));
    expect(said.map(({ batteryPercent }) => batteryPercent)).toEqual([100, 54, 10, 100]);
    expect(said.map(({ linkDbm }) => linkDbm)).toEqual([-55, -55, -90, -90]);
    expect(said[0]!.bufferedFrames).toBe(7);
  });
});

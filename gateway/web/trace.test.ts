import { describe, expect, it } from 'vitest';
import type { LiveWave } from '../live/feed.ts';
import { Trace, decodeSamples } from './trace.ts';

const NOW_MS = 1_773_280_000_000;
/** 0, 200, −32768, −200, 32767 as i16 little-endian. */
const SAMPLES = 'AADIAACAOP//fw==';

const wave = (over: Partial<LiveWave> = {}): LiveWave => ({
  ...{ bed: 'bed-01', channel: 'ecg', lead: 'II', unit: 'mV', startUs: (NOW_MS - 1_000) * 1000 },
  ...{ rateMilliHz: 250_000, gain: 200, baseline: 0, quality: 4, leadOff: false, samples: SAMPLES },
  ...over,
});

describe('samples', () => {
  it('become (sample − baseline) / gain, and −32768 is missing', () => {
    expect([...decodeSamples(SAMPLES, { gain: 200, baseline: 0 })]).toEqual([
      0,
      1,
      NaN,
      -1,
      Math.fround(163.835),
    ]);
    expect([...decodeSamples('AADIAA==', { gain: 100, baseline: -100 })]).toEqual([1, 3]);
  });

  it('without their last byte are one fewer', () => {
    expect(decodeSamples('AADI', { gain: 1, baseline: 0 }).length).toBe(1);
    expect(decodeSamples('', { gain: 1, baseline: 0 }).length).toBe(0);
  });
});

describe('a trace', () => {
  const BOX = { heightPx: 124, roomPx: 88 };
  const ramp = btoa(String.fromCharCode(0, 0, 200, 0));

  it('draws microvolts at the same height as millivolts', () => {
    const place = (unit: string, gain: number) => {
      const trace = new Trace();
      trace.add(wave({ unit, gain, samples: ramp }), NOW_MS);
      const extent = trace.sweep.extent(0, NOW_MS)!;
      const { pxPerUnit } = trace.placeAt(NOW_MS, 5_000, BOX, 36)!;
      return (extent.hi - extent.lo) * pxPerUnit;
    };
    expect(place('mV', 200)).toBeCloseTo(36, 3);
    expect(place('uV', 0.2)).toBeCloseTo(36, 3);
  });

  it('fills its box where the unit has no calibrated height', () => {
    const trace = new Trace();
    trace.add(wave({ channel: 'pleth', unit: '1', samples: ramp }), NOW_MS);
    expect(trace.placeAt(NOW_MS, 5_000, BOX, 36)!.pxPerUnit).toBeCloseTo(0.62 * 88, 3);
  });

  it('is as old as its newest sample, and never younger than its arrival', () => {
    const trace = new Trace();
    trace.add(wave(), NOW_MS);
    expect(trace.dataMs).toBe(NOW_MS - 1_000 + 5 * 4);
    trace.add(wave({ startUs: (NOW_MS + 60_000) * 1000 }), NOW_MS);
    expect(trace.dataMs).toBe(NOW_MS);
  });

  it('draws nothing of what an amplifier gives without its electrode', () => {
    const trace = new Trace();
    trace.add(wave({ leadOff: true }), NOW_MS);
    expect(trace.leadOff).toBe(true);
    expect(trace.sweep.segments).toEqual([]);
  });
});

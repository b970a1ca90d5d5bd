/** Frames made by hand, where what is wrong with which node, and since when, can be counted. */
import { findVital, findWaveform, type WaveformUnit } from '@vitalshare/edge/vital';
import { type Frame, numericColumn, type WaveformSegment } from '@vitalshare/edge/wire';
import { describe, expect, it } from 'vitest';
import { placeFrame } from '../../ingest/place.ts';
import { SensorErrors } from './sensor-errors.ts';

const ANCHOR_MS = 1_700_000_000_000;
const RATE_HZ = 250;

interface Told {
  readonly bed: string;
  readonly what: string;
  /** Seconds of the node's time. */
  readonly since: number;
  readonly until: number | undefined;
}

type Wave = (seconds: number) => number;
const BEAT_S = 0.8;
/** A bump a beat, in mV, and the mains under it. */
const heart: Wave = (t) =>
  1.1 * Math.exp(-((((t % BEAT_S) - 0.3) / 0.012) ** 2)) + 0.02 * Math.sin(2 * Math.PI * 50 * t);
const flat: Wave = () => 0;

class Ward {
  readonly told: Told[] = [];
  readonly sensors = new SensorErrors((bed, fault, untilMs) => {
    const { node, channel, other, kind, sinceMs } = fault;
    const place = other === undefined ? '' : ` ${other.node}.${other.channel}`;
    const what = `${node}.${channel}${place} ${kind}`;
    const until = untilMs === undefined ? undefined : (untilMs - ANCHOR_MS) / 1000;
    this.told.push({ bed, what, since: (sinceMs - ANCHOR_MS) / 1000, until });
  });

  /** Closed and arrived `second` seconds after boot, or later. */
  frame(node: string, second: number, more: Partial<Frame>, lateMs = 0, bed = 'bed-1'): void {
    const frame = { deviceTimeUs: 1e6 * second, columns: [], segments: [], events: [], ...more };
    const arrivedMs = ANCHOR_MS + 1000 * second + lateMs;
    this.sensors.frame(node, bed, frame, placeFrame(frame, ANCHOR_MS), arrivedMs);
  }

  /** Seconds `from` to `to` of one channel, in frames of `spanS`. */
  wave(node: string, from: number, to: number, wave: Wave, more: Partial<WaveformSegment> = {}) {
    for (let at = from; at < to; at += 1) {
      this.frame(node, at + 1, { segments: [segmentOf(at, 1, wave, more)] });
    }
  }

  numbers(node: string, vital: string, from: number, to: number, of: (second: number) => number) {
    for (let at = from; at < to; at++) {
      this.frame(node, at + 1, { columns: [numericColumn(vital, at, [of(at)])] });
    }
  }

  get lasting(): string[] {
    return [...this.sensors.lasting()].map(
      ({ fault }) => `${fault.node}.${fault.channel} ${fault.kind}`,
    );
  }
}

function segmentOf(
  at: number,
  seconds: number,
  wave: Wave,
  more: Partial<WaveformSegment> = {},
): WaveformSegment {
  const gain = more.gain ?? 1_000;
  const samples = Int16Array.from({ length: seconds * RATE_HZ }, (_, i) => {
    const value = wave(at + i / RATE_HZ);
    return Number.isNaN(value) ? -32_768 : Math.round(gain * value);
  });
  return {
    ...{ waveform: findWaveform('ecg')!, lead: 'II', unit: 'mV', leadOff: false, saturated: false },
    ...{ quality: 4, startUs: 1e6 * at, rateMilliHz: 1000 * RATE_HZ, gain: 1_000, baseline: 0 },
    ...{ samples, ...more },
  };
}

const swaying = (middle: number) => (second: number) => middle + (second % 5) / 2;

describe('a waveform', () => {
  it('that is as it should be tells nothing', () => {
    const ward = new Ward();
    ward.wave('strap', 0, 60, heart);
    expect(ward.told).toEqual([]);
  });

  it.each<[string, Wave, number, number]>([
    ['flat-line', (t) => (t >= 20 && t < 30 ? 0.5 : heart(t)), 20, 30],
    ['out-of-bounds', (t) => (t >= 20 && t < 22 ? 6 : heart(t)), 20, 22],
    ['data-lost', (t) => (t >= 20 && t < 22 ? NaN : heart(t)), 20, 22],
    ['spike', (t) => (t === 20 ? 4 : heart(t)), 20, 20.004],
    ['drift', (t) => heart(t) + (t >= 20 && t < 40 ? 3 : 0), 22.2, 41],
  ])('is told of %s at its bed, once, and when it is over', (kind, wave, since, until) => {
    const ward = new Ward();
    ward.wave('strap', 0, 110, wave);
    const what = `strap.ecg.II ${kind}`;
    expect(ward.told.map((each) => [each.bed, each.what])).toEqual([
      ['bed-1', what],
      ['bed-1', what],
    ]);
    const [begun, ended] = ward.told;
    expect(begun!.until).toBeUndefined();
    expect(Math.abs(begun!.since - since)).toBeLessThan(1);
    expect(Math.abs(ended!.until! - until)).toBeLessThan(2);
    expect(ward.sensors.counts[kind as 'spike']).toBe(1);
    expect(ward.lasting).toEqual([]);
  });

  it('is told within two seconds', () => {
    const ward = new Ward();
    ward.wave('strap', 0, 20, heart);
    ward.wave('strap', 20, 22, flat);
    expect(ward.lasting).toEqual(['strap.ecg.II flat-line']);
  });

  it('that rattles is told once', () => {
    const ward = new Ward();
    ward.wave('strap', 0, 60, (t) => (t > 20 && t < 40 && t % 4 < 0.1 ? 6 : heart(t)));
    expect(ward.told).toHaveLength(2);
    expect(ward.sensors.counts['out-of-bounds']).toBe(1);
  });

  it('in microvolts has the bounds of one in millivolts', () => {
    const ward = new Ward();
    const microvolts: Partial<WaveformSegment> = { unit: 'uV', gain: 1 };
    ward.wave('strap', 0, 20, (t) => 1_000 * heart(t), microvolts);
    ward.wave('strap', 20, 30, () => 5_600, microvolts);
    expect(ward.lasting).toContain('strap.ecg.II out-of-bounds');
  });

  it.each<[string, WaveformUnit, string[]]>([
    ['pleth', '1', ['strap.pleth flat-line']],
    ['resp', '1', []],
    ['ecg', '1', []],
  ])('%s in %s has the bounds somebody declared', (name, unit, expected) => {
    const ward = new Ward();
    const more: Partial<WaveformSegment> = { waveform: findWaveform(name)!, lead: '', unit };
    ward.wave('strap', 0, 20, (t) => 30 * heart(t), more);
    ward.wave('strap', 20, 30, flat, more);
    expect(ward.lasting).toEqual(expected);
  });

  it('with an electrode off is no fault: it is said already', () => {
    const ward = new Ward();
    ward.wave('strap', 0, 20, heart);
    ward.wave('strap', 20, 40, flat, { leadOff: true });
    expect(ward.told).toEqual([]);
  });
});

describe('a number', () => {
  it('that stays, leaps or cannot be is told', () => {
    const ward = new Ward();
    ward.numbers('clip', 'pulse-rate', 0, 300, (s) => (s < 60 ? swaying(70)(s) : 71));
    expect(ward.told).toMatchObject([{ what: 'clip.pulse-rate flat-line', since: 60 }]);
    ward.numbers('clip', 'spo2', 300, 340, (s) => (s === 320 ? 70 : swaying(95)(s)));
    expect(ward.lasting).toContain('clip.spo2 spike');
    ward.numbers('clip', 'spo2', 340, 360, (s) => (s === 350 ? 120 : swaying(95)(s)));
    expect(ward.lasting).toContain('clip.spo2 out-of-bounds');
  });

  it('of a thermometer that drifts is told', () => {
    const ward = new Ward();
    const drift = (s: number) => swaying(33)(s) + Math.max(0, s - 700) / 60;
    ward.numbers('patch', 'skin-temperature', 0, 1_000, drift);
    expect(ward.lasting).toEqual(['patch.skin-temperature drift']);
  });

  it('its own node does not trust, or that is measured once an hour, is not judged', () => {
    const ward = new Ward();
    for (let s = 0; s < 200; s++) {
      ward.frame('clip', s + 1, { columns: [numericColumn('spo2', s, [s === 99 ? 20 : 97], 1)] });
    }
    for (let s = 3_600; s < 40_000; s += 3_600) {
      ward.frame('cuff', s, { columns: [numericColumn('systolic-pressure', s, [120])] });
      ward.frame('ear', s, { columns: [numericColumn('body-temperature', s, [37])] });
    }
    expect(ward.told).toEqual([]);
  });
});

describe('a channel that does not come', () => {
  const pleth = { waveform: findWaveform('pleth')!, lead: '' } as const;

  it('while its node speaks is lost, and comes again', () => {
    const ward = new Ward();
    for (let at = 0; at < 60; at++) {
      const ecg = at < 20 || at >= 30 ? [segmentOf(at, 1, heart)] : [];
      ward.frame('strap', at + 1, { segments: [...ecg, segmentOf(at, 1, heart, pleth)] });
      if (at === 22) expect(ward.lasting).toEqual(['strap.ecg.II data-lost']);
    }
    expect(ward.told).toMatchObject([
      { what: 'strap.ecg.II data-lost', since: 20, until: undefined },
      { what: 'strap.ecg.II data-lost', since: 20, until: 30 },
    ]);
  });

  it('is a number too, after ten seconds', () => {
    const ward = new Ward();
    for (let at = 0; at < 60; at++) {
      const pulse = at < 20 || at >= 40 ? [numericColumn('pulse-rate', at, [70 + (at % 3)])] : [];
      ward.frame('clip', at + 1, { columns: [...pulse, numericColumn('spo2', at, [96])] });
      if (at === 28) expect(ward.told).toEqual([]);
      if (at === 31) expect(ward.lasting).toEqual(['clip.pulse-rate data-lost']);
    }
    expect(ward.told.at(-1)).toMatchObject({ what: 'clip.pulse-rate data-lost', until: 40 });
  });

  it('is none with a node that sends every ten seconds', () => {
    const ward = new Ward();
    for (let at = 0; at < 300; at += 10) {
      ward.frame('strap', at + 10, { segments: [segmentOf(at, 10, heart)] });
      const values = Array.from({ length: 10 }, (_, i) => 70 + (i % 4));
      ward.frame('strap', at + 10.5, { columns: [numericColumn('heart-rate', at, values)] });
      // Its status keeps the node's time going.
      for (const s of [2, 4, 6, 8]) ward.frame('strap', at + 10 + s, {});
    }
    expect(ward.told).toEqual([]);
  });

  it('is none after the node was away: one channel comes before the other', () => {
    const ward = new Ward();
    const send = (at: number, more: Partial<WaveformSegment>) =>
      ward.frame('strap', at + 1, { segments: [segmentOf(at, 1, heart, more)] });
    for (let at = 0; at < 20; at++) for (const more of [{}, pleth]) send(at, more);
    ward.sensors.connected('strap');
    for (let at = 35; at < 60; at++) for (const more of [{}, pleth]) send(at, more);
    for (let at = 600; at < 660; at++) for (const more of [{}, pleth]) send(at, more);
    expect(ward.told).toEqual([]);
  });
});

describe('frames from a memory', () => {
  it('tell nothing, break nothing, and a lost frame that comes late is no lost data', () => {
    const ward = new Ward();
    const late: number[] = [];
    for (let at = 0; at < 90; at++) {
      if (at % 7 === 6) late.push(at);
      else {
        ward.frame('strap', at + 1, {
          segments: [segmentOf(at, 1, heart)],
          columns: [numericColumn('heart-rate', at, [70 + (at % 5)])],
        });
      }
      if (at % 20 !== 19) continue;
      for (const old of late.splice(0)) {
        const segments = [segmentOf(old, 1, () => 6)];
        const columns = [numericColumn('heart-rate', old, [200])];
        ward.frame('strap', old + 1, { segments, columns }, 1000 * (at - old));
      }
    }
    expect(ward.told).toEqual([]);
    ward.wave('strap', 90, 93, flat);
    expect(ward.lasting).toEqual(['strap.ecg.II flat-line']);
  });

  it('are not judged where they are old, whatever is in them', () => {
    const ward = new Ward();
    for (let at = 0; at < 30; at++) {
      ward.frame('strap', at + 1, { segments: [segmentOf(at, 1, () => 6)] }, 60_000);
    }
    expect(ward.told).toEqual([]);
  });
});

describe('two rates of one heart', () => {
  const play = (ward: Ward, from: number, to: number, pulse: number) => {
    for (let at = from; at < to; at++) {
      const column = (vital: string, value: number) => numericColumn(vital, at, [value + (at % 3)]);
      ward.frame('strap', at + 1, { columns: [column('heart-rate', 70)] });
      ward.frame('clip', at + 1, { columns: [column('pulse-rate', pulse)] });
    }
  };

  it('that part are told with both nodes named, and when they agree again', () => {
    const ward = new Ward();
    play(ward, 0, 30, 71);
    play(ward, 30, 60, 110);
    play(ward, 60, 90, 71);
    const what = 'strap.heart-rate clip.pulse-rate disagreement';
    expect(ward.told.filter((each) => each.what.endsWith('disagreement'))).toEqual([
      { bed: 'bed-1', what, since: 30, until: undefined },
      { bed: 'bed-1', what, since: 30, until: 60 },
    ]);
  });

  it('are compared in the second they are of, however their frames are cut', () => {
    const ward = new Ward();
    const ramp = (s: number) => 60 + 4 * (s % 25);
    for (let at = 0; at < 200; at++) {
      ward.frame('strap', at + 1, { columns: [numericColumn('heart-rate', at, [ramp(at)])] });
      if (at % 10 !== 9) continue;
      const values = Array.from({ length: 10 }, (_, i) => ramp(at - 9 + i));
      ward.frame('clip', at + 1, { columns: [numericColumn('pulse-rate', at - 9, values)] });
    }
    expect(ward.told.filter((each) => each.what.endsWith('disagreement'))).toEqual([]);
  });

  it('are forgotten with one of them', () => {
    const ward = new Ward();
    play(ward, 0, 60, 110);
    expect(ward.lasting).toEqual(['strap.heart-rate disagreement']);
    ward.sensors.leave('clip');
    expect(ward.lasting).toEqual([]);
  });
});

describe('a node', () => {
  it('that leaves takes what was said of it along', () => {
    const ward = new Ward();
    ward.wave('strap', 0, 20, heart);
    ward.wave('strap', 20, 30, flat);
    ward.wave('belt', 0, 30, heart, { lead: 'V5' });
    ward.sensors.leave('strap');
    expect(ward.told.at(-1)).toMatchObject({ what: 'strap.ecg.II flat-line', until: 30 });
    expect(ward.lasting).toEqual([]);
    ward.sensors.leave('strap');
    ward.wave('strap', 30, 40, heart);
    expect(ward.told).toHaveLength(2);
  });

  it('has 24 channels judged and 16 faults remembered, however many it sends', () => {
    const ward = new Ward();
    const names = ['ecg', 'pleth', 'abp', 'red', 'infrared'];
    const leads = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2'] as const;
    for (let at = 0; at < 5; at++) {
      const segments = names.flatMap((name) =>
        leads.map((lead) => segmentOf(at, 1, flat, { waveform: findWaveform(name)!, lead })),
      );
      ward.frame('strap', at + 1, { segments });
    }
    expect(ward.lasting).toHaveLength(16);
    expect(new Set(ward.lasting).size).toBe(16);
  });

  it('that claims a rate no sensor has costs nothing', () => {
    const ward = new Ward();
    for (const rateMilliHz of [1, 100_000_000]) {
      ward.wave('strap', 0, 10, flat, { rateMilliHz });
    }
    expect(ward.told).toEqual([]);
  });

  it('has its readings left as they are', () => {
    const ward = new Ward();
    const segment = segmentOf(0, 3, (t) => (t > 1 ? 6 : heart(t)));
    const column = numericColumn('spo2', 0, [97, 20, 97, 120]);
    const before = structuredClone([segment.samples, column.values, column.presence]);
    ward.frame('strap', 4, { segments: [segment], columns: [column] });
    expect([segment.samples, column.values, column.presence]).toEqual(before);
    expect(findVital('spo2')!.max).toBe(100);
  });
});

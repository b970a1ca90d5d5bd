import { type Frame, numericColumn } from '@vitalshare/edge/wire';
import { findWaveform } from '@vitalshare/edge/vital';
import { describe, expect, it } from 'vitest';
import { placeFrame } from '../ingest/place.ts';
import { enroll } from '../registry/enroll.ts';
import { Hub } from './hub.ts';
import { SteadyClock } from './steady-clock.ts';

interface Seen {
  readonly name: string;
  readonly data: Record<string, unknown>;
}

class TestPage {
  readonly seen: Seen[] = [];
  pending = 0;
  closed = false;
  write(text: string): void {
    const [, name, data] = /^event: (\w+)\ndata: (.*)\n\n$/.exec(text)!;
    this.seen.push({ name: name!, data: JSON.parse(data!) as Record<string, unknown> });
  }
  pendingBytes(): number {
    return this.pending;
  }
  close(): void {
    this.closed = true;
  }
  names(): string[] {
    return this.seen.map(({ name }) => name);
  }
}

const entryOf = (node: string, labels = {}) =>
  enroll({ node, labels, mqttUrl: 'mqtt://x' }, (length) => new Uint8Array(length)).entry;

class Ward {
  nowMs = 1_700_000_010_000;
  readonly hub = new Hub(new SteadyClock(() => this.nowMs));
  readonly entry = entryOf('n1', { ward: 'A' });

  frame(more: Partial<Frame>): void {
    const frame = { deviceTimeUs: 0, columns: [], segments: [], events: [], ...more };
    this.hub.frame(this.entry, frame, placeFrame(frame, 1_700_000_000_000), this.nowMs);
  }

  watch(): TestPage {
    const page = new TestPage();
    this.hub.watch(page);
    return page;
  }
}

const ecg = {
  ...({ waveform: findWaveform('ecg')!, lead: 'II', unit: 'mV', leadOff: true } as const),
  ...{ saturated: false, quality: 3, startUs: 10_000_000, rateMilliHz: 250_000, gain: 200 },
  ...{ baseline: 0, samples: Int16Array.of(1, -2) },
};

describe('the live feed', () => {
  it('gives a page that connects the ward, the numbers and the notices at once', () => {
    const ward = new Ward();
    ward.frame({ columns: [numericColumn('heart-rate', 8, [71, 72.5], 4)] });
    ward.hub.refused(ward.entry, 'malformed', 'byte 3: expected more');
    const { seen } = ward.watch();
    expect(seen).toEqual([
      {
        name: 'ward',
        data: {
          gatewayTimeMs: 1_700_000_010_000,
          beds: [{ bed: 'n1', nodes: ['n1'], labels: { ward: 'A' }, connected: false }],
        },
      },
      {
        name: 'numbers',
        data: {
          bed: 'n1',
          numbers: [{ vital: 'heart-rate', value: 72.5, second: 1_700_000_009, quality: 4 }],
        },
      },
      {
        name: 'notice',
        data: {
          ...{ bed: 'n1', node: 'n1', atMs: 1_700_000_010_000, kind: 'refused' },
          text: 'Refused from n1: a frame that is not well formed (byte 3: expected more)',
        },
      },
      { name: 'clock', data: { gatewayTimeMs: 1_700_000_010_000 } },
    ]);
  });

  it('tells numbers at most once a second a bed, and none twice', () => {
    const ward = new Ward();
    ward.frame({ columns: [numericColumn('heart-rate', 8, [71])] });
    const page = ward.watch();
    page.seen.length = 0;
    ward.nowMs += 400;
    ward.frame({ columns: [numericColumn('heart-rate', 9, [72])] });
    expect(page.names()).toEqual([]);
    ward.hub.beat();
    ward.hub.beat();
    expect(page.names()).toEqual(['numbers', 'clock', 'clock']);
  });

  it('does not let what a node kept push away what is newer', () => {
    const ward = new Ward();
    ward.frame({ columns: [numericColumn('heart-rate', 9, [72])] });
    ward.frame({ columns: [numericColumn('heart-rate', 3, [140])], segments: [] });
    const numbers = ward.watch().seen.find(({ name }) => name === 'numbers')!.data['numbers'];
    expect(numbers).toMatchObject([{ value: 72, second: 1_700_000_009 }]);
  });

  it('sends traces as they come, but not those of a node’s memory', () => {
    const ward = new Ward();
    const page = ward.watch();
    page.seen.length = 0;
    ward.frame({ segments: [ecg] });
    ward.nowMs += 31_000;
    ward.frame({ segments: [ecg] });
    const waves = page.seen.filter(({ name }) => name === 'wave');
    expect(waves.map(({ data }) => data)).toEqual([
      {
        ...{ bed: 'n1', channel: 'ecg', lead: 'II', unit: 'mV', startUs: 1_700_000_010_000_000 },
        ...{ rateMilliHz: 250_000, gain: 200, baseline: 0, quality: 3, leadOff: true },
        samples: 'AQD+/w==',
      },
    ]);
  });

  it('tells of a node that comes and goes, a nurse call and a changed status', () => {
    const ward = new Ward();
    ward.hub.enter(ward.entry);
    const page = ward.watch();
    ward.hub.connected('n1', true);
    ward.frame({ events: [{ name: 'nurse-call', atUs: 7_000_000 }] });
    const status = { batteryPercent: 12, linkDbm: -60, bufferedFrames: 0 } as const;
    ward.frame({ status: { ...status, resetCause: 'unknown', firmware: '1.0' } });
    ward.frame({ status: { ...status, linkDbm: -61, resetCause: 'unknown', firmware: '1.0' } });
    ward.hub.connected('n1', false);
    const notices = page.seen.filter(({ name }) => name === 'notice').map(({ data }) => data);
    expect(notices).toMatchObject([
      { kind: 'connected' },
      { kind: 'nurse-call', atMs: 1_700_000_007_000 },
      { kind: 'status', text: 'n1: battery 12 %, firmware 1.0' },
      { kind: 'silent' },
    ]);
  });

  it('carries what it knows of a node along when the node moves to another stay', () => {
    const ward = new Ward();
    ward.hub.enter(ward.entry);
    ward.hub.connected('n1', true);
    ward.hub.refused(ward.entry, 'malformed');
    ward.hub.enter({ ...ward.entry, stay: 's2' });
    expect(ward.hub.beds.ward()).toMatchObject([{ bed: 's2', nodes: ['n1'], connected: true }]);
    expect(ward.hub.beds.nodes.get('n1')!.refused.get('malformed')!.count).toBe(1);
  });

  it('tells a ward that changes many times once, with the beat', () => {
    const ward = new Ward();
    const nodes = Array.from({ length: 50 }, (_, i) => `m${i}`);
    for (const node of nodes) ward.hub.enter(entryOf(node));
    const page = ward.watch();
    page.seen.length = 0;
    for (const node of nodes) ward.hub.connected(node, true);
    ward.hub.leave('m0');
    ward.hub.beat();
    ward.hub.beat();
    const wards = page.seen.filter(({ name }) => name === 'ward');
    expect(wards).toHaveLength(1);
    expect(wards[0]!.data['beds']).toHaveLength(49);
  });

  it('tells of a new bed before anything at it, whoever watches since when', () => {
    const ward = new Ward();
    const pages = [ward.watch()];
    ward.hub.enter(entryOf('n2'));
    pages.push(ward.watch());
    ward.frame({ events: [{ name: 'nurse-call', atUs: 0 }] });
    for (const page of pages) {
      const names = page.names();
      const notice = names.indexOf('notice');
      const { data } = page.seen[names.lastIndexOf('ward', notice)]!;
      expect(data['beds']).toMatchObject([{ bed: 'n2' }, { bed: 'n1' }]);
    }
  });

  it('drops traces for a page that lags, and cuts off one that reads nothing', () => {
    const ward = new Ward();
    ward.hub.enter(ward.entry);
    const slow = ward.watch();
    slow.seen.length = 0;
    slow.pending = 300_000;
    ward.frame({ segments: [ecg], columns: [numericColumn('spo2', 9, [97])] });
    expect(slow.names()).toEqual(['numbers']);
    expect(ward.hub.audience.tracesDropped).toBe(1);
    slow.pending = 3_000_000;
    ward.hub.beat();
    expect([slow.closed, ward.hub.audience.size]).toEqual([true, 0]);
  });

  it('has room for 64 pages', () => {
    const ward = new Ward();
    for (let i = 0; i < 64; i++) expect(ward.hub.watch(new TestPage())).toBe(true);
    expect(ward.hub.watch(new TestPage())).toBe(false);
  });
});

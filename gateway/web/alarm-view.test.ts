import { describe, expect, it } from 'vitest';
import type { LiveAlarms } from '../live/feed.ts';
import { alarmOf, durationOf, markOf, news2Of, offOf, standbyOf } from './alarm-view.ts';
import { alarm, news2 } from './alarms.fixture.ts';
import { Bed } from './bed.ts';

const NOW_MS = 1_800_000_000_000;
const clock = (): string => '03:12';
const NARROW = '\u202f';

function bedWith(live: Partial<LiveAlarms>): Bed {
  const bed = new Bed({ bed: 'bed-01', nodes: ['bed-01'], labels: {}, connected: true });
  const second = NOW_MS / 1000 - 1;
  bed.takeNumbers([{ vital: 'spo2', value: 87.6, second, quality: 4 }], NOW_MS);
  const nothing = { sounds: null, audioPause: null, off: [], standby: null, alarms: [] };
  bed.alarms = { bed: 'bed-01', ...nothing, ...live };
  return bed;
}
const spo2 = { vital: 'spo2', limit: 90 };
const view = (live: Partial<LiveAlarms>) => alarmOf(bedWith(live), NOW_MS, clock);

describe('the alarm of a tile', () => {
  it('says what, number and limit, then for how long', () => {
    expect(view({})).toBeNull();
    expect(view({ alarms: [alarm('spo2-low', NOW_MS - 102_000, spo2)] })).toEqual({
      ...{ priority: 'medium', isAcknowledged: false, text: 'SpO₂ 88, limit 90', more: '' },
      ...{ tail: '1:42', spoken: 'medium priority alarm: SpO₂ 88, limit 90' },
    });
  });

  it('latched: ended and lasted; acknowledged: who and when; paused: what is left', () => {
    const ended = { priority: 'high', state: 'latched', endedMs: NOW_MS - 6_000 } as const;
    expect(view({ alarms: [alarm('vt', NOW_MS - 30_000, ended)] })).toMatchObject({
      ...{ text: 'VT ended', tail: 'lasted 0:24' },
    });
    const acknowledged = { by: 'N. Berg', atMs: NOW_MS };
    expect(view({ alarms: [alarm('vt', NOW_MS, { acknowledged })] })).toMatchObject({
      ...{ isAcknowledged: true, tail: '✓ N. Berg 03:12' },
    });
    const audioPause = { by: 'Kim', atMs: NOW_MS, untilMs: NOW_MS + 94_000 };
    expect(view({ alarms: [alarm('vt', NOW_MS)], audioPause })!.tail).toBe(
      'sound paused, 1:34 left',
    );
  });

  it('of several the highest that nobody acknowledged shows, then the newest, and how many more', () => {
    const acknowledged = { by: 'Kim', atMs: NOW_MS };
    const alarms = [
      alarm('vt', NOW_MS, { priority: 'high', acknowledged }),
      alarm('rate-high', NOW_MS - 9_000),
      alarm('spo2-low', NOW_MS - 3_000, spo2),
    ];
    expect(view({ alarms })).toMatchObject({ text: 'SpO₂ 88, limit 90', more: '+2' });
    expect(markOf(bedWith({ alarms }), ['spo2'])).toEqual({
      ...{ priority: 'medium', isAcknowledged: false },
    });
    expect(markOf(bedWith({ alarms }), ['heart-rate'])).toBeNull();
  });

  it('alarm off and standby have who and until when', () => {
    const off = [{ topic: 'spo2-low', by: 'Dr Weiss', atMs: NOW_MS, untilMs: NOW_MS }];
    expect(offOf(bedWith({ off }), clock)).toBe('SpO₂ low alarm off by Dr Weiss until 03:12');
    const standby = { by: 'Kim', why: 'X-ray', atMs: NOW_MS, untilMs: NOW_MS, hasData: true };
    expect(standbyOf(bedWith({ standby }), clock)).toBe(
      'Standby: X-ray, Kim, until 03:12. Data arrives: resume?',
    );
  });

  it.each([
    [0, '0:00'],
    [-5, '0:00'],
    [59_999, '0:59'],
    [3_599_000, '59:59'],
    [4_320_000, `1${NARROW}h 12${NARROW}min`],
  ])('%i ms is %s', (ms, text) => expect(durationOf(ms)).toBe(text));
});

describe('NEWS2 at the head of a tile', () => {
  const whole = {
    ...{ 'respiratory-rate': 16, spo2: 97, oxygen: 0, 'systolic-pressure': 120, pulse: 80 },
    ...{ consciousness: 0, 'body-temperature': 37 },
  };
  it.each([
    [whole, { score: '0', band: 'low', word: 'low', isPartial: false }],
    [
      { ...whole, spo2: 90 },
      { score: '3', band: 'review', word: 'ward review' },
    ],
    [
      { ...whole, pulse: 125, spo2: 90 },
      { score: '5', band: 'urgent', word: 'urgent' },
    ],
    [
      { ...whole, pulse: 140, spo2: 90, oxygen: 2 },
      { score: '8', band: 'emergency' },
    ],
    [{ spo2: 90 }, { score: '≥3', word: 'partial 1/7', isPartial: true }],
  ])('%o', (values, shown) => {
    const bed = bedWith({});
    bed.news2 = news2(values);
    expect(news2Of(bed)).toMatchObject(shown);
  });

  it('of which nothing is known is not there', () => {
    const bed = bedWith({});
    bed.news2 = news2({});
    expect(news2Of(bed)).toBeNull();
  });
});

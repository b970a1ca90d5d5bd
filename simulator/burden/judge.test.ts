import { describe, expect, it } from 'vitest';
import { eventsOf } from './events.ts';
import { NO, PERHAPS, SURELY, type What } from './happens.ts';
import { judge } from './judge.ts';
import { type BedRun, type RaisedAlarm, runBed } from './run-bed.ts';

/** 600 s in which saturation is surely low from 100 to 200, perhaps 10 s before and after. */
const low = Uint8Array.from({ length: 600 }, (_, s) =>
  s >= 100 && s < 200 ? SURELY : s >= 90 && s < 210 ? PERHAPS : NO,
);
const run = (raised: RaisedAlarm[], toS = 220): BedRun => ({
  seconds: 600,
  audibleS: 60,
  happens: new Map<What, Uint8Array>([['spo2-low', low]]),
  raised,
  stood: raised.map(({ what, atS }) => ({ what, fromS: atS, toS })),
});
const alarm = (what: What, atS: number): RaisedAlarm => ({ what, priority: 'medium', atS });

describe('alarms against the truth', () => {
  it('finds what was found, and how soon', () => {
    expect(eventsOf('spo2-low', low)).toEqual([{ what: 'spo2-low', fromS: 100, toS: 200 }]);
    const verdict = judge(run([alarm('spo2-low', 117)]));
    expect(verdict).toMatchObject({ detectionS: [17], missed: [], falseAlarms: [] });
    expect(verdict.raised).toEqual({ low: 0, medium: 1, high: 0 });
  });

  it('takes a worse alarm for it, and none of another kind', () => {
    expect(judge(run([alarm('desaturation', 120)])).missed).toEqual([]);
    const other = judge(run([alarm('rate-high', 120)]));
    expect(other.missed.length).toBe(1);
    expect(other.falseAlarms.length).toBe(1);
  });

  it('misses what came too late, and calls false what came out of nothing', () => {
    expect(judge(run([alarm('spo2-low', 240)], 250)).missed.length).toBe(1);
    expect(judge(run([alarm('spo2-low', 300)], 310)).falseAlarms.length).toBe(1);
    expect(judge(run([alarm('spo2-low', 50)], 60)).falseAlarms.length).toBe(1);
  });

  it('owes no alarm for what was too short, or cut by the end', () => {
    expect(eventsOf('spo2-low', low.subarray(0, 119))).toEqual([]);
    const short = Uint8Array.from(low, (_, s) => (s >= 100 && s < 120 ? SURELY : NO));
    expect(eventsOf('spo2-low', short)).toEqual([]);
  });
});

it('a desaturation is called for, from a seed alone', () => {
  const patient = { states: [{ fromS: 60, overS: 10, targets: { spo2: 76 } }] };
  const lived = () => runBed(patient, { seed: 3, bed: 1, seconds: 180 });
  const { raised } = lived();
  expect(raised.map(({ what }) => what)).toContain('desaturation');
  expect(judge(lived())).toEqual(judge(lived()));
  expect(judge(lived()).missed).toEqual([]);
});

import { describe, expect, it } from 'vitest';
import type { LiveBed, LiveNotice, LiveWave } from '../live/feed.ts';
import { Bed } from './bed.ts';
import { viewOf } from './bed-view.ts';

/** 12 March 2026, 03:12:46 in Berlin. */
const NOW_MS = Date.UTC(2026, 2, 12, 2, 12, 46);
const zone = 'Europe/Berlin';
const NARROW = '\u202f';

const makeBed = (over: Partial<LiveBed> = {}) =>
  new Bed({ bed: 'bed-01', nodes: ['bed-01'], labels: {}, connected: true, ...over });

/** Readings of a whole second that ended `ageMs` before NOW_MS, told when it ended. */
function give(bed: Bed, readings: Record<string, number>, ageMs = 0, quality = 4): Bed {
  const endMs = NOW_MS - ageMs;
  const second = Math.ceil(endMs / 1000) - 1;
  const numbers = Object.entries(readings).map(([vital, value]) => ({
    ...{ vital, value, second, quality },
  }));
  bed.takeNumbers(numbers, endMs);
  return bed;
}
const VITALS = { 'heart-rate': 71.6, spo2: 97.2, 'respiratory-rate': 14 };
const wave = (over: Partial<LiveWave> = {}, ageMs = 0): LiveWave => ({
  ...{ bed: 'bed-01', channel: 'ecg', lead: 'II', unit: 'mV', rateMilliHz: 250_000, gain: 200 },
  ...{ startUs: (NOW_MS - ageMs - 4) * 1000, baseline: 0, quality: 4, leadOff: false },
  ...{ samples: 'AAA=' },
  ...over,
});
const view = (bed: Bed, lostMs: number | null = null, nowMs = NOW_MS) =>
  viewOf(bed, { nowMs, lostMs, zone });
const texts = (bed: Bed) => view(bed).numbers.map(({ text }) => text);

describe('a bed', () => {
  it.each([
    [0, 'live', 'live'],
    [3_000, 'live', 'live'],
    [4_000, 'ageing', `not live, 4${NARROW}s`],
    [9_999, 'ageing', `not live, 9${NARROW}s`],
    [10_000, 'stale', `not live, 10${NARROW}s`],
    [29_999, 'stale', `not live, 29${NARROW}s`],
    [30_000, 'silent', `not live, 30${NARROW}s`],
    [240_000, 'silent', `not live, 4${NARROW}min`],
    [2 * 3_600_000, 'silent', 'not live since 01:12'],
    [26 * 3_600_000, 'silent', 'not live since 11 Mar, 01:12'],
  ])('whose data is %i ms old is %s', (ageMs, state, foot) => {
    expect(view(give(makeBed(), VITALS, ageMs))).toMatchObject({ state, foot });
  });

  it('says its numbers without decimals, and aloud in one stop', () => {
    const bed = give(makeBed(), VITALS);
    expect(texts(bed)).toEqual(['72', '97', '14']);
    expect(view(bed).spoken).toBe(
      'bed-01, live, HR 72 per minute, SpO₂ 97 percent, Resp 14 per minute',
    );
  });

  it('ageing and stale keeps its numbers and gives each its age', () => {
    const bed = give(makeBed(), VITALS, 18_000);
    expect(view(bed).numbers[0]).toMatchObject({
      ...{ text: '72', state: 'stale', age: `18${NARROW}s old`, bars: null },
    });
  });

  it('silent has a pill, dashes and its last values with their clock time', () => {
    const { pill, numbers, lastLine } = view(give(makeBed(), VITALS, 240_000));
    expect(pill).toEqual({ text: 'Sensor silent', age: `4${NARROW}min` });
    expect(numbers[0]).toMatchObject({ text: '–', state: 'none', last: '72', lastClock: '03:08' });
    expect(lastLine).toBe('last 72, 97, 14 at 03:08');
  });

  it('silent says whether its sensors are even connected', () => {
    const gone = makeBed({ connected: false, nodes: ['chest', 'wrist'] });
    expect(view(give(gone, VITALS, 60_000)).pill?.text).toBe('Sensors disconnected');
  });

  it('with one silent sensor shows it in one place', () => {
    const bed = give(give(makeBed(), VITALS), { spo2: 96 });
    const half = give(makeBed(), { spo2: 96 }, 60_000);
    give(half, { 'heart-rate': 72, 'respiratory-rate': 14 });
    expect(texts(bed)).not.toContain('–');
    expect(view(half).state).toBe('live');
    expect(texts(half)).toEqual(['72', '–', '14']);
    expect(view(half).numbers[1]).toMatchObject({ last: '96', lastClock: '03:11' });
  });

  it('that never sent anything says so', () => {
    const waiting = view(makeBed({ connected: false }));
    expect(waiting).toMatchObject({ state: 'waiting', foot: 'Sensor not connected' });
    expect(waiting.trace.hatch).toBe('No readings yet');
  });

  it('replayed from the past is as old as its readings, whenever they come', () => {
    const bed = makeBed();
    bed.takeNumbers(
      [{ vital: 'spo2', value: 96, second: Date.UTC(2001, 4, 15, 2) / 1000, quality: 4 }],
      NOW_MS,
    );
    expect(view(bed)).toMatchObject({
      ...{ state: 'silent', foot: 'not live since 15 May 2001, 04:00' },
    });
  });

  it('does not stay live on a reading from the future that is told again and again', () => {
    const bed = makeBed();
    const ahead = [{ vital: 'spo2', value: 96, second: NOW_MS / 1000 + 100, quality: 4 }];
    for (let ms = 0; ms <= 20_000; ms += 1_000) bed.takeNumbers(ahead, NOW_MS + ms);
    expect(view(bed, null, NOW_MS + 20_000).state).toBe('stale');
  });

  it('keeps its newest reading when a node empties its memory', () => {
    const bed = give(makeBed(), { spo2: 97 });
    bed.takeNumbers([{ vital: 'spo2', value: 80, second: NOW_MS / 1000 - 60, quality: 4 }], NOW_MS);
    expect(texts(bed)[1]).toBe('97');
  });
});

describe('a gateway that is lost', () => {
  it('makes every number stale at once and hatches every trace', () => {
    const bed = give(makeBed(), VITALS, 7_000);
    bed.takeWave(wave(), NOW_MS);
    const lost = view(bed, NOW_MS - 7_000);
    expect(lost).toMatchObject({ state: 'lost', foot: 'not live', pill: null });
    expect(lost.numbers[0]).toMatchObject({ text: '72', state: 'stale', age: `7${NARROW}s old` });
    expect(lost.trace.hatch).toBe('Not live since 03:12:39');
  });

  it('leaves a bed that was silent before a silent bed', () => {
    const bed = give(makeBed(), VITALS, 60_000);
    expect(view(bed, NOW_MS - 5_000).state).toBe('silent');
    expect(view(bed, NOW_MS - 55_000).state).toBe('lost');
  });
});

describe('signal quality', () => {
  it.each([
    [4, '97', 'live', 4, ''],
    [3, '97', 'live', 3, ''],
    [255, '97', 'live', null, ''],
    [2, '97', 'weak', 2, 'weak'],
    [1, '–', 'none', 1, 'too weak'],
    [0, '–', 'none', 0, 'too weak'],
  ])('%i shows %s', (quality, text, state, bars, remark) => {
    const bed = give(makeBed(), { spo2: 97 }, 0, quality);
    expect(view(bed).numbers[1]).toMatchObject({ text, state, bars, remark });
  });
});

describe('the trace', () => {
  it('is the ECG if there is one, else the pleth', () => {
    const bed = makeBed();
    bed.takeWave(wave({ channel: 'pleth', lead: '', unit: '1' }), NOW_MS);
    expect(view(bed).trace).toMatchObject({ hue: 'pleth', label: 'Pleth', hatch: null });
    bed.takeWave(wave(), NOW_MS);
    expect(view(bed).trace).toMatchObject({ hue: 'ecg', label: 'ECG II', hatch: null });
  });

  it.each([
    [5_000, null],
    [18_000, `No signal for 18${NARROW}s`],
    [240_000, 'No signal since 03:08'],
  ])('that ended %i ms ago is hatched: %s', (ageMs, hatch) => {
    const bed = give(makeBed(), VITALS);
    bed.takeWave(wave({}, ageMs), NOW_MS);
    expect(view(bed).trace.hatch).toBe(hatch);
  });

  it('without an electrode says so, and heart rate gives way to pulse by name', () => {
    const bed = give(makeBed(), { ...VITALS, 'pulse-rate': 73 });
    bed.takeWave(wave({ leadOff: true }), NOW_MS);
    const { pill, trace, numbers } = view(bed);
    expect(pill).toEqual({ text: 'ECG lead off', age: '' });
    expect(trace.hatch).toBe('An electrode is off');
    expect(numbers[0]).toMatchObject({ label: 'Pulse', text: '73', hue: 'pleth' });
  });
});

describe('the foot', () => {
  it('has blood pressure and temperature with their clock times', () => {
    const bed = give(makeBed(), VITALS);
    give(bed, { 'systolic-pressure': 118, 'diastolic-pressure': 72 }, 12 * 60_000);
    give(bed, { 'skin-temperature': 33.1 }, 60_000);
    expect(view(bed).spots).toEqual([
      { label: 'BP', text: '118/72', clock: '03:00' },
      { label: 'Skin', text: '33.1', clock: '03:11' },
    ]);
    give(bed, { 'body-temperature': 37.94 });
    expect(view(bed).spots[1]).toMatchObject({ label: 'Temp', text: '37.9' });
  });

  it('makes no blood pressure of two measurements', () => {
    const bed = give(makeBed(), { 'systolic-pressure': 118 });
    give(bed, { 'diastolic-pressure': 72 }, 60_000);
    expect(view(bed).spots[0]).toEqual({ label: 'BP', text: '–', clock: '' });
  });
});

describe('rhythm and variability', () => {
  const rhythm = (value: number, ageMs = 0, quality = 4) =>
    view(give(makeBed(), { ...VITALS, rhythm: value }, ageMs, quality));

  it.each([
    [0, ''],
    [1, 'asystole'],
    [2, 'VF'],
    [3, 'VT'],
    [4, 'bradycardia'],
    [5, 'tachycardia'],
    [6, 'AF'],
    [7, 'bradycardia, AF'],
    [8, 'tachycardia, AF'],
    [9, ''],
  ])('%i is said as %j', (value, text) => {
    expect(rhythm(value).rhythm).toBe(text);
  });

  it('is text as long as it is fresh, and no alarm', () => {
    expect(rhythm(3).spoken).toContain('bed-01, VT, live');
    expect(rhythm(3)).toMatchObject({ pill: null, notice: '' });
    expect(rhythm(3, 9_999).rhythm).toBe('VT');
    expect(rhythm(3, 10_000).rhythm).toBe('');
    expect(rhythm(3, 0, 1).rhythm).toBe('');
    const bed = give(makeBed(), { rhythm: 3 });
    expect(view(bed, NOW_MS).rhythm).toBe('');
  });

  it('variability is SDNN and RMSSD of one second, or nothing', () => {
    const bed = give(makeBed(), { 'hrv-sdnn': 41.6, 'hrv-rmssd': 16.9 });
    expect(view(bed).variability).toBe(`HRV 42/17${NARROW}ms`);
    expect(view(bed, NOW_MS).variability).toBe('');
    give(bed, { 'hrv-sdnn': 41.6 }, -1_000);
    expect(view(bed, null, NOW_MS + 1_000).variability).toBe('');
  });

  it('a pulse beside the heart rate stands in the foot while it is fresh', () => {
    const bed = give(makeBed(), { ...VITALS, 'pulse-rate': 72.4 });
    expect(view(bed).spots[2]).toEqual({ label: 'Pulse', text: '72', clock: '' });
    expect(view(bed, null, NOW_MS + 10_000).spots).toHaveLength(2);
    const alone = give(makeBed(), { 'pulse-rate': 72.4 });
    expect(view(alone).numbers[0]).toMatchObject({ label: 'Pulse', text: '72' });
    expect(view(alone).spots).toHaveLength(2);
  });
});

describe('notices', () => {
  const notice = (kind: LiveNotice['kind'], text: string, ageMs = 0, node = 'n'): LiveNotice => ({
    ...{ bed: 'bed-01', node, atMs: NOW_MS - ageMs, kind, text },
  });

  it('stand at the bed with their clock time, the most urgent first', () => {
    const bed = give(makeBed(), VITALS);
    bed.takeNotice(notice('status', 'n: battery 80 %'));
    expect(view(bed)).toMatchObject({ notice: '', status: 'n: battery 80 %' });
    bed.takeNotice(notice('refused', 'Refused from n: a frame', 60_000));
    expect(view(bed).notice).toBe('Refused from n: a frame, 03:11');
    bed.takeNotice(notice('nurse-call', 'The nurse was called', 120_000));
    expect(view(bed).notice).toBe('The nurse was called, 03:10');
    expect(view(bed).spoken).toContain('The nurse was called, 03:10');
  });

  it('are history after an hour', () => {
    const bed = give(makeBed(), VITALS);
    bed.takeNotice(notice('refused', 'Refused', 3_600_000));
    expect(view(bed).notice).toBe('');
  });

  it('of a sensor stand as long as it lasts, before what was refused once', () => {
    const bed = give(makeBed(), VITALS);
    const sensor = (channel: string, text: string, lasts: boolean, ageMs: number): LiveNotice => ({
      ...notice('sensor', text, ageMs),
      sensor: { channel, error: 'flat-line', lasts },
    });
    bed.takeNotice(notice('refused', 'Refused', 60_000));
    bed.takeNotice(sensor('ecg.II', 'n: ECG II stands still', true, 7_200_000));
    bed.takeNotice(sensor('pleth', 'n: Pleth stands still', true, 7_260_000));
    expect(view(bed).notice).toBe('n: ECG II stands still since 01:12');
    bed.takeNotice(sensor('ecg.II', 'n: ECG II moves again', false, 10_000));
    expect(view(bed).notice).toBe('n: Pleth stands still since 01:11');
    bed.takeNotice(sensor('pleth', 'n: Pleth moves again', false, 60_000));
    expect(view(bed).notice).toBe('Refused, 03:11');
    bed.notices.delete('refused n');
    expect(view(bed).notice).toBe('n: ECG II moves again, 03:12');
    bed.forgetSensors();
    expect(view(bed).notice).toBe('');
  });

  it('of a silent node end when it is back', () => {
    const bed = give(makeBed(), VITALS);
    bed.takeNotice(notice('silent', 'wrist is not connected', 0, 'wrist'));
    bed.takeNotice(notice('connected', 'chest is connected', 0, 'chest'));
    expect(view(bed).notice).toBe('wrist is not connected, 03:12');
    bed.takeNotice(notice('connected', 'wrist is connected', 0, 'wrist'));
    expect(view(bed).notice).toBe('');
  });
});

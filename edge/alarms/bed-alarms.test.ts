import { describe, expect, it } from 'vitest';
import { codeOf, NOON_MS, Ward } from './bed.fixture.ts';

const HOUR_MS = 3_600_000;
const well = { 'heart-rate': 72, spo2: 97, 'respiratory-rate': 16 };
const heart = (rate: number) => ({ numbers: { 'heart-rate': rate } });
const spo2 = (value: number) => ({ numbers: { spo2: value } });

describe('limit alarms', () => {
  it.each([
    ['heart-rate', 131, 11, 'rate-high medium active'],
    ['heart-rate', 44, 11, 'rate-low medium active'],
    ['heart-rate', 141, 6, 'extreme-tachycardia high active'],
    ['heart-rate', 39, 6, 'extreme-bradycardia high active'],
    ['spo2', 87, 16, 'spo2-low medium active'],
    ['spo2', 79, 11, 'desaturation high active'],
    ['respiratory-rate', 25, 16, 'respiratory-rate-high medium active'],
    ['respiratory-rate', 8, 16, 'respiratory-rate-low medium active'],
    ['respiratory-rate', 5, 11, 'extreme-bradypnea high active'],
    ['respiratory-rate', 36, 11, 'extreme-tachypnea high active'],
    ['body-temperature', 39.1, 61, 'temperature-high medium active'],
    ['body-temperature', 35, 61, 'temperature-low medium active'],
    ['systolic-pressure', 90, 1, 'pressure-low medium active'],
    ['systolic-pressure', 220, 1, 'pressure-high medium active'],
  ])('%s of %d: none before second %d', (vital, value, second, shown) => {
    const ward = new Ward().run(second - 1, { numbers: { [vital]: value } });
    expect(ward.shown).toEqual([]);
    expect(ward.run(1, { numbers: { [vital]: value } }).shown).toEqual([shown]);
    expect(ward.bed.alarms[0]).toMatchObject({ vital });
  });

  it.each([
    ['heart-rate', 130],
    ['heart-rate', 45],
    ['spo2', 88],
    ['respiratory-rate', 24],
    ['respiratory-rate', 9],
    ['systolic-pressure', 91],
    ['systolic-pressure', 219],
    ['body-temperature', 39],
    ['body-temperature', 35.1],
  ])('%s of %d lies on its limit, and is no limit alarm', (vital, value) => {
    const ward = new Ward().run(120, { numbers: { [vital]: value } });
    expect(ward.shown.filter((one) => !one.startsWith('news2'))).toEqual([]);
  });

  it('a dip shorter than the delay is none, and the next begins anew', () => {
    const ward = new Ward();
    for (let i = 0; i < 20; i++) ward.run(14, spo2(85)).run(2, spo2(88));
    expect(ward.shown.filter((one) => one.startsWith('spo2'))).toEqual([]);
  });

  it('ends behind the hysteresis, after ten seconds there', () => {
    const ward = new Ward().run(16, spo2(87)).run(60, spo2(88));
    expect(ward.shown).toContain('spo2-low medium active');
    ward.run(10, spo2(89));
    expect(ward.shown).toContain('spo2-low medium active');
    expect(ward.run(1, spo2(89)).shown.join()).not.toContain('spo2-low');
    expect(ward.told()).toContain('ended spo2-low active→inactive');
  });

  it('the alarm names its limit, and the limit that is set later', () => {
    const ward = new Ward().run(16, spo2(85));
    expect(ward.bed.alarms[0]).toMatchObject({ limit: 88 });
    ward.bed.setLimits('spo2', { low: 86 }, 'Ada', ward.nowMs);
    ward.run(20, spo2(85));
    expect(ward.bed.alarms.find(({ what }) => what === 'spo2-low')).toMatchObject({ limit: 86 });
  });

  it('a number of too few bars raises no alarm, ends none, and counts in no score', () => {
    const ward = new Ward().run(60, { numbers: { spo2: 60, 'heart-rate': 200 }, bars: 1 });
    expect([ward.shown, ward.bed.news2?.known]).toEqual([[], 0]);
    ward.run(16, spo2(85)).run(12, { numbers: { spo2: 99 }, bars: 1 });
    expect(ward.shown).toContain('spo2-low medium active');
    expect(new Ward().run(16, { ...spo2(85), bars: 2 }).shown).toHaveLength(1);
    expect(new Ward().run(16, { ...spo2(85), bars: 255 }).shown).toHaveLength(1);
  });

  it.each([NaN, Infinity, -1, 100.1, 1e300])('a reading of %d is none', (value) => {
    expect(new Ward().run(60, spo2(value)).shown).toEqual([]);
  });

  it('what comes from a node’s memory is passed over', () => {
    const ward = new Ward().run(5, spo2(97));
    for (let i = 0; i < 60; i++) {
      ward.second({});
      ward.bed.number('spo2', 70, ward.nowMs - 10_001, 4);
    }
    expect(ward.shown.filter((one) => one.includes('spo2') || one.includes('desat'))).toEqual([]);
  });

  it('a reading older than the last changes nothing', () => {
    const ward = new Ward();
    for (let i = 0; i < 60; i++) {
      ward.second(spo2(97));
      ward.bed.number('spo2', 70, ward.nowMs - 500, 4);
    }
    expect(ward.shown).toEqual([]);
  });

  it('apnoea is a high-priority alarm at once, and over when a breath is counted for 10 s', () => {
    const ward = new Ward().run(30, { numbers: { 'respiratory-rate': 14 } });
    ward.run(1, { numbers: { 'respiratory-rate': null }, bars: 0, reason: 'apnea' });
    expect(ward.shown).toEqual(['apnea high active']);
    ward.acknowledge('apnea').run(11, { numbers: { 'respiratory-rate': 14 } });
    expect(ward.shown).toEqual([]);
  });
});

describe('one alarm for one thing', () => {
  it('heart rate, pulse and flag are one tachycardia', () => {
    const fast = { 'heart-rate': 150, 'pulse-rate': 150 };
    const ward = new Ward().run(60, { numbers: fast, flags: ['tachycardia'] });
    expect(ward.shown).toEqual(['extreme-tachycardia high active']);
  });

  it('a heart in VT is not also fast, and is when VT is over', () => {
    const ward = new Ward().run(60, { ...heart(180), flags: ['vt'] });
    expect(ward.shown).toEqual(['vt high active']);
    ward.run(10, { ...heart(180), flags: ['tachycardia'] });
    expect(ward.shown).toEqual(['vt high active']);
    ward.run(1, { ...heart(180), flags: ['tachycardia'] });
    expect(ward.shown).toEqual(['extreme-tachycardia high active', 'vt high latched']);
  });

  it('VT that is off covers nothing', () => {
    const ward = new Ward();
    ward.bed.alarmOff('vt', 'Ada', ward.nowMs + HOUR_MS, ward.nowMs);
    ward.run(30, { ...heart(180), flags: ['vt'] });
    expect(ward.shown).toEqual(['extreme-tachycardia high active']);
  });

  it('VT, then VF, then asystole are three alarms: each is called for', () => {
    const ward = new Ward().run(5, { flags: ['vt'] }).acknowledge('vt');
    ward.run(1, { flags: ['vf'] });
    expect(ward.shown).toEqual(['vf high active', 'vt high acknowledged']);
    ward.acknowledge('vf').run(1, { flags: ['asystole'] });
    expect(ward.shown[0]).toBe('asystole high active');
  });

  it('the pulse speaks where there is no heart rate', () => {
    const pulse = { numbers: { 'heart-rate': null, 'pulse-rate': 150 } };
    const ward = new Ward().run(30, { numbers: { 'heart-rate': 80, 'pulse-rate': 150 } });
    expect(ward.shown).toEqual([]);
    expect(ward.run(20, pulse).shown).toEqual(['extreme-tachycardia high active']);
  });

  it('what is worse is called for again; what is better is not', () => {
    const ward = new Ward().run(11, heart(135)).acknowledge('rate-high');
    ward.run(6, heart(150));
    expect(ward.shown).toEqual(['extreme-tachycardia high active']);
    ward.acknowledge('extreme-tachycardia').run(12, heart(135));
    expect(ward.shown).toEqual(['rate-high medium acknowledged']);
    expect(ward.told()).toEqual([
      'began rate-high inactive→active',
      'acknowledged rate-high active→acknowledged Ada',
      'worse extreme-tachycardia acknowledged→active',
      'acknowledged extreme-tachycardia active→acknowledged Ada',
      'better rate-high acknowledged→acknowledged',
    ]);
  });

  it('the worst is shown until somebody has seen it', () => {
    const ward = new Ward().run(11, heart(150)).run(60, heart(135));
    expect(ward.shown).toContain('extreme-tachycardia high active');
    ward.acknowledge('extreme-tachycardia');
    expect(ward.shown).toContain('rate-high medium acknowledged');
  });
});

describe('rhythm alarms', () => {
  it('atrial fibrillation is low, after a minute, and once', () => {
    const ward = new Ward().run(60, { flags: ['af'] });
    expect(ward.shown).toEqual([]);
    ward.run(1, { flags: ['af'] });
    expect(ward.shown).toEqual(['af low active']);
    for (let i = 0; i < 10; i++) ward.run(200, { flags: [] }).run(60, { flags: ['af'] });
    expect(ward.told().filter((one) => one.startsWith('began'))).toHaveLength(1);
    expect(ward.run(301, { flags: [] }).shown).toEqual([]);
  });

  it('an ECG that cannot be judged ends nothing for 30 s, and then leaves it latched', () => {
    const ward = new Ward().run(5, { flags: ['vf'] }).run(30, { flags: null });
    expect(ward.shown).toEqual(['vf high active']);
    ward.run(1, { flags: null });
    expect(ward.shown).toEqual(['vf high latched']);
    expect(ward.told()).toContain('data-lost vf active→latched');
  });

  it('a flag does not undo an extreme that was widened by hand, or a child’s', () => {
    const ward = new Ward().run(1);
    ward.bed.setLimits('heart-rate', { high: 150, extremeHigh: 170 }, 'Ada', ward.nowMs);
    expect(ward.run(60, { ...heart(145), flags: ['tachycardia'] }).shown.join()).not.toContain(
      'tach',
    );
    const child = new Ward({ patient: { ageMonths: 2 } });
    expect(child.run(60, { ...heart(160), flags: ['tachycardia'] }).shown).toEqual([]);
    const asystole = new Ward({ patient: { ageMonths: 2 } });
    expect(asystole.run(1, { flags: ['asystole'] }).shown).toEqual(['asystole high active']);
  });
});

describe('technical alarms', () => {
  const strap = { problem: 'silent', source: 'strap-07' } as const;

  it('a silent node is one at once, and over ten seconds after it is', () => {
    const ward = new Ward();
    ward.bed.technical(strap, true);
    expect(ward.shown).toEqual(['silent low active']);
    expect(ward.bed.alarms[0]).toMatchObject({ source: 'strap-07', topic: 'silent strap-07' });
    ward.bed.technical(strap, false);
    expect(ward.run(9).shown).toEqual(['silent low active']);
    expect(ward.run(1).shown).toEqual([]);
  });

  it('a lead that rattles is one alarm', () => {
    const off = { problem: 'lead-off', source: 'strap-07 ecg.II' } as const;
    const ward = new Ward();
    for (let i = 0; i < 20; i++) {
      ward.bed.technical(off, true);
      ward.run(i === 0 ? 12 : 2);
      ward.bed.technical(off, false);
      ward.run(5);
    }
    expect(ward.told()).toEqual(['began lead-off inactive→active']);
  });

  it('a heart rate that was there and is not for a minute is one; without a reason told already', () => {
    const ward = new Ward().run(59).run(5, { numbers: well });
    expect(ward.run(59, { numbers: { 'heart-rate': 72 }, bars: 1 }).shown).toEqual([]);
    ward.run(1);
    expect(ward.shown).toEqual(['no-number low active', 'no-number low active']);
    expect(ward.bed.alarms.map(({ vital }) => vital).sort()).toEqual(['heart-rate', 'spo2']);
    const silent = new Ward().run(5, { numbers: well });
    silent.bed.technical({ ...strap, vitals: ['heart-rate', 'spo2', 'respiratory-rate'] }, true);
    expect(silent.run(600).shown).toEqual(['silent low active']);
  });

  it('asystole is no missing heart rate', () => {
    const ward = new Ward().run(5, { ...heart(70), flags: [] }).run(300, { flags: ['asystole'] });
    expect(ward.shown).toEqual(['asystole high active']);
  });

  it('a nurse call stays until it is acknowledged', () => {
    const call = { problem: 'nurse-call', source: 'button-1' } as const;
    const ward = new Ward();
    ward.bed.technical(call, true);
    ward.bed.technical(call, false);
    expect(ward.run(3600).shown).toEqual(['nurse-call medium latched']);
    expect(ward.acknowledge('nurse-call').shown).toEqual([]);
  });

  it('an empty battery is worse than a low one, and the same alarm', () => {
    const ward = new Ward();
    ward.bed.technical({ problem: 'battery-low', source: 'a' }, true);
    ward.bed.technical({ problem: 'battery-empty', source: 'a' }, true);
    expect(ward.shown).toEqual(['battery-empty medium active']);
  });

  it('sources are bounded, and one alarm says that there are too many', () => {
    const ward = new Ward();
    for (let i = 0; i < 1000; i++) {
      ward.bed.technical({ problem: 'silent', source: `node-${i}` }, true);
    }
    expect(ward.bed.alarms).toHaveLength(65);
    expect(ward.shown[0]).toBe('too-many medium active');
    for (let i = 0; i < 1000; i++) {
      ward.bed.technical({ problem: 'silent', source: `node-${i}` }, false);
    }
    expect(ward.run(30).shown).toEqual([]);
    ward.bed.technical({ problem: 'silent', source: 'x'.repeat(10_000) }, true);
    expect(ward.bed.alarms[0]!.source).toHaveLength(128);
  });
});

describe('NEWS2 of a bed', () => {
  const observe = (ward: Ward, vital: string, value: number, agoMs = 0) =>
    ward.bed.observation({ vital, value, atMs: ward.nowMs - agoMs, by: 'Ada' }, ward.nowMs);

  it('is partial until the rest is entered by hand, and again when it is too old', () => {
    const ward = new Ward().run(5, { numbers: well });
    expect(ward.run(1, { numbers: well }).bed.news2).toMatchObject({ known: 3, score: 0 });
    observe(ward, 'consciousness', 0);
    observe(ward, 'oxygen', 2);
    observe(ward, 'systolic-pressure', 105, HOUR_MS);
    observe(ward, 'body-temperature', 37.2);
    ward.run(1, { numbers: well });
    expect(ward.bed.news2).toMatchObject({ known: 7, score: 3, missing: [] });
    expect(ward.bed.news2?.agesMs['systolic-pressure']).toBe(HOUR_MS + 1000);
    ward.nowMs += 5 * HOUR_MS;
    ward.run(2, { numbers: well });
    expect(ward.bed.news2?.missing).toEqual(['systolic-pressure']);
    ward.nowMs += 2 * HOUR_MS;
    ward.run(2, { numbers: well });
    expect(ward.bed.news2).toMatchObject({ known: 4, score: 2 });
  });

  it('a streamed part is missing ten seconds after its last reading', () => {
    const ward = new Ward().run(5, { numbers: well }).run(10);
    expect(ward.bed.news2?.known).toBe(3);
    expect(ward.run(1).bed.news2?.known).toBe(0);
  });

  it('skin temperature never enters', () => {
    const ward = new Ward().run(5, { numbers: { 'skin-temperature': 33 } });
    observe(ward, 'skin-temperature', 33);
    expect(ward.run(1).bed.news2?.known).toBe(0);
  });

  it('does not flicker with one breath', () => {
    const ward = new Ward().run(60, { numbers: well });
    ward.run(20, { numbers: { ...well, 'respiratory-rate': 22 } });
    expect(ward.bed.news2?.score).toBe(0);
    ward.run(20, { numbers: { ...well, 'respiratory-rate': 22 } });
    expect(ward.bed.news2?.score).toBe(2);
  });

  it('a single 3 that nothing else calls for is urgent, once', () => {
    const ward = new Ward().run(60, { numbers: well });
    observe(ward, 'consciousness', 2);
    ward.run(60, { numbers: well });
    expect(ward.shown).toEqual([]);
    ward.run(2, { numbers: well });
    expect(ward.shown).toEqual(['news2-urgent medium active']);
    ward.acknowledge('news2-urgent').run(3600, { numbers: well });
    expect(ward.shown).toEqual(['news2-urgent medium acknowledged']);
  });

  it('a single 3 that has its own alarm is no second one', () => {
    const ward = new Ward().run(600, { numbers: { ...well, spo2: 85 } });
    expect(ward.shown).toEqual(['spo2-low medium active']);
  });

  it('7 is an emergency, and a score between 6 and 7 is one rise', () => {
    const ward = new Ward();
    observe(ward, 'consciousness', 1);
    observe(ward, 'oxygen', 4);
    const ill = (rate: number) => ({ numbers: { ...well, spo2: 94, 'heart-rate': rate } });
    ward.run(130, ill(95));
    expect(ward.bed.news2?.score).toBe(7);
    expect(ward.shown).toEqual(['news2-emergency high active']);
    ward.acknowledge('news2-emergency');
    for (let i = 0; i < 10; i++) ward.run(120, ill(85)).run(120, ill(95));
    expect(ward.told().filter((one) => one.startsWith('began'))).toHaveLength(1);
    expect(ward.shown).toEqual(['news2-emergency high acknowledged']);
    ward.run(1000, ill(85));
    expect(ward.shown).toEqual(['news2-urgent medium acknowledged']);
    ward.run(130, ill(95));
    expect(ward.shown).toEqual(['news2-emergency high active']);
  });

  it('is not made for a child', () => {
    const ward = new Ward({ patient: { ageMonths: 191 } }).run(5, { numbers: well });
    expect(ward.bed.news2).toBeNull();
    ward.bed.setPatient({ ageMonths: 192 }, 'Ada', ward.nowMs);
    expect(ward.run(1, { numbers: well }).bed.news2).toMatchObject({ known: 3 });
  });

  it.each([
    ['spo2', 100.1, 0, 'observation-out-of-range'],
    ['spo2', NaN, 0, 'observation-out-of-range'],
    ['consciousness', 1.5, 0, 'observation-out-of-range'],
    ['consciousness', 5, 0, 'observation-out-of-range'],
    ['body-temperature', 19.9, 0, 'observation-out-of-range'],
    ['blood-type', 1, 0, 'unknown-vital'],
    ['spo2', 97, -2_001, 'observation-from-future'],
    ['spo2', 97, NaN, 'observation-from-future'],
    ['spo2', 97, -2_000, 'done'],
    ['spo2', 97, 6 * HOUR_MS, 'done'],
    ['spo2', 97, 6 * HOUR_MS + 1, 'observation-too-old'],
    ['oxygen', 2, 12 * HOUR_MS, 'done'],
    ['oxygen', 2, 12 * HOUR_MS + 1, 'observation-too-old'],
  ])('an observation of %s %d, %d ms ago: %s', (vital, value, agoMs, code) => {
    const ward = new Ward().run(1);
    expect(codeOf(() => observe(ward, vital, value, agoMs))).toBe(code);
    ward.run(20, { numbers: well });
    expect(ward.bed.news2?.known).toBeGreaterThanOrEqual(3);
  });

  it('a refusal never says the reading', () => {
    const ward = new Ward().run(1);
    expect(() => observe(ward, 'spo2', 123.456)).toThrow(
      /^SpO₂: expected a number from 0 to 100 %$/,
    );
  });
});

it('an apnoea that is told after a later breath is none', () => {
  const ward = new Ward().run(60, { numbers: { 'respiratory-rate': 14 } });
  ward.bed.number('respiratory-rate', null, ward.nowMs - 9000, 4, 'apnea');
  expect(ward.shown).toEqual([]);
  ward.bed.number('respiratory-rate', null, ward.nowMs, 4, 'apnea');
  expect(ward.shown).toEqual(['apnea high active']);
});

describe('what people do', () => {
  const inVt = () => new Ward().run(3, { flags: ['vt'] });

  it('acknowledges: who and when, and not twice, and not what is not there', () => {
    const ward = inVt().acknowledge('vt');
    expect(ward.bed.alarms[0]).toMatchObject({
      ...{ state: 'acknowledged', isAudible: false },
      acknowledged: { by: 'Ada', atMs: ward.nowMs },
    });
    const again = () => ward.bed.acknowledge(1, 'Ben', ward.nowMs);
    expect([codeOf(again), codeOf(() => ward.bed.acknowledge(2, 'Ben', ward.nowMs))]).toEqual([
      ...['already', 'unknown-alarm'],
    ]);
    const anonymous = () => inVt().bed.acknowledge(1, ' ', ward.nowMs);
    expect(codeOf(anonymous)).toBe('nobody');
  });

  it('a high-priority alarm that ended stays, and sounds, until it is acknowledged', () => {
    const ward = inVt().run(3600, { flags: [] });
    expect([ward.shown, ward.bed.sounds]).toEqual([['vt high latched'], 'high']);
    expect(ward.bed.alarms[0]!.endedMs).toBe(NOON_MS + 14_000);
    expect(ward.acknowledge('vt').shown).toEqual([]);
  });

  it('sound is paused for two minutes, counting down, and everything is still seen', () => {
    const ward = new Ward().run(16, spo2(85));
    ward.bed.pauseAudio('Ada', ward.nowMs);
    expect(ward.bed.audioPause).toEqual({
      ...{ by: 'Ada', atMs: ward.nowMs, untilMs: ward.nowMs + 120_000 },
    });
    ward.run(119, spo2(85));
    expect([ward.shown, ward.bed.sounds]).toEqual([['spo2-low medium active'], null]);
    ward.run(1, spo2(85));
    expect([ward.bed.sounds, ward.bed.audioPause]).toEqual(['medium', null]);
    expect(ward.told()).toContain('pause-over');
  });

  it('a high-priority alarm that begins breaks the pause; a medium one waits for its end', () => {
    const ward = new Ward().run(1);
    ward.bed.pauseAudio('Ada', ward.nowMs);
    ward.run(16, spo2(85));
    expect(ward.bed.sounds).toBeNull();
    ward.run(1, { flags: ['vf'] });
    expect(ward.bed.sounds).toBe('high');
    expect(ward.told().slice(-2)).toEqual(['began vf inactive→active', 'pause-broken vf']);
  });

  it('resumes', () => {
    const ward = new Ward().run(16, spo2(85));
    ward.bed.pauseAudio('Ada', ward.nowMs);
    ward.bed.resumeAudio('Ben', ward.nowMs);
    expect(ward.bed.sounds).toBe('medium');
    expect(codeOf(() => ward.bed.resumeAudio('Ben', ward.nowMs))).toBe('already');
  });

  it('turns an alarm off until a moment; what stands then is called for', () => {
    const ward = new Ward().run(16, spo2(85));
    ward.bed.alarmOff('spo2-low', 'Ada', ward.nowMs + HOUR_MS, ward.nowMs);
    expect(ward.shown).toEqual([]);
    expect(ward.bed.off).toMatchObject([{ topic: 'spo2-low', by: 'Ada' }]);
    ward.run(3599, spo2(85));
    expect(ward.shown.filter((one) => one.startsWith('spo2'))).toEqual([]);
    ward.run(1, spo2(85));
    expect(ward.shown).toContain('spo2-low medium active');
    expect(ward.told()).toContain('off-over spo2-low');
  });

  it.each([
    ['spo2-low', HOUR_MS, 'done'],
    ['spo2-low', 12 * HOUR_MS, 'done'],
    ['spo2-low', 12 * HOUR_MS + 1, 'too-long'],
    ['spo2-low', 0, 'too-long'],
    ['spo2-low', NaN, 'too-long'],
    ['spo3-low', HOUR_MS, 'unknown-topic'],
    ['vt', HOUR_MS, 'unacknowledged'],
  ])('off: %s for %d ms: %s', (topic, lastsMs, code) => {
    const ward = inVt();
    const off = () => ward.bed.alarmOff(topic, 'Ada', ward.nowMs + lastsMs, ward.nowMs);
    expect(codeOf(off)).toBe(code);
    expect(codeOf(() => ward.bed.alarmOn(topic, 'Ada', ward.nowMs))).toBe(
      code === 'done' ? 'done' : 'already',
    );
  });

  it('standby: nothing alarms, data is noticed, what stands is called for on the way back', () => {
    const ward = new Ward().run(16, spo2(85));
    ward.bed.standby('Ada', 'to X-ray', ward.nowMs);
    expect([ward.shown, ward.bed.inStandby?.hasData]).toEqual([[], false]);
    ward.run(60, { ...spo2(85), flags: ['vt'] });
    expect([ward.shown, ward.bed.inStandby]).toEqual([
      [],
      { by: 'Ada', why: 'to X-ray', atMs: NOON_MS + 16_000, hasData: true },
    ]);
    ward.bed.resume('Ben', ward.nowMs);
    expect(ward.shown[0]).toBe('vt high active');
    const standby = () => ward.bed.standby('Ada', '', ward.nowMs);
    expect(codeOf(standby)).toBe('unacknowledged');
    expect(codeOf(() => ward.bed.resume('Ben', ward.nowMs))).toBe('already');
  });

  it('a button pressed in standby calls, and stays until it is acknowledged', () => {
    const ward = new Ward().run(1);
    ward.bed.standby('Ada', 'bath', ward.nowMs);
    const pressed = { problem: 'nurse-call', source: 'strap-07' } as const;
    ward.bed.technical(pressed, true);
    ward.bed.technical(pressed, false);
    expect(ward.shown).toEqual(['nurse-call medium active']);
    expect(ward.run(60).shown).toEqual(['nurse-call medium latched']);
    expect(ward.restart().shown).toEqual(['nurse-call medium latched']);
    expect(ward.acknowledge('nurse-call').shown).toEqual([]);
  });

  it('who was told of a medium alarm is told again when it turns high', () => {
    const ward = new Ward().run(200, heart(135));
    expect(ward.bed.alarms[0]).toMatchObject({ priority: 'medium', isEscalated: true });
    const from = ward.records.length;
    expect(ward.run(70, heart(160)).told(from)).toEqual([
      'worse extreme-tachycardia active→active',
      'escalated extreme-tachycardia active→active',
    ]);
  });

  it('nobody acknowledges: more people are told after 1, 3 and 10 minutes', () => {
    const ward = new Ward();
    ward.bed.technical({ problem: 'silent', source: 'a' }, true);
    ward.run(16, spo2(85)).run(1, { ...spo2(85), flags: ['vt'] });
    const escalated = (seconds: number) => {
      ward.run(seconds, { numbers: { spo2: 85 }, flags: ['vt'] });
      return ward.bed.alarms.filter((alarm) => alarm.isEscalated).map(({ priority }) => priority);
    };
    expect(escalated(59)).toEqual([]);
    expect(escalated(1)).toEqual(['high']);
    expect(escalated(119)).toEqual(['high', 'medium']);
    expect(escalated(404)).toEqual(['high', 'medium', 'low']);
    expect(ward.told().filter((one) => one.startsWith('escalated'))).toHaveLength(3);
  });

  it('what is acknowledged and still so is brought to mind every three minutes', () => {
    const ward = inVt()
      .acknowledge('vt')
      .run(541, { flags: ['vt'] });
    expect(ward.told().filter((one) => one.startsWith('reminder'))).toHaveLength(3);
  });
});

describe('limits of a patient', () => {
  it.each([
    [{ low: 50, high: 50 }, 'limits-cross'],
    [{ extremeLow: 60, low: 50 }, 'limits-cross'],
    [{ low: 150, extremeHigh: 140 }, 'limits-cross'],
    [{ low: -1 }, 'limits-out-of-range'],
    [{ high: 351 }, 'limits-out-of-range'],
    [{ high: NaN }, 'limits-out-of-range'],
    [{ low: 50, high: 120 }, 'done'],
    [{}, 'done'],
  ])('heart rate %j: %s; the ward goes on with the old ones where refused', (limits, code) => {
    const ward = new Ward().run(1);
    const set = () => ward.bed.setLimits('heart-rate', limits, 'Ada', ward.nowMs);
    expect(codeOf(set)).toBe(code);
    const old = { extremeLow: 40, low: 45, high: 130, extremeHigh: 140 };
    expect(ward.bed.limits['heart-rate']).toEqual(code === 'done' ? limits : old);
    expect(ward.run(11, heart(150)).shown).toHaveLength(Object.keys(limits).length === 0 ? 0 : 1);
  });

  it('close to each other, or at the end of the range, still let an alarm end', () => {
    const ward = new Ward().run(1);
    ward.bed.setLimits('heart-rate', { low: 60, high: 62 }, 'Ada', ward.nowMs);
    ward.bed.setLimits('spo2', { low: 100 }, 'Ada', ward.nowMs);
    ward.run(60, { numbers: { 'heart-rate': 50, spo2: 97 } });
    expect(ward.shown).toEqual(['spo2-low medium active', 'rate-low medium active']);
    expect(ward.run(11, { numbers: { 'heart-rate': 61, spo2: 100 } }).shown).toEqual([]);
  });

  it('refuses an extreme that has no alarm, and a vital sign without limits', () => {
    const ward = new Ward().run(1);
    const set = (vital: string, limits: object) => () =>
      ward.bed.setLimits(vital as 'spo2', limits, 'Ada', ward.nowMs);
    expect(codeOf(set('body-temperature', { extremeHigh: 41 }))).toBe('limits-unknown');
    expect(codeOf(set('rhythm', { high: 2 }))).toBe('unknown-vital');
    expect(set('heart-rate', { low: 90, high: 80 })).toThrow(
      'Heart rate: expected low below high, got 90 and 80',
    );
  });

  it.each([-1, 1801, NaN])('an age of %d months is refused', (ageMonths) => {
    expect(codeOf(() => new Ward({ patient: { ageMonths } }))).toBe('patient');
  });
});

describe('clock jumps', () => {
  it.each([
    [HOUR_MS, 'forward'],
    [-HOUR_MS, 'back'],
    [86_400_000, 'by a day'],
  ])('%d ms %s is named, and no alarm comes or goes of it', (jumpMs) => {
    const ward = new Ward().run(60, { numbers: well }).run(16, { numbers: { ...well, spo2: 85 } });
    const before = ward.shown;
    ward.nowMs += jumpMs;
    ward.run(5, { numbers: { ...well, spo2: 85 } });
    expect(ward.shown).toEqual(before);
    const jump = ward.records.find(({ cause }) => cause === 'clock-jump');
    expect(jump).toMatchObject({ jumpMs: jumpMs + 1000 });
    ward.run(11, { flags: ['vf'] });
    expect(ward.shown[0]).toBe('vf high active');
  });

  it('back: the countdown goes on as it was', () => {
    const ward = new Ward().run(16, spo2(85));
    ward.bed.pauseAudio('Ada', ward.nowMs);
    ward.run(60, spo2(85));
    ward.nowMs -= HOUR_MS;
    ward.run(1, spo2(85));
    expect(ward.bed.audioPause!.untilMs - ward.nowMs).toBe(60_000);
    expect(ward.run(60, spo2(85)).bed.sounds).toBe('medium');
  });

  it('forward: what waits to sound sounds earlier, never later', () => {
    const ward = new Ward().run(16, spo2(85));
    ward.bed.pauseAudio('Ada', ward.nowMs);
    ward.nowMs += HOUR_MS;
    expect(ward.run(1, spo2(85)).bed.sounds).toBe('medium');
  });

  it('a jump begins no delay and ends none', () => {
    const ward = new Ward().run(10, spo2(85));
    ward.nowMs += 60_000;
    ward.run(5, spo2(85));
    expect(ward.shown).toEqual([]);
    expect(ward.run(11, spo2(85)).shown).toEqual(['spo2-low medium active']);
  });

  it('a time that is none is no time', () => {
    const ward = new Ward().run(3, { flags: ['vt'] });
    ward.bed.tick(NaN);
    ward.bed.number('spo2', 50, NaN, 4);
    expect(ward.run(1).shown).toEqual(['vt high active']);
  });
});

describe('a gateway that starts again', () => {
  it('knows its alarms, who acknowledged them, what is off, paused and set', () => {
    const ward = new Ward({ patient: { spo2Scale: 2 } }).run(5, { numbers: well, flags: ['vf'] });
    ward.run(16, { numbers: { ...well, 'respiratory-rate': 30 }, flags: [] }).acknowledge('vf');
    ward.run(1, { flags: ['vt'] });
    ward.bed.alarmOff('af', 'Ben', ward.nowMs + HOUR_MS, ward.nowMs);
    ward.bed.setLimits('spo2', { low: 80 }, 'Ben', ward.nowMs);
    ward.bed.pauseAudio('Ada', ward.nowMs);
    const { alarms, audioPause, off, limits, patient } = ward.bed;
    ward.restart();
    expect(ward.bed.alarms).toEqual(alarms);
    expect(ward.bed.audioPause).toEqual(audioPause);
    expect(ward.bed.off).toEqual(off);
    expect([ward.bed.limits, ward.bed.patient]).toEqual([limits, patient]);
    expect(ward.told().at(-1)).toBe('restored');
  });

  it('the time it was away counts; a clock that went back meanwhile is named', () => {
    const ward = new Ward().run(16, spo2(85));
    ward.bed.pauseAudio('Ada', ward.nowMs);
    ward.restart(121_000).run(1, spo2(85));
    expect(ward.bed.audioPause).toBeNull();
    ward.restart(-HOUR_MS);
    expect(ward.records.at(-1)).toMatchObject({ cause: 'clock-jump', jumpMs: -HOUR_MS });
  });

  it('an alarm of before ends when its condition is over, or its data do not come back', () => {
    const back = new Ward().run(16, spo2(85)).restart(5_000).run(11, spo2(97));
    expect(back.shown).toEqual([]);
    const gone = new Ward()
      .run(3, { ...spo2(97), flags: ['vt'] })
      .restart(5_000)
      .run(31);
    expect(gone.shown).toEqual(['vt high latched']);
    expect(gone.run(30).shown).toContain('no-number low active');
  });

  it('a silence of before lasts until it is said to be over', () => {
    const silent = { problem: 'silent', source: 'strap-07' } as const;
    const ward = new Ward();
    ward.bed.technical(silent, true);
    ward.restart(HOUR_MS).run(60);
    expect(ward.shown).toEqual(['silent low active']);
    ward.bed.technical(silent, false);
    expect(ward.run(11).shown).toEqual([]);
  });

  it('ids are never given twice', () => {
    const ward = new Ward()
      .run(1, { flags: ['vt'] })
      .acknowledge('vt')
      .run(12, { flags: [] });
    ward.restart().run(1, { flags: ['vt'] });
    expect(ward.bed.alarms[0]!.id).toBe(2);
  });
});

import { findWaveform } from '@vitalshare/edge/vital';
import { type Frame, numericColumn } from '@vitalshare/edge/wire';
import { describe, expect, it } from 'vitest';
import { placeFrame } from '../ingest/place.ts';
import { Hub } from '../live/hub.ts';
import { SteadyClock } from '../live/steady-clock.ts';
import { MemoryDisk } from '../log/memory-disk.fixture.ts';
import { enroll } from '../registry/enroll.ts';
import { wardAlarms } from './quiet-ward.fixture.ts';

const START_MS = Date.UTC(2026, 10, 25, 3);
const entryOf = (node: string, stay = node) => ({
  ...enroll({ node, labels: {}, mqttUrl: 'mqtt://x' }, (n) => new Uint8Array(n)).entry,
  stay,
});

/** A ward whose clocks the test moves, each node a beat's frame a second. */
async function ward(disk = new MemoryDisk(), startMs = START_MS, nodes = ['strap-07']) {
  const time = { wallMs: startMs, upMs: 0 };
  const clock = new SteadyClock(
    () => time.wallMs,
    () => time.upMs,
  );
  const sent: { name: string; event: { bed: string } }[] = [];
  const parts = await wardAlarms(clock, (name, event) => sent.push({ name, event }), disk);
  const { alarms } = parts;
  const hub = new Hub(clock, alarms);
  for (const node of nodes) hub.enter(entryOf(node));
  alarms.restore(hub);
  const bootMs = startMs - 60_000;
  const tell = (node: string, more: Partial<Frame>, stay = node): void => {
    const deviceTimeUs = 1000 * (time.wallMs - bootMs);
    const frame = { deviceTimeUs, columns: [], segments: [], events: [], ...more };
    hub.frame(entryOf(node, stay), frame, placeFrame(frame, bootMs), time.wallMs);
  };
  /** So many seconds, each with what `each` tells in it. */
  const pass = async (seconds: number, each: (second: number) => void = () => undefined) => {
    for (let i = 0; i < seconds; i++) {
      time.wallMs += 1_000;
      time.upMs += 1_000;
      hub.beat();
      alarms.tick();
      each(Math.floor((time.wallMs - bootMs) / 1000) - 1);
    }
    await parts.journal.durable();
  };
  const beat =
    (rate: number, node = 'strap-07', bars = 4) =>
    (second: number) =>
      tell(node, { columns: [numericColumn('heart-rate', second, [rate], bars)] });
  const lastTold = () => sent.findLast(({ name }) => name === 'alarms')!.event;
  const standing = (bed = 'strap-07') =>
    (alarms.get(bed)?.alarms.alarms ?? []).map(({ what, state }) => `${what} ${state}`);
  const idOf = (what: string, bed = 'strap-07') =>
    alarms.get(bed)!.alarms.alarms.find((each) => each.what === what)!.id;
  return { ...parts, hub, time, lastTold, tell, pass, beat, standing, idOf, disk, entryOf };
}

const ecg = (second: number, leadOff: boolean) => ({
  ...({
    waveform: findWaveform('ecg')!,
    lead: 'II',
    unit: 'mV',
    leadOff,
    saturated: false,
  } as const),
  ...{ quality: 4, startUs: 1e6 * second, rateMilliHz: 250_000, gain: 200, baseline: 0 },
  samples: Int16Array.from({ length: 250 }, (_, i) => (i % 50) - 25),
});

describe('the alarms of a ward', () => {
  it('a heart rate beyond its limit calls, whoever watches is told, and an act ends the call', async () => {
    const { alarms, pass, beat, standing, idOf, lastTold, time } = await ward();
    await pass(20, beat(80));
    expect(standing()).toEqual([]);
    await pass(20, beat(135));
    expect(standing()).toEqual(['rate-high active']);
    expect(lastTold()).toMatchObject({ bed: 'strap-07', sounds: 'medium' });
    const watch = alarms.get('strap-07')!;
    const id = idOf('rate-high');
    expect(
      await alarms.act(watch, 'acknowledge', (now) => watch.alarms.acknowledge(id, 'Kim', now)),
    ).toBe(true);
    expect(lastTold()).toMatchObject({
      ...{ sounds: null, alarms: [{ acknowledged: { by: 'Kim', atMs: time.wallMs } }] },
    });
    expect(alarms.history.at(-1)).toMatchObject({
      ...{ bed: 'strap-07', cause: 'acknowledged', by: 'Kim' },
      alarm: { what: 'rate-high', priority: 'medium', from: 'active', to: 'acknowledged' },
    });
  });

  it('no reading stands in the journal', async () => {
    const { pass, beat, tell, disk, standing } = await ward();
    await pass(30, beat(137.5));
    await pass(40, (s) => tell('strap-07', { columns: [numericColumn('spo2', s, [71.3], 4)] }));
    expect(standing()).toEqual(['desaturation active']);
    const text = [...disk.files.values()]
      .map(({ synced }) => Buffer.from(synced).toString())
      .join('');
    expect(text).toContain('rate-high');
    for (const reading of ['137.5', '1375', '71.3', '713'])
      expect(text).not.toContain(`:${reading}`);
  });

  it('too weak a signal raises none, and one row of a node’s memory neither', async () => {
    const { pass, beat, tell, standing } = await ward();
    await pass(30, beat(180, 'strap-07', 1));
    await pass(30, (s) =>
      tell('strap-07', { columns: [numericColumn('heart-rate', s - 45, [190], 4)] }),
    );
    expect(standing()).toEqual([]);
  });

  it('an electrode that is off, a weak battery and a call of the patient', async () => {
    const { pass, tell, beat, standing } = await ward();
    await pass(12, (s) => tell('strap-07', { segments: [ecg(s, true)] }));
    expect(standing()).toEqual(['lead-off active']);
    await pass(12, (s) => tell('strap-07', { segments: [ecg(s, false)] }));
    expect(standing()).toEqual([]);
    const status = {
      linkDbm: null,
      bufferedFrames: 0,
      resetCause: 'unknown',
      firmware: '',
    } as const;
    tell('strap-07', { status: { ...status, batteryPercent: 20 } });
    await pass(2, beat(70));
    expect(standing()).toEqual(['battery-low active']);
    tell('strap-07', { status: { ...status, batteryPercent: 5 } });
    await pass(12, beat(70));
    expect(standing()).toEqual(['battery-empty active']);
    tell('strap-07', { status: { ...status, batteryPercent: 90 } });
    tell('strap-07', { events: [{ name: 'nurse-call', atUs: 1000 * 60_000 }] });
    await pass(15, beat(70));
    expect(standing()).toEqual(['nurse-call latched']);
  });

  it('a silent node is one alarm, over when it speaks; in standby or revoked it is none', async () => {
    const { alarms, pass, beat, standing, hub, time } = await ward();
    hub.connected('strap-07', true);
    await pass(10, beat(70));
    await pass(12);
    expect(standing()).toEqual(['silent active']);
    await pass(90);
    expect(standing()).toEqual(['silent active']);
    await pass(12, beat(70));
    expect(standing()).toEqual([]);
    const watch = alarms.get('strap-07')!;
    const untilMs = time.wallMs + 60_000;
    await alarms.act(watch, 'standby', (now) => watch.standby('Kim', 'X-ray', untilMs, now));
    await pass(50);
    expect(standing()).toEqual([]);
    expect(watch.liveAlarms.standby).toMatchObject({ by: 'Kim', why: 'X-ray', untilMs });
    // The patient did not come back: the time that was set ends the standby, and the silence calls.
    await pass(12);
    expect(watch.liveAlarms.standby).toBeNull();
    expect(standing()).toEqual(['silent active']);
    hub.leave('strap-07');
    await pass(12);
    expect(alarms.get('strap-07')).toBeUndefined();
  });

  it('a node that moves takes its silence with it', async () => {
    const { hub, pass, beat, standing, entryOf: entry } = await ward();
    await pass(5, beat(70));
    await pass(12);
    expect(standing()).toEqual(['silent active']);
    hub.enter(entry('strap-07', 'bed-9'));
    await pass(1);
    expect(standing('bed-9')).toEqual(['silent active']);
    await pass(12);
    expect(standing('strap-07')).toEqual([]);
  });

  it('500 beds: what a beat costs', async () => {
    const nodes = Array.from({ length: 500 }, (_, i) => `n${i}`);
    const { pass, beat, alarms, time } = await ward(new MemoryDisk(), START_MS, nodes);
    await pass(5, (s) => nodes.forEach((node) => beat(70, node)(s)));
    const spent: number[] = [];
    for (let i = 0; i < 20; i++) {
      time.wallMs += 1_000;
      time.upMs += 1_000;
      const fromMs = performance.now();
      alarms.tick();
      spent.push(performance.now() - fromMs);
    }
    if (process.env['VITALSHARE_FIGURES'] !== undefined) {
      const median = spent.toSorted((a, b) => a - b)[10]!;
      console.log(`500 beds: ${median.toFixed(2)} ms a tick`);
    }
    expect([...alarms.beds]).toHaveLength(500);
  });
});

describe('alarms over a restart', () => {
  it('what stood, is off, limited or in standby is there again, latched alarms too', async () => {
    const disk = new MemoryDisk();
    const first = await ward(disk, START_MS, ['strap-07', 'strap-08']);
    await first.pass(20, first.beat(80));
    await first.pass(30, first.beat(20));
    await first.pass(30, first.beat(80));
    expect(first.standing()).toEqual(['extreme-bradycardia latched']);
    const watch = first.alarms.get('strap-07')!;
    await first.alarms.act(watch, 'limits', (now) =>
      watch.alarms.setLimits('spo2', { low: 88 }, 'Kim', now),
    );
    const off = first.time.wallMs + 3_600_000;
    await first.alarms.act(watch, 'alarm-off', (now) =>
      watch.alarms.alarmOff('temperature-low', 'Kim', off, now),
    );
    first.tell('strap-08', { columns: [numericColumn('heart-rate', 60, [70], 4)] });
    await first.pass(1);
    const other = first.alarms.get('strap-08')!;
    const untilMs = first.time.wallMs + 600_000;
    await first.alarms.act(other, 'standby', (now) => other.standby('Lee', 'bath', untilMs, now));
    disk.crash();

    const next = await ward(disk, first.time.wallMs + 5_000, ['strap-07', 'strap-08']);
    expect([next.said, next.failures]).toEqual([[], []]);
    expect(next.standing()).toEqual(['extreme-bradycardia latched']);
    const { alarms } = next.alarms.get('strap-07')!;
    expect(alarms.limits.spo2).toEqual({ low: 88 });
    expect(alarms.off).toMatchObject([{ topic: 'temperature-low', by: 'Kim' }]);
    expect(next.alarms.get('strap-08')!.liveAlarms.standby).toMatchObject({ by: 'Lee', untilMs });
    expect(next.alarms.history.some(({ cause }) => cause === 'standby')).toBe(true);
  });

  it('a node that was silent is still, one that does not come back becomes so, one that does is not', async () => {
    const disk = new MemoryDisk();
    const nodes = ['dead', 'dies', 'lives', 'never'];
    const first = await ward(disk, START_MS, nodes);
    for (const node of ['dead', 'dies', 'lives']) first.hub.connected(node, true);
    await first.pass(10, (s) => nodes.slice(0, 3).forEach((node) => first.beat(70, node)(s)));
    await first.pass(15, (s) => nodes.slice(1, 3).forEach((node) => first.beat(70, node)(s)));
    expect(first.standing('dead')).toEqual(['silent active']);
    disk.crash();

    const next = await ward(disk, first.time.wallMs + 2_000, nodes);
    expect(next.standing('dead')).toEqual(['silent active']);
    await next.pass(39, (s) => next.beat(70, 'lives')(s));
    expect(next.standing('dies')).toEqual([]);
    await next.pass(3, (s) => next.beat(70, 'lives')(s));
    expect(nodes.map((node) => next.standing(node).join())).toEqual([
      ...['silent active', 'silent active', '', ''],
    ]);
    await next.pass(12, (s) => next.beat(70, 'dead')(s));
    expect(next.standing('dead')).toEqual([]);
  });

  it('a node that was revoked meanwhile raises nothing, and what it raised is over', async () => {
    const disk = new MemoryDisk();
    const first = await ward(disk, START_MS, ['a', 'b']);
    await first.pass(5, first.beat(70, 'a'));
    await first.pass(15);
    expect(first.standing('a')).toEqual(['silent active']);
    disk.crash();
    const next = await ward(disk, first.time.wallMs, ['b']);
    await next.pass(100);
    expect(next.alarms.get('a')).toBeUndefined();
    expect(next.journal.states.has('node/a')).toBe(false);
  });

  it('a lead that is on again by then ends its alarm', async () => {
    const disk = new MemoryDisk();
    const first = await ward(disk);
    await first.pass(12, (s) => first.tell('strap-07', { segments: [ecg(s, true)] }));
    expect(first.standing()).toEqual(['lead-off active']);
    disk.crash();
    const next = await ward(disk, first.time.wallMs + 1_000);
    expect(next.standing()).toEqual(['lead-off active']);
    await next.pass(12, (s) => next.tell('strap-07', { segments: [ecg(s, false)] }));
    expect(next.standing()).toEqual([]);
  });

  it('a damaged bed is named and begins anew, the others are there', async () => {
    const disk = new MemoryDisk();
    const first = await ward(disk, START_MS, ['strap-07', 'b']);
    await first.pass(5, first.beat(70));
    first.journal.set('bed/strap-07', { snapshot: { version: 99 } });
    await first.journal.durable();
    const { said, alarms } = await ward(disk, START_MS, ['strap-07', 'b']);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('of bed strap-07 cannot be read');
    expect(alarms.get('strap-07')).toBeDefined();
  });
});

describe('the clock of the machine', () => {
  it('set back an hour: named once, alarms stand, and the silence of a node is not hidden', async () => {
    const { pass, beat, standing, said, time, failures } = await ward();
    await pass(10, beat(70));
    await pass(25, beat(140));
    expect(standing()).toEqual(['rate-high active']);
    time.wallMs -= 3_600_000;
    await pass(12);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('set back by 3600 s');
    expect(standing()).toContain('silent active');
    expect(failures).toEqual([]);
  });

  it('set forward an hour: named once, the ward goes on', async () => {
    const { pass, beat, standing, said, time } = await ward();
    await pass(10, beat(70));
    time.wallMs += 3_600_000;
    await pass(40, beat(140));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('set forward by 3600 s');
    expect(standing()).toContain('rate-high active');
  });
});

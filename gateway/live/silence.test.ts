import { describe, expect, it } from 'vitest';
import { findVital } from '@vitalshare/edge/vital';
import { type Frame, numericColumn } from '@vitalshare/edge/wire';
import { placeFrame } from '../ingest/place.ts';
import { enroll } from '../registry/enroll.ts';
import { Hub } from './hub.ts';
import { Silence } from './silence.ts';
import { SteadyClock } from './steady-clock.ts';

/** 12:03:10 of some day. */
const START_MS = Date.UTC(2026, 10, 24, 12, 3, 10);

function ward() {
  const told: string[] = [];
  const noted: unknown[] = [];
  const silence = new Silence({
    told: (node, sinceMs, untilMs) => {
      const at = (ms: number) => (ms - START_MS) / 1000;
      told.push(`${node} ${at(sinceMs)}${untilMs === undefined ? '' : `-${at(untilMs)}`}`);
    },
    noted: (node, expected) => noted.push([node, expected]),
  });
  let deviceUs = 0;
  let nowMs = START_MS;
  const wait = (seconds: number): void => {
    for (let i = 0; i < seconds; i += 0.5) silence.tick((nowMs += 500));
  };
  /** Frames every `stepS` of the node's time, arriving as fast as `everyS`. */
  const speak = (node: string, count: number, stepS: number, everyS = stepS): void => {
    for (let i = 0; i < count; i++) {
      wait(everyS);
      deviceUs += 1e6 * stepS;
      silence.came(node, deviceUs, nowMs);
    }
  };
  return { silence, told, noted, speak, wait, now: () => nowMs };
}

describe('failure 17: a silent sensor that raises no alarm', () => {
  it('a node of one frame a second is silent after 10 s, and over when it speaks', () => {
    const { silence, told, speak, wait } = ward();
    speak('strap-07', 5, 1);
    wait(10);
    expect(told).toEqual([]);
    wait(0.5);
    expect(told).toEqual(['strap-07 5']);
    wait(60);
    expect(told).toHaveLength(1);
    expect([...silence.lasting()]).toEqual([{ node: 'strap-07', sinceMs: START_MS + 5_000 }]);
    speak('strap-07', 1, 1);
    expect(told[1]).toBe('strap-07 5-76.5');
    expect([...silence.lasting()]).toEqual([]);
  });

  it('a node of one frame a minute is silent after three minutes', () => {
    const { told, wait, speak } = ward();
    speak('slow', 4, 60);
    wait(180);
    expect(told).toEqual([]);
    wait(0.5);
    expect(told).toEqual(['slow 240']);
  });

  it('neither an outage nor the burst after it changes what is usual', () => {
    const { told, wait, speak } = ward();
    speak('n', 9, 60);
    wait(600);
    expect(told).toEqual(['n 540']);
    // Ten minutes of frames in half a second each: the node's own time is not in a hurry.
    speak('n', 10, 60, 0.5);
    wait(180);
    expect(told).toHaveLength(2);
    wait(0.5);
    expect(told).toHaveLength(3);
  });

  it('an open connection that never says anything is silent after a minute', () => {
    const { silence, told, wait, now } = ward();
    silence.connected('dead', now());
    wait(60);
    expect(told).toEqual([]);
    wait(0.5);
    expect(told).toEqual(['dead 0']);
    // A node that comes back and says nothing has still said nothing.
    silence.connected('dead', now());
    wait(60);
    expect([...silence.lasting()]).toHaveLength(1);
  });

  it('one that never connected is not, and one that is revoked no longer', () => {
    const { silence, told, wait, now } = ward();
    silence.connected('gone', now());
    wait(61);
    silence.leave('gone', now());
    silence.leave('never', now());
    wait(600);
    expect(told).toEqual(['gone 0', 'gone 0-61']);
  });

  it('the wall clock set back an hour hides no silence, and what is told follows the new clock', () => {
    let [wallMs, upMs] = [START_MS, 5_000];
    const hub = new Hub(
      new SteadyClock(
        () => wallMs,
        () => upMs,
      ),
    );
    const { entry } = enroll(
      { node: 'strap-07', labels: {}, mqttUrl: 'mqtt://x' },
      (length) => new Uint8Array(length),
    );
    hub.enter(entry);
    hub.connected('strap-07', true);
    const pass = (seconds: number) => {
      for (let i = 0; i < seconds; i++) {
        [wallMs, upMs] = [wallMs + 1_000, upMs + 1_000];
        hub.beat();
      }
    };
    pass(10);
    wallMs -= 3_600_000;
    pass(50);
    expect([...hub.silent()]).toEqual([]);
    pass(1);
    expect([...hub.silent()]).toEqual([{ node: 'strap-07', sinceMs: START_MS - 3_600_000 }]);
  });

  it('what is expected is noted, and expected again by the gateway after this one', () => {
    const before = ward();
    before.silence.connected('strap-07', before.now());
    before.speak('strap-07', 3, 5);
    before.silence.connected('mute', before.now());
    before.wait(61);
    before.silence.leave('mute', before.now());
    expect(before.noted).toEqual([
      ['strap-07', {}],
      ['strap-07', { stepMs: 5_000 }],
      ['mute', {}],
      ['strap-07', { stepMs: 5_000, silentSinceMs: START_MS + 15_000 }],
      ['mute', { silentSinceMs: START_MS + 15_000 }],
      ['mute', undefined],
    ]);

    const after = ward();
    const { silence, told, wait, speak, now } = after;
    // Silent then: silent still, at once. Of a known step: 30 s to come back, then as ever.
    silence.expect('was-silent', { stepMs: 1_000, silentSinceMs: START_MS - 9_000 }, now());
    silence.expect('fast', { stepMs: 1_000 }, now());
    silence.expect('slow', { stepMs: 20_000 }, now());
    silence.expect('mute', {}, now());
    silence.expect('back', { stepMs: 1_000 }, now());
    expect(told).toEqual(['was-silent -9']);
    wait(29.5);
    speak('back', 2, 1, 0);
    wait(10);
    expect(told).toHaveLength(1);
    wait(1);
    // One that has spoken since has no more time than ever.
    expect(told.slice(1)).toEqual(['back 29.5', 'fast 0']);
    wait(20);
    expect(told.slice(3)).toEqual(['mute 0']);
    wait(30);
    expect(told.slice(4)).toEqual(['slow 0']);
    silence.connected('was-silent', now());
    speak('was-silent', 1, 1, 0);
    expect(told.at(-1)).toMatch(/^was-silent -9-/);
  });

  it('the guard is needed: a connection that stands would hide it', () => {
    // The gateway before this guard told of connections only: nothing is said of this node, ever.
    let nowMs = START_MS;
    const hub = new Hub(new SteadyClock(() => nowMs));
    const { entry } = enroll(
      { node: 'strap-07', labels: {}, mqttUrl: 'mqtt://x' },
      (length) => new Uint8Array(length),
    );
    hub.enter(entry);
    const page: string[] = [];
    hub.watch({ write: (text) => page.push(text), pendingBytes: () => 0, close: () => undefined });
    hub.connected('strap-07', true);
    const speak = (second: number) => {
      const column = numericColumn(findVital('heart-rate')!, second, [72], 4);
      const frame: Frame = {
        ...{ deviceTimeUs: 1e6 * second, columns: [column], segments: [], events: [] },
      };
      hub.frame(entry, frame, placeFrame(frame, START_MS), nowMs);
    };
    for (let second = 0; second < 5; second++) speak(second);
    page.length = 0;
    for (let i = 0; i < 12; i++) {
      nowMs += 1_000;
      hub.beat();
    }
    const notices = page.filter((text) => text.startsWith('event: notice'));
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain(
      `"atMs":${START_MS},"kind":"silent","text":"strap-07 has sent nothing","lasts":true`,
    );
    // A page that comes later is told as well.
    const late: string[] = [];
    hub.watch({ write: (text) => late.push(text), pendingBytes: () => 0, close: () => undefined });
    expect(late.filter((text) => text.includes('has sent nothing'))).toHaveLength(1);
    speak(20);
    expect(page.filter((text) => text.includes('sends again'))).toHaveLength(1);
    hub.leave('strap-07');
    expect([...hub.silent()]).toEqual([]);
  });
});

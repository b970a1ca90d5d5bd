import { describe, expect, it } from 'vitest';
import { Playhead } from './playhead.ts';

describe('a playhead', () => {
  it('stands one segment and 250 ms behind a signal that comes a second at a time', () => {
    const head = new Playhead();
    expect(head.at(0)).toBeNull();
    for (let s = 0; s < 5; s++) head.arrived(s * 1_000, s * 1_000 + 1_100);
    expect(head.at(6_000)).toBe(6_000 - 1_350);
  });

  it('moves evenly between bursts and never back', () => {
    const head = new Playhead();
    let last = -Infinity;
    for (let ms = 0; ms < 20_000; ms += 20) {
      if (ms % 1_000 === 0) head.arrived(ms - 1_000, ms + ((ms / 1_000) % 3) * 40);
      const at = head.at(ms)!;
      expect(at).toBeGreaterThanOrEqual(last);
      if (ms > 5_000) expect(at - last).toBeLessThanOrEqual(30);
      last = at;
    }
  });

  it('is not held back by frames that a node had kept', () => {
    const head = new Playhead();
    for (let s = 0; s < 4; s++) head.arrived(s * 1_000, s * 1_000 + 1_000);
    const before = head.at(5_000)!;
    for (let s = 5; s < 15; s++) head.arrived(s * 1_000, 25_000);
    expect(head.at(25_000)!).toBe(before + 20_000);
  });

  it('follows a sensor whose clock is wrong by a day', () => {
    const head = new Playhead();
    head.arrived(86_400_000, 1_000);
    expect(head.at(1_000)).toBe(86_400_000 - 250);
    expect(head.at(1_500)).toBe(86_400_250);
  });
});

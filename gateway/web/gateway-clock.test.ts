import { describe, expect, it } from 'vitest';
import { GatewayClock } from './gateway-clock.ts';

describe("the gateway's clock", () => {
  it('is not known before the gateway was heard', () => {
    expect(new GatewayClock().at(5)).toBeNull();
  });

  it('runs on between events', () => {
    const clock = new GatewayClock();
    clock.hear(1_000_000, 100);
    expect(clock.at(2_600)).toBe(1_002_500);
  });

  it('believes the quickest event, since events only come late', () => {
    const clock = new GatewayClock();
    clock.hear(1_000_000, 80);
    clock.hear(1_001_000, 1_010);
    clock.hear(1_002_000, 2_300);
    const errorMs = clock.at(3_000)! - (1_000_000 + 3_000 - 10);
    expect(Math.abs(errorMs)).toBeLessThan(10);
  });

  it('follows a clock that was set back or forth', () => {
    const clock = new GatewayClock();
    clock.hear(9_000_000, 0);
    clock.hear(1_000_000, 1_000);
    expect(clock.at(1_000)).toBe(1_000_000);
    clock.hear(5_000_000, 2_000);
    expect(clock.at(2_000)).toBe(5_000_000);
  });
});

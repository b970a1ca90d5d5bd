import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NonceWindow } from './nonce-window.ts';

const NOW = 1_700_000_000_000;

describe('NonceWindow [PROTO-10]', () => {
  it('takes a nonce once for each key', () => {
    const window = new NonceWindow(10);
    expect(window.accept('alice', 'n1', NOW, NOW)).toBe(true);
    expect(window.accept('alice', 'n1', NOW, NOW)).toBe(false);
    expect(window.accept('alice', 'n1', NOW + 1000, NOW + 1)).toBe(false);
    expect(window.accept('bob', 'n1', NOW, NOW)).toBe(true);
  });

  it('refuses when full rather than forget, and has room again after 120 s', () => {
    const window = new NonceWindow(2);
    expect(window.accept('a', 'n1', NOW, NOW)).toBe(true);
    expect(window.accept('a', 'n2', NOW, NOW + 1)).toBe(true);
    expect(window.accept('b', 'n3', NOW, NOW + 1)).toBe(false);
    expect(window.accept('b', 'n3', NOW + 119_000, NOW + 119_999)).toBe(false);
    expect(window.accept('b', 'n3', NOW + 120_000, NOW + 121_000)).toBe(true);
    expect(window.accept('b', 'n4', NOW + 120_000, NOW + 121_000)).toBe(true);
    expect(window.accept('b', 'n5', NOW + 120_000, NOW + 121_000)).toBe(false);
  });

  it('lets no key take more than its part', () => {
    const window = new NonceWindow(4, { limitPerKey: 2 });
    expect(window.accept('a', 'n1', NOW, NOW)).toBe(true);
    expect(window.accept('a', 'n2', NOW, NOW)).toBe(true);
    expect(window.accept('a', 'n3', NOW, NOW)).toBe(false);
    expect(window.accept('b', 'n1', NOW, NOW)).toBe(true);
    expect(window.accept('a', 'n3', NOW + 130_000, NOW + 130_000)).toBe(true);
  });

  it('refuses what is stale itself, or no time at all', () => {
    const window = new NonceWindow(10);
    expect(window.accept('a', 'n1', NOW - 60_001, NOW)).toBe(false);
    expect(window.accept('a', 'n1', NOW + 60_001, NOW)).toBe(false);
    expect(window.accept('a', 'n1', Number.NaN, NOW)).toBe(false);
    expect(window.accept('a', 'n1', NOW, Number.NaN)).toBe(false);
    expect(window.accept('a', 'n1', NOW - 60_000, NOW)).toBe(true);
  });

  it('refuses a replay after the clock leapt a day ahead and back', () => {
    const window = new NonceWindow(10);
    const day = 86_400_000;
    expect(window.accept('a', 'n1', NOW, NOW)).toBe(true);
    expect(window.accept('b', 'n9', NOW + day, NOW + day)).toBe(true);
    expect(window.accept('a', 'n1', NOW, NOW + 10_000)).toBe(false);
    expect(window.accept('a', 'n2', NOW + 10_000, NOW + 10_000)).toBe(true);
  });

  it('refuses what an earlier process may have taken, and takes the second it starts in', () => {
    const window = new NonceWindow(10, { startedMs: NOW + 300 });
    expect(window.accept('a', 'n1', NOW - 1000, NOW + 400)).toBe(false);
    expect(window.accept('a', 'n2', NOW, NOW + 400)).toBe(true);
  });

  it('takes nothing twice and every first, over any run of a steady clock', () => {
    const request = fc.record({
      nonce: fc.constantFrom('n1', 'n2', 'n3', 'n4'),
      // Whole seconds within the limit less one: the edge itself is a matter of one tick.
      skewMs: fc.integer({ min: -59, max: 59 }).map((seconds) => seconds * 1000),
      waitMs: fc.integer({ min: 0, max: 40_000 }),
      replay: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 60 }), (requests) => {
        const window = new NonceWindow(1000);
        const taken: { nonce: string; createdMs: number }[] = [];
        let nowMs = NOW;
        let serial = 0;
        for (const { nonce, skewMs, waitMs, replay } of requests) {
          nowMs += waitMs;
          const old = taken[serial % Math.max(1, taken.length)];
          if (replay && old !== undefined) {
            expect(window.accept('a', old.nonce, old.createdMs, nowMs)).toBe(false);
          } else {
            const fresh = { nonce: `${nonce} ${serial}`, createdMs: nowMs + skewMs };
            expect(window.accept('a', fresh.nonce, fresh.createdMs, nowMs)).toBe(true);
            taken.push(fresh);
          }
          serial++;
        }
      }),
    );
  });

  it.each([0, -1, 1.5, Number.NaN])('calls a limit of %d a bug of the caller', (limit) => {
    expect(() => new NonceWindow(limit)).toThrow(RangeError);
  });
});

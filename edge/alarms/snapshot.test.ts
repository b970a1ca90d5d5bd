/** A snapshot that was altered is refused by name, or is a bed that works. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AlarmError } from './alarm.ts';
import { BedAlarms } from './bed-alarms.ts';
import { codeOf, NOON_MS, Ward } from './bed.fixture.ts';

function full(): unknown {
  const numbers = { 'heart-rate': 150, spo2: 85, 'respiratory-rate': 14 };
  const ward = new Ward({ patient: { ageMonths: 400 } }).run(30, { numbers, flags: ['vf'] });
  ward.acknowledge('vf');
  ward.bed.technical({ problem: 'silent', source: 'strap-07' }, true);
  ward.bed.setLimits('spo2', { low: 86 }, 'Ada', ward.nowMs);
  ward.bed.alarmOff('af', 'Ben', ward.nowMs + 60_000, ward.nowMs);
  ward.bed.pauseAudio('Ada', ward.nowMs);
  return JSON.parse(JSON.stringify(ward.bed.snapshot()));
}
const restore = (snapshot: unknown) => new BedAlarms({ nowMs: NOON_MS, snapshot });

/** Every path of a JSON value. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const within = Object.entries(value).flatMap(([key, each]) => pathsOf(each, [...path, key]));
  return path.length === 0 ? within : [path, ...within];
}

function altered(value: unknown, [key, ...rest]: string[], to: unknown): unknown {
  if (key === undefined) return to;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = altered(copy[key], rest, to);
  return copy;
}

describe('a snapshot', () => {
  it.each([[undefined], [null], [1], ['{}'], [[]], [{}], [{ version: 2 }]])(
    '%j is none',
    (value) => {
      if (value === undefined) return;
      expect(codeOf(() => restore(value))).toBe('snapshot');
    },
  );

  it('is written and read without loss', () => {
    const snapshot = full();
    const kept = restore(snapshot).snapshot() as Record<string, unknown>;
    const written = snapshot as Record<string, unknown>;
    expect({ ...kept, savedMs: 0 }).toEqual({ ...written, savedMs: 0 });
  });

  it('with any one part altered is refused as a snapshot, or works', () => {
    const snapshot = full();
    const property = fc.property(
      fc.constantFrom(...pathsOf(snapshot)),
      fc.oneof(fc.jsonValue(), fc.constantFrom('__proto__', 'constructor', -1, 1e308, '')),
      (path, to) => {
        try {
          const bed = restore(altered(snapshot, path, to));
          for (let i = 1; i <= 70; i++) bed.tick(NOON_MS + 1000 * i);
          JSON.stringify(bed.snapshot());
        } catch (error) {
          if (!(error instanceof AlarmError) || error.code !== 'snapshot') throw error;
        }
      },
    );
    fc.assert(property, { numRuns: 1000 });
  });

  it.each([
    ['two alarms of a topic', ['states', 'held'], 'twice'],
    ['an id above the next', ['states', 'nextId'], 1],
    ['an alarm nobody knows', ['states', 'held', '0', 'condition', 'what'], 'toString'],
    ['an acknowledgement by nobody', ['states', 'held', '0', 'acknowledged'], null],
    ['limits that cross', ['limits', 'spo2'], { low: 90, high: 80 }],
    ['limits of what has none', ['limits', 'rhythm'], { low: 1 }],
    ['an age below zero', ['patient', 'ageMonths'], -1],
    ['a name as long as a book', ['states', 'off', '0', 'by'], 'x'.repeat(1000)],
    ['more than fits', ['padding'], 'x'.repeat(300_000)],
  ])('with %s is refused', (_, path, to) => {
    const snapshot = full() as { states: { held: unknown[] } };
    const [first] = snapshot.states.held;
    const value = to === 'twice' ? [first, first] : to;
    expect(codeOf(() => restore(altered(snapshot, path, value)))).toBe('snapshot');
  });
});

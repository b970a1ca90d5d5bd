/**
 * A time as people type it: microseconds UTC.
 *
 *   2026-01-31   2026-01-31T08:30   2026-01-31 08:30:00.25Z   2026-01-31T09:30+01:00   ISO 8601
 *   30s  15m  1h  2d                                                                  so long ago
 *
 * A time without a zone is UTC, a day alone its first moment. A day, hour or zone that no calendar
 * has is refused: Date makes 2 March of 30 February. Limit: nothing before 1970.
 */

const AGO = /^-?(\d{1,9})([smhd])$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5 };
const ISO =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,6}))?)?(Z|([+-])(\d\d):?(\d\d))?)?$/i;

/** µs UTC, a safe integer from 0; `null` where the text is no time. */
export function parseTime(text: string, nowMs: number): number | null {
  const ago = AGO.exec(text);
  const timeUs = ago
    ? Math.round((nowMs - Number(ago[1]) * UNIT_MS[ago[2]!]!) * 1000)
    : isoMicros(text);
  return Number.isSafeInteger(timeUs) && timeUs >= 0 ? timeUs : null;
}

/** NaN where it is no time. */
function isoMicros(text: string): number {
  const [, day, hour, minute, second, fraction = '', , sign, zoneHour, zoneMinute] =
    ISO.exec(text) ?? [];
  if (day === undefined) return NaN;
  const dayMs = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(dayMs) || !new Date(dayMs).toISOString().startsWith(day)) return NaN;
  const seconds = secondsOf(hour, minute, second);
  const aheadSeconds = (sign === '-' ? -1 : 1) * secondsOf(zoneHour, zoneMinute);
  // Date keeps milliseconds; a device's time has microseconds.
  return dayMs * 1000 + (seconds - aheadSeconds) * 1e6 + Number(fraction.padEnd(6, '0'));
}

/** Of a clock face; NaN where it shows no such time. */
function secondsOf(hour = '0', minute = '0', second = '0'): number {
  const isOne = Number(hour) <= 23 && Number(minute) <= 59 && Number(second) <= 59;
  return isOne ? Number(hour) * 3600 + Number(minute) * 60 + Number(second) : NaN;
}

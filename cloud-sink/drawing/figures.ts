/**
 * Numbers, ages and clock times as every screen words them.
 *
 *   age     `4 s old`, from a minute `4 min`, from an hour the clock time (the caller's: null here)
 *   clock   `03:12` or `03:12:46`, local; with its date when that is not today's
 *   absent  `–`, never 0 and never blank
 *
 * Between a number and its unit stands a narrow space that does not break.
 */
export const NARROW = '\u202f';
export const ABSENT = '–';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** A finite value with fixed decimals; anything else is absent. */
export function formatNumber(value: number | null | undefined, decimals = 0): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return ABSENT;
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `\u2212${text}` : text;
}

/** `null` from an hour on: then the clock time says it better. A negative age is 0. */
export function formatAge(ageMs: number): string | null {
  if (ageMs >= HOUR_MS) return null;
  if (ageMs >= MINUTE_MS) return `${Math.floor(ageMs / MINUTE_MS)}${NARROW}min`;
  return `${Math.max(0, Math.floor(ageMs / 1000))}${NARROW}s old`;
}

interface ClockOptions {
  readonly seconds?: boolean;
  /** IANA name; the reader's own zone if left out. */
  readonly zone?: string | undefined;
  /** With it, a time on another day than this one carries its date. */
  readonly nowMs?: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format costs a hundred times what using it does, and a wall words its times every second. */
function formatOf(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', options);
  formats.set(key, made);
  return made;
}

export function formatClock(timeMs: number, options: ClockOptions = {}): string {
  const zone = options.zone === undefined ? {} : { timeZone: options.zone };
  const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  if (options.seconds === true) time.second = '2-digit';
  const clock = formatOf({ ...time, ...zone }).format(timeMs);
  if (options.nowMs === undefined) return clock;
  const dayOf = formatOf({ day: 'numeric', month: 'short', year: 'numeric', ...zone });
  const day = dayOf.format(timeMs);
  const today = dayOf.format(options.nowMs);
  if (day === today) return clock;
  const sameYear = day.slice(-4) === today.slice(-4);
  return `${sameYear ? day.slice(0, -5) : day}, ${clock}`;
}

/** The zone a clock is read in, as an offset: `UTC+1`. */
export function formatZone(timeMs: number, zone?: string): string {
  const format = formatOf({
    timeZoneName: 'shortOffset',
    ...(zone === undefined ? {} : { timeZone: zone }),
  });
  const part = format.formatToParts(timeMs).find(({ type }) => type === 'timeZoneName');
  // Runtimes disagree on what the offset 0 is called.
  return (part?.value ?? 'UTC').replace(/^GMT(\+0)?$/, 'UTC').replace('GMT', 'UTC');
}

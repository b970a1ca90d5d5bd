/**
 * What the columns of a table are: by their own heads, or by a map somebody wrote.
 *
 *   head    Time [s], PLETH, ECG II [mV]          the unit in brackets, if any
 *   map     time=t,ecg:II=ECG [mV],pleth=PPG      channel[:lead]=head, vital=head
 *
 * A map names heads exactly; `[unit]` behind a head that is not there itself states its unit.
 * Columns a map leaves out are not read.
 */
import { LEADS, findVital, findWaveform } from '../vital/vital.ts';
import type { Lead, Vital } from '../vital/vital.ts';
import { FormatError, quoted } from './error.ts';

export type ColumnTarget =
  | { readonly kind: 'time' }
  | { readonly kind: 'vital'; readonly vital: Vital }
  | { readonly kind: 'waveform'; readonly channel: string; readonly lead: Lead };

export interface ColumnMap {
  readonly entries: readonly { readonly target: ColumnTarget; readonly head: string }[];
}

/** A column of a table that is open. */
export interface Column {
  readonly at: number;
  /** Without its unit. */
  readonly name: string;
  /** As written; undefined where nobody states it. */
  readonly unit: string | undefined;
  /** Undefined: the head must say what it is. */
  readonly target: ColumnTarget | undefined;
}

export interface Columns {
  /** Undefined where a rate replaces it. */
  readonly time: { readonly at: number; readonly unitMicros: number } | undefined;
  readonly values: readonly Column[];
  /** Heads of columns that a map leaves out. */
  readonly unmapped: readonly string[];
}

const TIME_NAME = /^(?:time|t|seconds?|elapsed time|timestamp)$/i;
const TIME_UNIT_MICROS: ReadonlyMap<string, number> = new Map([
  ['s', 1e6],
  ['sec', 1e6],
  ['ms', 1e3],
  ['us', 1],
]);

/** Reads `--columns`. Throws FormatError `bad-map`. */
export function parseColumnMap(text: string): ColumnMap {
  const bad = (detail: string) => new FormatError('bad-map', 'column map', detail);
  const entries = text.split(',').map((part) => {
    const at = part.indexOf('=');
    if (at < 1) throw bad(`expected name=column, got ${quoted(part.trim())}`);
    const head = part.slice(at + 1).trim();
    if (head === '') throw bad(`expected a column after ${quoted(part.trim())}`);
    const name = part.slice(0, at).trim();
    const target = targetOf(name);
    if (target === undefined) {
      throw bad(`expected time, a vital sign, or a waveform with a lead, got ${quoted(name)}`);
    }
    return { target, head };
  });
  entries.forEach(({ target }, index) => {
    if (entries.slice(0, index).some((other) => sameTarget(other.target, target))) {
      throw bad(`expected ${targetName(target)} once, got it again`);
    }
  });
  if (entries.every(({ target }) => target.kind === 'time')) {
    throw bad('expected a vital sign or a waveform, got the time alone');
  }
  return { entries };
}

function targetOf(name: string): ColumnTarget | undefined {
  if (name === 'time') return { kind: 'time' };
  const [channel = '', leadName = ''] = name.split(':', 2);
  const vital = findVital(name);
  if (vital !== undefined) return { kind: 'vital', vital };
  const lead = LEADS.find((known) => known === leadName);
  if (findWaveform(channel) === undefined || lead === undefined) return undefined;
  if (lead !== '' && channel !== 'ecg') return undefined;
  return { kind: 'waveform', channel, lead };
}

export const targetName = (target: ColumnTarget): string =>
  target.kind === 'time'
    ? 'time'
    : target.kind === 'vital'
      ? target.vital.name
      : target.channel + (target.lead === '' ? '' : `:${target.lead}`);

const sameTarget = (a: ColumnTarget, b: ColumnTarget): boolean => targetName(a) === targetName(b);

/** Finds the columns of a table. Throws FormatError `bad-column`. */
export function columnsOf(
  name: string,
  head: readonly string[],
  map: ColumnMap | undefined,
  needsTime: boolean,
): Columns {
  const bad = (detail: string) => new FormatError('bad-column', name, detail);
  if (map !== undefined) return mapped(head, map, needsTime, bad);
  const first = split(head[0]!);
  const isTime = TIME_NAME.test(first.name);
  if (!isTime && needsTime) {
    throw bad(`expected 'Time [s]' as first column, got ${quoted(head[0]!)}`);
  }
  const values = head.map((cell, at) => ({ at, ...split(cell), target: undefined }));
  return {
    time: isTime ? { at: 0, unitMicros: unitMicrosOf(first.unit, bad) } : undefined,
    values: isTime ? values.slice(1) : values,
    unmapped: [],
  };
}

function mapped(
  head: readonly string[],
  map: ColumnMap,
  needsTime: boolean,
  bad: (detail: string) => FormatError,
): Columns {
  const found = map.entries.map(({ target, head: wanted }) => {
    const whole = head.indexOf(wanted);
    const at = whole >= 0 ? whole : head.indexOf(split(wanted).name);
    if (at < 0) throw bad(`expected a column ${quoted(wanted)}, got ${quoted(head.join(', '))}`);
    const { name, unit } = split(wanted);
    return { at, name, unit: unit ?? split(head[at]!).unit, target };
  });
  const time = found.find(({ target }) => target.kind === 'time');
  if (time === undefined && needsTime) {
    throw bad('expected time=<column> in the map, or a rate, got neither');
  }
  const taken = new Set(found.map(({ at }) => at));
  return {
    time: time && { at: time.at, unitMicros: unitMicrosOf(time.unit, bad) },
    values: found.filter((column) => column !== time),
    unmapped: head.filter((_cell, at) => !taken.has(at)),
  };
}

/**
 * `ECG II [mV]` is the name `ECG II` and the unit `mV`; a unit may hold one pair of brackets of its
 * own, as `mm[Hg]` does. By hand: a pattern with both takes minutes of a head of 60,000 brackets.
 */
function split(cell: string): { name: string; unit: string | undefined } {
  const brackets = [...cell.matchAll(/[[\]]/g)].slice(-4);
  const shape = brackets.map(([bracket]) => bracket).join('');
  const own = cell.endsWith(']') ? (/\[\[\]\]$/.exec(shape) ?? /\[\]$/.exec(shape)) : null;
  if (own === null) return { name: cell, unit: undefined };
  const open = brackets[own.index]!.index;
  return { name: cell.slice(0, open).trim(), unit: cell.slice(open + 1, -1).trim() };
}

function unitMicrosOf(unit: string | undefined, bad: (detail: string) => FormatError): number {
  const micros = TIME_UNIT_MICROS.get((unit ?? 's').toLowerCase());
  if (micros === undefined) throw bad(`expected time in s, ms or us, got ${quoted(unit ?? '')}`);
  return micros;
}

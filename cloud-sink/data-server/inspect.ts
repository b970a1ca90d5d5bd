/**
 * What a data server holds, from its books and its folder alone: counts, spans, disk. Never a value, and
 * no share: nothing here reads a table that has any.
 */
import { LEADS, vitalOfCode, waveformOfCode } from '@vitalshare/edge/vital';
import { Books } from './books.ts';
import { type DamagePlace, placeOf } from './damage-text.ts';
import { Damages } from './damages.ts';
import { type Span, type StayState, widen } from './state.ts';
import type { Store } from './store.ts';

export interface Held {
  readonly logs: readonly {
    readonly log: string;
    readonly position: number;
    /** Hex, of the last batch. */
    readonly hash: string;
    readonly run: number;
    readonly epoch: number;
    /** Records kept, and those passed over by reason. */
    readonly counters: Readonly<Record<string, number>>;
  }[];
  readonly stays: readonly {
    readonly stay: string;
    readonly admitted: boolean;
    readonly vitals: readonly string[];
    readonly rows: number;
    /** UTC seconds, absent where nothing is held. */
    readonly from?: number;
    readonly to?: number;
  }[];
  /** By name: stays that have it, rows, UTC seconds from ≤ second < to. */
  readonly vitals: Readonly<Record<string, Span & { stays: number; rows: number }>>;
  /** By channel and lead, likewise. */
  readonly waveforms: Readonly<Record<string, Span & { stays: number }>>;
  readonly disk: Disk & {
    /** Bytes a day of readings; absent before an hour of them. */
    readonly growthBytesADay?: number;
    readonly daysUntilFull?: number;
  };
  readonly damages: readonly DamagePlace[];
}

export interface Disk {
  readonly storeBytes: number;
  readonly freeBytes: number;
}

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/** Throws StoreDamage where the books are damaged. */
export function inspect(store: Store, disk: Disk): Held {
  const books = new Books(store);
  const vitals: Record<string, Span & { stays: number; rows: number }> = {};
  const waveforms: Record<string, Span & { stays: number }> = {};
  const stays = books.names.map((stay) => {
    const states = books.named(stay).map(({ state }) => state);
    const own = vitalsOf(states);
    for (const [name, { rows, from, to }] of Object.entries(own)) {
      const held = widen(vitals, name, from, to, (span) => ({ ...span, stays: 0, rows: 0 }));
      held.stays++;
      held.rows += rows;
    }
    for (const [name, { from, to }] of Object.entries(waveformsOf(states))) {
      widen(waveforms, name, from, to, (span) => ({ ...span, stays: 0 })).stays++;
    }
    const spans = Object.values(own);
    return {
      stay,
      admitted: states.at(-1)?.versions.at(-1)?.admitted ?? false,
      vitals: Object.keys(own),
      rows: spans.reduce((sum, { rows }) => sum + rows, 0),
      ...(spans.length > 0 && reach(spans)),
    };
  });
  return {
    logs: books.logs.map(({ log, position, hash, run, epoch, counters }) => ({
      ...{ log, position, hash, run, epoch, counters: { ...counters } },
    })),
    ...{ stays, vitals, waveforms },
    disk: { ...disk, ...forecast(disk, [...Object.values(vitals), ...Object.values(waveforms)]) },
    damages: new Damages(store).list.map((damage) => placeOf(books, damage)),
  };
}

/** Over the time the readings span: what a ward that is on all day adds. */
function forecast({ storeBytes, freeBytes }: Disk, spans: readonly Span[]) {
  if (spans.length === 0) return {};
  const { from, to } = reach(spans);
  if (to - from < HOUR_SECONDS) return {};
  const growthBytesADay = Math.round((storeBytes * DAY_SECONDS) / (to - from));
  return { growthBytesADay, daysUntilFull: Math.floor(freeBytes / growthBytesADay) };
}

const reach = (spans: readonly Span[]): Span => ({
  from: Math.min(...spans.map(({ from }) => from)),
  to: Math.max(...spans.map(({ to }) => to)),
});

function vitalsOf(states: readonly StayState[]): Record<string, Span & { rows: number }> {
  const vitals: Record<string, Span & { rows: number }> = {};
  for (const state of states) {
    for (const [code, { rows, from, to }] of Object.entries(state.vitals)) {
      const name = vitalOfCode(Number(code))?.name ?? `vital sign ${code}`;
      widen(vitals, name, from, to, (span) => ({ ...span, rows: 0 })).rows += rows;
    }
  }
  return vitals;
}

/** In seconds. */
function waveformsOf(states: readonly StayState[]): Record<string, Span> {
  const waveforms: Record<string, Span> = {};
  for (const state of states) {
    for (const [codes, { from, to }] of Object.entries(state.waveforms)) {
      const [channel, lead] = codes.split('.').map(Number);
      const name = `${waveformOfCode(channel!)?.name ?? channel!} ${LEADS[lead!] ?? lead!}`;
      const [first, behind] = [Math.floor(from / 1e6), Math.ceil(to / 1e6)];
      widen(waveforms, name, first, behind, (span) => ({ ...span }));
    }
  }
  return waveforms;
}

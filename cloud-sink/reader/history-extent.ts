/**
 * What the catalogues tell about one channel of a stay: its leads, and from when to when it reaches.
 * Catalogues come from servers that may lie, so no single one decides.
 */
import { LEADS, type Lead, type Vital, type Waveform } from '@vitalshare/edge/vital';
import type { CatalogueStay } from '../messages/messages.ts';
import { listed, ReaderError } from './errors.ts';
import type { Range } from './history-runs.ts';

export interface HistoryRequest {
  readonly stay: string;
  /** A vital sign's or a waveform's name. */
  readonly channel: string;
  /** Of a waveform; without it the first lead there is. */
  readonly lead?: string | undefined;
  /** µs UTC, `from ≤ time < to`; without them, all there is. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Leads in the order of the first catalogue that has any: that in which they were recorded. */
export function leadsOf(stays: readonly CatalogueStay[], channel: string): Lead[] {
  const names = stays.flatMap(({ waveforms }) =>
    waveforms.filter((each) => each.channel === channel).map(({ lead }) => lead),
  );
  return [...new Set(names)].flatMap((name) => LEADS.find((lead) => lead === name) ?? []);
}

/** One server's word on when the channel begins and ends, µs. */
export function spansOf(
  stay: CatalogueStay,
  channel: Vital | Waveform,
  lead: Lead | undefined,
): Range[] {
  if ('scale' in channel) {
    const held = stay.vitals[channel.name];
    return held === undefined || held.rows === 0
      ? []
      : [{ from: held.from * 1e6, to: held.to * 1e6 }];
  }
  return stay.waveforms.filter((each) => each.channel === channel.name && each.lead === lead);
}

/**
 * Where 2t + 1 servers or more answered, the (t + 1)-th widest span reaches as far as some honest
 * server's and not further than another's; with fewer, the widest: a liar costs empty windows.
 */
export function extentOf(spans: readonly Range[], threshold: number, answered: number): Range {
  const at = answered > 2 * threshold ? Math.min(threshold, spans.length - 1) : 0;
  const froms = spans.map(({ from }) => from).sort((a, b) => a - b);
  const tos = spans.map(({ to }) => to).sort((a, b) => b - a);
  return { from: froms[at]!, to: tos[at]! };
}

export function absent(request: HistoryRequest, stays: readonly CatalogueStay[]): ReaderError {
  const vitals = stays.flatMap((stay) => Object.keys(stay.vitals));
  const waveforms = stays.flatMap((stay) =>
    stay.waveforms.map(({ channel, lead }) => (lead === '' ? channel : `${channel}:${lead}`)),
  );
  const names = [...new Set([...vitals, ...waveforms])];
  const wanted =
    request.lead === undefined ? request.channel : `${request.channel}:${request.lead}`;
  return new ReaderError(
    'absent-channel',
    `Stay ${request.stay} has no ${wanted}; it has ${names.length === 0 ? 'nothing yet' : listed(names)}.`,
  );
}

/**
 * One stay in the catalogues of the servers: what each says it has. No single one decides.
 */
import { type Lead, VITALS, WAVEFORMS } from '@vitalshare/edge/vital';
import type { CatalogueStay } from '../messages/messages.ts';
import { gone, tooFew, without } from './ask.ts';
import { askCatalogues } from './catalogue.ts';
import { ReaderError } from './errors.ts';
import { leadsOf } from './history-extent.ts';
import type { ReaderParty } from './party.ts';
import { known } from './plan.ts';
import type { ServerFault } from './request.ts';
import { type SnapshotTaken, takeSnapshot } from './snapshot.ts';
import type { Surroundings } from './surroundings.ts';

export interface StayOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly waitMs?: number | undefined;
}

export interface StayFound {
  readonly snapshot: SnapshotTaken;
  /** Faults of servers that are not there. */
  readonly missing: readonly ServerFault[];
  /** Faults of servers that are there and gave no catalogue; who is only behind is waited for. */
  readonly withoutCatalogue: readonly ServerFault[];
  /** One server's word each; at least one. */
  readonly stays: readonly CatalogueStay[];
  /** Servers that answered, with or without that stay. */
  readonly answeredCount: number;
}

/** Throws ReaderError: no stay of that name, too few servers. */
export async function askStay(
  party: ReaderParty,
  world: Surroundings,
  name: string,
  { signal, waitMs, timeoutMs }: StayOptions,
): Promise<StayFound> {
  const needed = party.configuration.threshold + 1;
  const what = 'opening history';
  const snapshot = await takeSnapshot(party, world, { needed, what, waitMs, signal });
  const asking = { enough: needed, signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  const present = { ...asking, servers: without(party, snapshot.faults) };
  const { answers, faults } = await askCatalogues(party, world, snapshot.asOf, present);
  const answered = answers.map(({ server }) => server);
  if (answered.length < needed) {
    throw tooFew(party, what, needed, answered, [...snapshot.faults, ...faults]);
  }
  const catalogues = answers.map(({ answer }) => answer.stays);
  const stays = catalogues.flatMap((each) => each.find(({ stay }) => stay === name) ?? []);
  if (stays.length === 0) {
    const names = new Set(catalogues.flatMap((each) => each.map(({ stay }) => stay)));
    const exist = known('Stays', names);
    throw new ReaderError('unknown-stay', `There is no stay ${name}. ${exist}`);
  }
  const away = gone(faults);
  const missing = [...snapshot.faults, ...away];
  const withoutCatalogue = faults.filter(
    (fault) => !away.includes(fault) && fault.code !== 'behind',
  );
  return { snapshot, missing, withoutCatalogue, stays, answeredCount: answered.length };
}

export interface StayChannel {
  readonly channel: string;
  /** Undefined for a vital sign, '' where none is stated. */
  readonly lead: Lead | undefined;
}

/** Every channel that some server says it has: a liar adds empty ones, and hides none. */
export function channelsOf({ stays }: StayFound): StayChannel[] {
  const waveforms = WAVEFORMS.flatMap(({ name }) =>
    leadsOf(stays, name).map((lead) => ({ channel: name, lead })),
  );
  const vitals = VITALS.filter(({ name }) =>
    stays.some((each) => (each.vitals[name]?.rows ?? 0) > 0),
  );
  return [...waveforms, ...vitals.map(({ name }) => ({ channel: name, lead: undefined }))];
}

/** How a person names it: `ecg:V5`, `pleth`, `heart-rate`. */
export const channelName = ({ channel, lead }: StayChannel): string =>
  lead === undefined || lead === '' ? channel : `${channel}:${lead}`;

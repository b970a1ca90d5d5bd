/**
 * What stays exist and which vital signs and waveforms they have, as every server tells it.
 *
 * A catalogue counts from the snapshot on: one that has not reached `asOf` is its server's fault.
 * Catalogues of honest servers differ by what arrived since, so nothing here compares them whole.
 */
import {
  type Catalogue,
  canonicalBytes,
  parseCatalogue,
  type Snapshot,
} from '../messages/messages.ts';
import { type Answered, askAll, type AskOptions } from './ask.ts';
import type { ReaderParty } from './party.ts';
import { askServer, parsedFrom, ServerFault } from './request.ts';
import type { Surroundings } from './surroundings.ts';

export function askCatalogues(
  party: ReaderParty,
  world: Surroundings,
  asOf: Snapshot,
  options: AskOptions,
): Promise<Answered<Catalogue>> {
  const body = bytesOf({ version: 1 });
  return askAll(party, world, options, async (server, signal) => {
    const bytes = await askServer(party, server, '/catalogue', body, world, signal);
    const catalogue = parsedFrom(server, bytes, parseCatalogue);
    const late = Object.entries(asOf).some(
      ([log, position]) => (catalogue.heads[log] ?? 0) < position,
    );
    if (late) throw new ServerFault(server, 'behind', 'it is behind in the log');
    return catalogue;
  });
}

/** A request body: canonical, so that its digest is the query's [PROTO-16]. */
export const bytesOf = (query: object): Uint8Array<ArrayBuffer> =>
  new Uint8Array(canonicalBytes(query));

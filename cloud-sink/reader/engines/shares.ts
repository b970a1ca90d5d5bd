/** The engine `shares`: every server's share of each moment, opened and checked by the reader [S6]. */
import { askGroup } from '../ask-group.ts';
import { MOMENTS } from '../moments-question.ts';
import { momentsOf, serversNeeded } from '../open-moments.ts';
import type { Engine } from './engine.ts';

export const SHARES: Engine = {
  name: 'shares',
  needed: serversNeeded,
  check: () => undefined,
  ask: async (session, query, what) => {
    const needed = serversNeeded(session.party.configuration, query.degree);
    const asked = await askGroup(session, MOMENTS, query, what, needed);
    return { ...momentsOf(asked), notes: asked.notes };
  },
};

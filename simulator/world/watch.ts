/**
 * Watches the parties of a running world and says when one ends or answers again. What counts is who
 * answers at its address: a party started by hand in place of one that ended is as good as the first.
 */
import { ASK_ENDED_EVERY_S, HEALTH_MS_MAX } from '../limits.ts';
import type { BedCounts } from './beds.ts';
import type { PartyChild } from './party-child.ts';
import type { Teller } from './status-line.ts';

/** Whether something answers `/healthz` there. */
export async function answers(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(HEALTH_MS_MAX);
    const response = await fetch(new URL('/healthz', url), { signal });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

interface Watched {
  readonly child: PartyChild;
  readonly url: string;
}

export class Watch {
  readonly #teller: Teller;
  readonly #parties: readonly (Watched & { state: 'runs' | 'ended' | 'back' })[];
  #seconds = 0;
  #offeredBefore = 0;

  constructor(parties: readonly Watched[], teller: Teller) {
    this.#teller = teller;
    this.#parties = parties.map((party) => ({ ...party, state: 'runs' }));
  }

  /** Called once a second. */
  second(beds: BedCounts | undefined, bedCount: number): void {
    this.#seconds += 1;
    for (const party of this.#parties) {
      const { child } = party;
      if (party.state !== 'runs' || child.ended === undefined) continue;
      party.state = 'ended';
      const { name } = child.plan;
      const event = { event: 'ended', party: name, how: child.ended, start: child.commandLine };
      this.#teller.say(
        `${name} ended (${child.ended}). Start it again: ${child.commandLine}`,
        event,
      );
    }
    if (this.#seconds % ASK_ENDED_EVERY_S === 0) void this.#askEnded();
    this.#status(beds, bedCount);
  }

  async #askEnded(): Promise<void> {
    for (const party of this.#parties) {
      if (party.state === 'runs') continue;
      const state = (await answers(party.url)) ? 'back' : 'ended';
      if (state === party.state) continue;
      party.state = state;
      const { name } = party.child.plan;
      if (state === 'back') {
        this.#teller.say(`${name} answers again.`, { event: 'back', party: name });
      } else {
        const start = party.child.commandLine;
        const event = { event: 'ended', party: name, how: 'no answer', start };
        this.#teller.say(`${name} does not answer any more. Start it again: ${start}`, event);
      }
    }
  }

  #status(beds: BedCounts | undefined, bedCount: number): void {
    const { offered = 0, acknowledged = 0, buffered = 0, live = 0 } = beds ?? {};
    const framesPerSecond = offered - this.#offeredBefore;
    this.#offeredBefore = offered;
    const here = this.#parties.filter(({ state }) => state !== 'ended').length;
    const parties = `${here}/${this.#parties.length} parties`;
    const text =
      bedCount === 0
        ? parties
        : `${framesPerSecond} frames/s, ${acknowledged} acknowledged, ${buffered} waiting, ${live}/${bedCount} beds live, ${parties}`;
    const event = { event: 'status', framesPerSecond, acknowledged, buffered, live, parties: here };
    this.#teller.status(text, event);
  }
}

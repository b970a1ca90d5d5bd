/**
 * Waiting for a party that starts, for as long as its process lives: a gateway reads its whole log
 * first, which grows with the ward. What takes long is said once.
 */
import { UserError } from '@vitalshare/edge/command/node';
import { READY_POLL_MS, READY_SAY_MS } from '../limits.ts';
import type { PartyChild } from './party-child.ts';
import type { Teller } from './status-line.ts';
import type { Tools } from './tools.ts';

export interface Starting {
  readonly child: Pick<PartyChild, 'plan' | 'ended' | 'complaint' | 'commandLine'>;
  readonly url: string;
}

export interface Waiting {
  readonly answers: (url: string) => Promise<boolean>;
  readonly tools: Pick<Tools, 'clock' | 'sleep'>;
  readonly teller: Pick<Teller, 'say'>;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
}

/** Resolves when it answers or `signal` aborts. Throws UserError with what it said where it ended. */
export async function untilReady({ child, url }: Starting, waiting: Waiting): Promise<void> {
  const { answers, tools, teller, signal } = waiting;
  const { name, starting } = child.plan;
  const startMs = tools.clock();
  let isSaid = false;
  while (!(await answers(url))) {
    if (signal.aborted) return;
    if (child.ended !== undefined) {
      const complaint = child.complaint === '' ? whyOf(child) : child.complaint;
      throw new UserError(
        `${name} did not start (${child.ended}): ${complaint}\nStart it alone to see more: ${child.commandLine}`,
      );
    }
    if (!isSaid && tools.clock() - startMs >= READY_SAY_MS) {
      isSaid = true;
      const event = { event: 'waiting', party: name, url };
      teller.say(`Still waiting: ${starting}. Ctrl-C stops it.`, event);
    }
    await tools.sleep(READY_POLL_MS, signal);
  }
}

/** A store of memory-mapped pages that is damaged ends its process without a word. */
const whyOf = ({ ended, plan }: Pick<PartyChild, 'ended' | 'plan'>): string =>
  /SIGBUS|SIGSEGV/.test(ended ?? '')
    ? `its store is damaged; move ${plan.args.at(-1) ?? ''}/store away and start again: it is read anew from the log`
    : 'it said nothing';

/** What each alarm says, and shows as evidence [PROTO-42]. Positions and hashes are no secret. */
import { HEAD_AGE_MS_MAX } from '../../limits.ts';
import type { Alarm } from '../../messages/alarms.ts';
import type { HeldHead, SignedHead } from '../../messages/signed-head.ts';
import { serversText } from '../servers-text.ts';
import type { Fork, LogWatch } from './log-watch.ts';

type Raised = Omit<Alarm, 'since' | 'until'>;

export const stale = (log: string, head: SignedHead | null): Raised => ({
  ...{ kind: 'stale-head', log, evidence: head ? [head] : [] },
  detail: `the log host shows no head of log ${log} that the gateway signed within ${HEAD_AGE_MS_MAX / 1000} s: it may serve an older copy, or the clocks of gateway and server differ`,
});

export const rolledBack = (before: SignedHead, now: SignedHead): Raised => ({
  ...{ kind: 'rolled-back', log: now.log, evidence: [before, now] },
  detail: `the gateway rolled log ${now.log} back: it signed position ${before.position}, and later ${now.position}; this server keeps what it holds`,
  positions: { from: now.position, to: before.position },
});

export const withheld = (head: SignedHead, ours: number): Raised => ({
  ...{ kind: 'withheld', log: head.log, evidence: [head] },
  detail: `log ${head.log} is withheld: the gateway signed position ${head.position} of it, and nothing comes behind ${ours}`,
  positions: { from: ours, to: head.position },
});

export const gone = (log: string, ours: number): Raised => ({
  ...{ kind: 'withheld', log, evidence: [] },
  detail: `log ${log} is withheld: this server holds ${ours} records of it, and the log host lists it no more`,
});

export const falseStatement = (server: number, held: HeldHead, signer: string): Raised => ({
  ...{ kind: 'false-statement', log: held.log, evidence: [held] },
  detail: `server ${server} states a head of log ${held.log} at position ${held.position} that ${signer} did not sign; nothing follows from it`,
});

/** `forks` are at least one. Where none of them was located, `from` is what both sides once had alike. */
export function twoStories(watch: LogWatch, forks: readonly Fork[], ours: number): Raised {
  const { log, sides, vouched } = watch;
  const located = forks.filter(({ isFound }) => isFound);
  const known = located.length > 0 ? located : forks;
  const from = Math.min(...known.map(({ parting }) => parting));
  const to = Math.max(ours, ...forks.map(({ head }) => head.position));
  const own = watch.own ?? watch.highest;
  const other = sides.theirs.length > 0 ? serversText(sides.theirs) : 'the log host';
  const where =
    located.length > 0
      ? `positions from ${from} to ${to - 1} differ`
      : `positions from ${from} or later to ${to - 1} differ (from which on, the other side does not say)`;
  return {
    ...{ kind: 'two-stories', log, positions: { from, to }, servers: sides },
    detail: `the gateway signed two continuations of log ${log}: ${where} between ${serversText(sides.ours)} and ${other}; start the gateway again, it will begin a new log`,
    evidence: [
      ...forks.map(({ head }) => head),
      ...(own ? [own] : []),
      ...[...vouched.values()].filter(({ server }) => sides.ours.includes(server)),
    ],
  };
}

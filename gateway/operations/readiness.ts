/**
 * Whether this gateway can acknowledge a frame now: what `GET /readyz` names where it cannot. A page that
 * is live and a log that fills are no opposite; only the second is readiness.
 */
import type { Missing } from '@vitalshare/edge/operations';
import type { MaskedLog } from '../log/masked-log.ts';

export interface ReadyParts {
  readonly log: Pick<MaskedLog, 'failing' | 'full'>;
  readonly isBrokerListening: boolean;
  /** Of the data servers asked since the start, how many said what they know of the log [S1]. */
  readonly answered: number;
  readonly needed: number;
  /** Frames wait for data servers to hold them, and nothing moves. */
  readonly isHeldStill: boolean;
  readonly isClosing: boolean;
}

export function missingOf(parts: ReadyParts): Missing[] {
  const { log, isBrokerListening, answered, needed, isHeldStill, isClosing } = parts;
  const missing: Missing[] = [];
  const say = (what: string, detail: string): void => void missing.push({ what, detail });
  if (isClosing) say('running', 'the gateway is closing');
  if (log.failing !== undefined) {
    say(
      'log-writable',
      `the disk of the log says ${log.failing}; nothing is acknowledged until it holds`,
    );
  } else if (log.full && !isClosing) {
    say('log-writable', 'more waits for the disk of the log than may; nodes keep their frames');
  }
  if (!isBrokerListening) say('broker', 'the broker does not listen yet');
  if (answered < needed) {
    say(
      'data-servers',
      `${answered} data servers said what they know of the log, ${needed} are needed`,
    );
  } else if (isHeldStill) {
    say(
      'data-servers',
      `fewer than ${needed} data servers hold what comes; nodes keep their frames`,
    );
  }
  return missing;
}

/**
 * `GET /alarms` of a data server: what it has against a log, its host, its gateway or another server
 * (PROTOCOL.md, section 3, alarms) [S8] [PROTO-42]. For operators: nothing is decided on it.
 */
import { ALARMS_MAX } from '../limits.ts';
import { AnswerError } from './answer.ts';
import { CanonicalError, parseJson } from './canonical.ts';
import { Fields } from './fields.ts';
import type { SignedHead } from './signed-head.ts';

export const ALARM_KINDS = [
  'two-stories', // the gateway signed two continuations of one log
  'rolled-back', // the gateway signed a shorter log than before
  'withheld', // a log ends, or is gone, before a head the gateway signed
  'stale-head', // a log host has no fresh head to show
  'false-statement', // a server states what its gateway or it did not sign
] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

/** What its operator does about it. */
export const ALARM_REMEDIES: Readonly<Record<AlarmKind, string>> = {
  'two-stories':
    'start the gateway again, it begins a new log; find out who else holds its keys or a copy of its folder',
  'rolled-back':
    "was the gateway's folder restored from a copy? Then nothing is lost: servers keep what they hold, and the gateway began a new log. If not, find out who holds its keys",
  withheld:
    "is a file missing from the gateway's logs/? Put it back from a copy. If not, find out who runs the host of the log; servers keep what they hold",
  'stale-head':
    'compare the clocks of gateway and server; if they agree, find out why the host shows an older copy',
  'false-statement': 'tell the administrator of that server; nothing follows from it here',
};

export interface Alarm {
  readonly kind: AlarmKind;
  readonly log: string;
  /** ms UTC. */
  readonly since: number;
  /** ms UTC when it was over; absent while it lasts. */
  readonly until?: number;
  /** ms UTC when this server's operator said that it has been dealt with; absent until then. */
  readonly acknowledged?: number;
  /** One sentence. */
  readonly detail: string;
  /** Records `from ≤ position < to` differ, or are missing. */
  readonly positions?: { readonly from: number; readonly to: number };
  /** Which servers hold what this one holds, and which the other; gateway and hosts are none. */
  readonly servers?: { readonly ours: readonly number[]; readonly theirs: readonly number[] };
  /** Signed or held heads, as they came. */
  readonly evidence: readonly SignedHead[];
}

const TIME_MAX = Number.MAX_SAFE_INTEGER;
const KIND_TEXT = new RegExp(`^(?:${ALARM_KINDS.join('|')})$`);
const fail = (message: string) => new AnswerError('form', message);

/** Throws AnswerError `form`. Evidence is left out: who judges it fetches it as it came. */
export function parseAlarms(body: Uint8Array): Omit<Alarm, 'evidence' | 'servers'>[] {
  const fields = new Fields({ alarms: jsonOf(body) }, fail);
  return fields.list('alarms', 0, ALARMS_MAX).map((value) => {
    const alarm = new Fields(value, fail);
    const detail = alarm.text('detail', /^[^]{1,2000}$/, 'a sentence');
    const positions = alarm.has('positions') ? spanOf(alarm.take('positions')) : undefined;
    return {
      kind: alarm.text('kind', KIND_TEXT, 'a kind of alarm') as AlarmKind,
      log: alarm.text('log', /^[0-9a-f]{32}$|^$/, 'a log id'),
      since: alarm.integer('since', 0, TIME_MAX),
      ...(alarm.has('until') ? { until: alarm.integer('until', 0, TIME_MAX) } : {}),
      ...(alarm.has('acknowledged')
        ? { acknowledged: alarm.integer('acknowledged', 0, TIME_MAX) }
        : {}),
      // Somebody else's text, soon on a terminal.
      detail: detail.replace(/[^\P{C}]/gu, ' '),
      ...(positions ? { positions } : {}),
    };
  });
}

function spanOf(value: unknown): { from: number; to: number } {
  const span = new Fields(value, fail);
  return { from: span.integer('from', 0, TIME_MAX), to: span.integer('to', 0, TIME_MAX) };
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return parseJson(body);
  } catch (error) {
    if (error instanceof CanonicalError) throw fail(error.message);
    throw error;
  }
}

/**
 * The one error of the reader: a question that got no answer, in a sentence for who asked it.
 *
 * A sentence names servers by index and name, says what was needed and what came, and never carries
 * a share, a key or a reading.
 */
import type { ProblemError } from '../messages/problem.ts';
import type { Evidence } from './evidence.ts';

export const READER_ERRORS = {
  'too-few': 'fewer servers answered alike than the opening needs',
  disagree: 'servers answered, and at least one of them wrongly',
  refused: 'the servers refuse the question, with their rule',
  'could-wrap': 'a result could exceed the field; refused before it is asked [PROTO-15]',
  'unknown-stay': 'no stay of that name',
  'unknown-label': 'no stay carries that label',
  engine: 'the engine that was named cannot answer this; the sentence says which can',
  empty: 'no log has a record yet',
  'absent-channel': 'the stay has no such vital sign or waveform',
  unverified: 'history does not match its commitment, whoever of the servers is believed [S7]',
} as const;
export type ReaderErrorCode = keyof typeof READER_ERRORS;

export class ReaderError extends Error {
  override readonly name = 'ReaderError';
  readonly code: ReaderErrorCode;
  /** Servers (from 1) that are missing or at fault, where some are. */
  readonly servers: readonly number[];
  /** The servers' own refusal, where all that refused gave the same. */
  problem: ProblemError | undefined;
  /** Servers whose answers are shown to be wrong, though no number came of it. */
  readonly named: readonly number[];
  /** What shows that to anyone who has the configuration, one for each question. */
  evidence: readonly Evidence[] = [];
  constructor(
    code: ReaderErrorCode,
    message: string,
    servers: readonly number[] = [],
    named: readonly number[] = [],
  ) {
    super(message);
    this.code = code;
    this.servers = servers;
    this.named = named;
  }
}

/** `1`, `1 and 2`, `1, 2 and 3`. */
export function listed(items: readonly (string | number)[]): string {
  const texts = items.map(String);
  return texts.length < 2
    ? texts.join('')
    : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)!}`;
}

/** `server 2` or `servers 1 and 3`. */
export const serverList = (servers: readonly number[]): string =>
  `server${servers.length === 1 ? '' : 's'} ${listed(servers)}`;

/** `1 row`, `2 rows`. */
export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;

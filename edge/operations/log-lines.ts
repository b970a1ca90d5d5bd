/**
 * What a process says to its operator: a sentence, or with `--log json` one JSON object a line:
 *
 *   {"time":"2026-11-24T12:00:00.000Z","level":"warn","party":"gateway","event":"disk-failing","text":"…", …fields}
 *
 * One `JSON.stringify` needs no logging library: a process says a few lines an hour, never one a frame.
 * Fields are chosen where the event is made, numbers and fixed words; no key, share, reading or password
 * is ever an argument here.
 */
export const LEVELS = ['info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

export interface About {
  /** A fixed word, such as `listening`. */
  readonly event: string;
  /** Default `info`. */
  readonly level?: Level;
  readonly fields?: Readonly<Record<string, string | number | boolean>>;
}

/** Without `about` the event is called `said`. */
export type Say = (sentence: string, about?: About) => void;

export interface LogOptions {
  readonly party: string;
  readonly clock: () => number;
  /** Gets a line with its end. */
  readonly write: (line: string) => void;
}

export function logSay({ party, clock, write }: LogOptions): Say {
  return (text, { event, level = 'info', fields = {} } = { event: 'said' }) => {
    const time = new Date(clock()).toISOString();
    write(`${JSON.stringify({ ...fields, time, level, party, event, text })}\n`);
  };
}

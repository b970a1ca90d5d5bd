/**
 * How a process that serves talks: sentences on stderr, or with `--log json` one JSON object a line there
 * (operations/log-lines.ts). Its ready line stays on stdout.
 */
import { logSay, type Say } from '../operations/operations.ts';
import { type Call, textOption, UserError } from './command.ts';

export const LOG_OPTION = { log: { type: 'string' } } as const;

/** Throws UserError on a value of `--log` that is none. */
export function isLogJson(call: Call): boolean {
  const log = textOption(call, 'log', 'text');
  if (log !== 'text' && log !== 'json') {
    throw new UserError(`--log must be text or json, got ${log}.`, 2);
  }
  return log === 'json';
}

/** `party` stands before every sentence. */
export function saying(call: Call, party: string, clock: () => number): Say {
  const write = (line: string): void => void process.stderr.write(line);
  if (isLogJson(call)) return logSay({ party, clock, write });
  return (sentence) => write(`${party}: ${sentence}\n`);
}

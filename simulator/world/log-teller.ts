/**
 * What `up --log json` tells: each event with time, level and party, and what its parties say as it comes,
 * which is of the same form. One JSON object a line, on stdout.
 */
import type { Level } from '@vitalshare/edge/operations';
import type { Screen, Teller, Told } from './status-line.ts';

const LEVELS: Readonly<Record<string, Level>> = { ended: 'error', killed: 'warn', said: 'warn' };
const STATUS_EVERY_S = 60;

export function makeLogTeller(screen: Screen, clock: () => number): Teller {
  const write = (text: string, told: Told): void => {
    const { event, party = 'up', ...fields } = told;
    const time = new Date(clock()).toISOString();
    const level = LEVELS[event] ?? 'info';
    screen.write(`${JSON.stringify({ ...fields, time, level, party, event, text })}\n`);
  };
  let calls = 0;
  return {
    say(sentence, told) {
      const line = told.event === 'said' ? told['line'] : undefined;
      if (typeof line === 'string' && isLogLine(line)) screen.write(`${line}\n`);
      else write(sentence, told);
    },
    status(text, told) {
      calls += 1;
      if (calls % STATUS_EVERY_S === 1) write(text, told);
    },
    end: () => undefined,
  };
}

function isLogLine(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'party' in value && 'event' in value;
  } catch {
    return false;
  }
}

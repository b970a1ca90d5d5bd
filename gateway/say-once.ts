/** What happens again and again is told to the operator once. */
import type { Say } from '@vitalshare/edge/operations';
import { NODES_MAX } from './limits.ts';

/** At most as many sentences as there can be nodes. */
export function sayOnce(say: Say): Say {
  const said = new Set<string>();
  return (sentence, about) => {
    if (said.size >= NODES_MAX || said.has(sentence)) return;
    said.add(sentence);
    say(sentence, about);
  };
}

/** `EMFILE` of what the system refused; of an error of ours, where it happened. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && 'syscall' in error) return String(error.code);
  return error.stack ?? error.message;
}

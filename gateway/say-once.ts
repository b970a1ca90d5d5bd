/** What happens again and again is told to the operator once. */
import { NODES_MAX } from './limits.ts';

/** At most as many sentences as there can be nodes. */
export function sayOnce(say: (sentence: string) => void): (sentence: string) => void {
  const said = new Set<string>();
  return (sentence) => {
    if (said.size >= NODES_MAX || said.has(sentence)) return;
    said.add(sentence);
    say(sentence);
  };
}

/** `EMFILE` of what the system refused; of an error of ours, where it happened. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && 'syscall' in error) return String(error.code);
  return error.stack ?? error.message;
}

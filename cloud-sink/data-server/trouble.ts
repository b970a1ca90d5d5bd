/** What may go wrong between this server and the log host, and passes: in words for the operator. */
import { AnswerError } from '../messages/answer.ts';
import { LogError } from '../messages/batch.ts';
import { ReplyError } from './get.ts';

/** `null` for anything but a connection that failed. */
export function connectionTrouble(error: unknown): string | null {
  if (error instanceof DOMException) return 'no answer in time';
  // What fetch throws when there is no connection; its cause says why.
  if (error instanceof TypeError && /fetch failed|terminated/.test(error.message)) {
    const cause = error.cause;
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    return `no connection${code}`;
  }
  return null;
}

/** `null` for what is no fault of the host but one of this server. */
export function hostTrouble(error: unknown): string | null {
  if (error instanceof LogError) return `refused, ${error.message}`;
  return error instanceof ReplyError || error instanceof AnswerError ? error.message : null;
}

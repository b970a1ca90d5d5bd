/**
 * What aedes says of a connection it ends by itself, before a hook is asked, as a reason that is counted.
 * Its errors have no codes; these are the sentences of aedes 1.2 and mqtt-packet 9.
 */
import { Refusal, type RefusalReason } from './refusal.ts';

/** [WIRE-1] */
const NO_TOPIC =
  /^(topic has too many levels|empty topic not allowed|impossible to (UN)?SUBSCRIBE|[#+] is (not|only) allowed in )/;
const LATE = 'connect did not arrive in time';
/** Ends that are nobody's fault: the network's, or a reader of answers that is too slow. */
const QUIET = /^(drain timeout|connection closed|keep ?alive|premature close)/i;

/** Undefined where nothing was refused, or a hook has counted it. */
export function faultOf(error: Error): RefusalReason | undefined {
  if (error instanceof Refusal || 'returnCode' in error) return undefined;
  if (NO_TOPIC.test(error.message)) return 'wrong-topic';
  if (error.message === LATE) return 'no-connect';
  // What the system says of a socket: reset, timed out, closed by the other side.
  if ('code' in error || QUIET.test(error.message)) return undefined;
  return 'bad-packet';
}

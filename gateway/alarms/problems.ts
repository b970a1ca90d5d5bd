/** What the engine refuses, as the gateway's answer: problem+json under a code of `PROBLEMS`. */
import { type ProblemCode, ProblemError } from '@vitalshare/cloud-sink/messages';
import { AlarmError, type AlarmErrorCode } from '@vitalshare/edge/alarms';

const CODES: Readonly<Record<AlarmErrorCode, ProblemCode>> = {
  'unknown-alarm': 'unknown-alarm',
  'unknown-topic': 'unknown-alarm',
  'unknown-vital': 'unknown-vital',
  nobody: 'bad-request',
  already: 'already',
  'too-long': 'out-of-range',
  'too-many': 'too-large',
  unacknowledged: 'unacknowledged',
  'limits-cross': 'limits-cross',
  'limits-unknown': 'bad-request',
  'limits-out-of-range': 'out-of-range',
  patient: 'out-of-range',
  'observation-out-of-range': 'out-of-range',
  'observation-from-future': 'far-future',
  'observation-too-old': 'too-old',
  snapshot: 'internal',
};

/** What an act rejects with, where the engine refused it; any other error stays as it is. */
export function asRefusal(error: unknown): unknown {
  return error instanceof AlarmError ? new ProblemError(CODES[error.code], error.message) : error;
}

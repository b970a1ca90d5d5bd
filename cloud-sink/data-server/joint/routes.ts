/**
 * The paths of joint answers (PROTOCOL.md, section 5), where this server's administrator allows them.
 *
 * A server that deviates together with a reader could open another's shares there, so it is each server's
 * own decision, off unless it is taken: without a desk nothing of a question is read, no key is made.
 */
import { keyId, type PublicIdentity, type Role } from '@vitalshare/edge/identity';
import { encodeMomentsAnswer } from '../../messages/answer-bodies.ts';
import { parseJointPiece, parseJointQuery } from '../../messages/joint.ts';
import { ProblemError } from '../../messages/problem.ts';
import type { Snapshot } from '../../messages/query.ts';
import type { JointDesk } from './desk.ts';

interface Asked {
  readonly body: Uint8Array;
  readonly asker: PublicIdentity;
}

type Post = (
  path: string,
  roles: readonly Role[],
  answer: (asked: Asked) => Promise<Uint8Array>,
) => void;

/** `desk` is undefined where they are off; `reach` waits for the log to reach a snapshot. */
export function addJoint(
  post: Post,
  server: number,
  desk: Pick<JointDesk, 'answer' | 'take'> | undefined,
  reach: (asOf: Snapshot) => Promise<void>,
): void {
  post('/joint', ['researcher'], async ({ body, asker }) => {
    const joint = allowed(server, desk);
    const query = parseJointQuery(body);
    await reach(query.asOf);
    return encodeMomentsAnswer(await joint.answer(query, keyId(asker)));
  });
  post('/joint/rows', ['data-server'], async ({ body, asker }) =>
    allowed(server, desk).take(parseJointPiece(body), asker),
  );
}

/** [PROTO-66] Throws ProblemError `joint-off`. */
function allowed<Desk>(server: number, desk: Desk | undefined): Desk {
  if (desk !== undefined) return desk;
  throw new ProblemError(
    'joint-off',
    'its administrator has not allowed joint answers, in which a data server that cheats together ' +
      "with a reader could open another server's shares",
    { server },
  );
}

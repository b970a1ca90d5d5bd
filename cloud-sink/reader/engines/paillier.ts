/**
 * The engine `paillier`: t + 1 servers multiply their shares with each other under encryption and answer
 * with additive shares of the moments (PROTOCOL.md, section 5). Products of any readings at any (n, t), also
 * where t = n − 1; as few servers as can answer, so nothing is checked.
 */
import { toBase64Url } from '@vitalshare/edge/seal';
import { JOINT_MS_MAX } from '../../limits.ts';
import type { JointQuery } from '../../messages/joint.ts';
import {
  type MomentsAnswer,
  type MomentsQuery,
  parseMomentsAnswer,
} from '../../messages/messages.ts';
import { askAll, faultLines, gone, tooFew } from '../ask.ts';
import { bytesOf } from '../catalogue.ts';
import { listed, ReaderError, serverList } from '../errors.ts';
import { clearOf, isJointAnswer, JOINT_PATH, openJoint } from '../joint-question.ts';
import { type ReaderParty, serverIndices, serverName } from '../party.ts';
import { askServer, checkConfiguration, parsedFrom, ServerFault } from '../request.ts';
import type { Session } from '../session.ts';
import type { Engine, EngineMoments } from './engine.ts';

export const PAILLIER: Engine = {
  name: 'paillier',
  needed: ({ threshold }) => threshold + 1,
  check: () => undefined,
  ask: askJoint,
};

/** Another set is asked where a server of the first does not take its part and enough others do. */
async function askJoint(
  session: Session,
  query: MomentsQuery,
  what: string,
): Promise<EngineMoments> {
  const { party, missing } = session;
  const needed = PAILLIER.needed(party.configuration, query.degree);
  const faults = [...missing];
  for (;;) {
    const out = new Set(faults.map(({ server }) => server));
    const set = serverIndices(party)
      .filter((server) => !out.has(server))
      .slice(0, needed);
    if (set.length < needed && faults.some(isOff)) throw notAllowed(party, needed, faults);
    if (set.length < needed) throw tooFew(party, what, needed, set, faults);
    const outcome = await askSet(session, query, set);
    if (!(outcome instanceof ServerFault)) {
      const notes = [...new Set([...session.notes, ...faultLines(party, faults)])];
      return { ...opened(outcome, set), notes };
    }
    missing.push(...gone([outcome]));
    faults.push(absentOf(session, outcome));
  }
}

/** Who is missing by what came back; a refusal of the question itself is thrown. */
function absentOf({ party }: Session, fault: ServerFault): ServerFault {
  const { server, problem, message } = fault;
  if (!problem) return fault;
  const peer = problem.numbers['server'];
  if (problem.code === 'peer-missing' && peer !== undefined) {
    return new ServerFault(peer, 'unreachable', `${serverName(party, server)} says: ${message}`);
  }
  if (problem.code === 'joint-off' && peer !== undefined) {
    const isOwn = peer === server;
    const told = isOwn ? message : `${serverName(party, server)} says: ${message}`;
    return new ServerFault(peer, 'refused', told, problem);
  }
  if (['behind', 'damaged', 'store-full', 'too-many'].includes(problem.code)) return fault;
  const who = serverName(party, server);
  const error = new ReaderError('refused', `${who} refused: ${message}`, [server]);
  error.problem = problem;
  throw error;
}

const isOff = ({ problem }: ServerFault): boolean => problem?.code === 'joint-off';

/** [PROTO-66] Each server decides for itself, so a question takes t + 1 that do. */
function notAllowed(
  party: ReaderParty,
  needed: number,
  faults: readonly ServerFault[],
): ReaderError {
  const off = faults.filter(isOff);
  const others = faults.filter((fault) => !isOff(fault));
  const servers = off.map(({ server }) => server).sort((a, b) => a - b);
  const who = listed(servers.map((server) => serverName(party, server)));
  const besides = others.length === 0 ? '' : ` Besides: ${faultLines(party, others).join('; ')}.`;
  const error = new ReaderError(
    'refused',
    `--engine paillier needs ${needed} data servers that allow it, and ${who} ` +
      `${servers.length === 1 ? 'does' : 'do'} not: there a server that cheats together with a reader ` +
      "could open another server's shares. Use --engine shares, or ask their administrators to start " +
      `them with \`data-server --joint\`.${besides}`,
    servers,
  );
  error.problem = off[0]!.problem;
  return error;
}

function opened(
  answers: readonly MomentsAnswer[],
  set: readonly number[],
): Omit<EngineMoments, 'notes'> {
  if (new Set(answers.map(clearOf)).size > 1) {
    const who = serverList(set);
    throw new ReaderError(
      'disagree',
      `The answers of ${who} do not match. No number is given.`,
      set,
    );
  }
  return {
    moments: openJoint(answers),
    patients: answers[0]!.patients,
    ...{ checked: 'unchecked', servers: set, named: [] },
    reason:
      `the engine paillier asks ${set.length} servers, no more than it needs, and each of them could ` +
      'change the number without being seen; the engine shares can check what it answers',
  };
}

/** All of the set, or the first that failed: then the others are let go at once. */
async function askSet(
  { party, world, asking, progress }: Session,
  moments: MomentsQuery,
  set: readonly number[],
): Promise<MomentsAnswer[] | ServerFault> {
  const query: JointQuery = { ...moments, set, session: toBase64Url(world.random(16)) };
  const body = bytesOf(query);
  const stop = new AbortController();
  let first: ServerFault | undefined;
  let done = 0;
  progress(0, set.length, 'servers have answered');
  const options = { ...asking, enough: set.length, servers: set, timeoutMs: JOINT_MS_MAX };
  const { answers } = await askAll(party, world, options, async (server, signal) => {
    const abort = (): void => stop.abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      const bytes = await askServer(party, server, JOINT_PATH, body, world, stop.signal);
      const answer = parsedFrom(server, bytes, parseMomentsAnswer);
      checkConfiguration(party, server, answer);
      if (!isJointAnswer(answer, server, query)) {
        throw new ServerFault(server, 'malformed', 'it answered another question');
      }
      progress(++done, set.length, 'servers have answered');
      return answer;
    } catch (error) {
      if (error instanceof ServerFault) first ??= error;
      stop.abort();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  });
  return first ?? answers.map(({ answer }) => answer);
}

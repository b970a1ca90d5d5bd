/**
 * What this server lost, rebuilt from the others, where the log no longer has it [S5].  [PROTO-49]
 *
 *   ask all others   one question as of this server's own position, one nonce
 *   agree            t + 1 hold alike what is public of it, under this server's own head of the log
 *   interpolate      their masked shares at this server's index; all must fit one polynomial
 *
 * With t + 1 helpers a wrong share fits as well as a right one: the result is `unchecked`, and says
 * so to the operator and in the record of the repair; an audit shows it.
 */
import { fieldVector } from '@vitalshare/edge/field';
import { fromHex, toBase64Url } from '@vitalshare/edge/seal';
import { missingShares, type RepairChecked, RepairError } from '@vitalshare/edge/sharing/repair';
import { vitalOfCode } from '@vitalshare/edge/vital';
import { canonicalBytes, canonicalDigest } from '../messages/canonical.ts';
import {
  decodeRepairAnswer,
  type RepairAnswer,
  repairData,
  type RepairPart,
  type RepairQuery,
} from '../messages/repair.ts';
import { ServerFault } from '../reader/request.ts';
import { logBytes } from './books.ts';
import { askPeers, drawOnce, type PeersOptions } from './peers.ts';
import { valueOf } from './repair-part.ts';
import { serversText } from './servers-text.ts';
import type { LogState } from './state.ts';

export interface Rebuilt {
  /** As the store keeps it (`repair-part.ts`). */
  readonly value: Uint8Array;
  readonly checked: RepairChecked;
  /** Servers it comes from, rising. */
  readonly from: readonly number[];
  /** Servers shown to be wrong, rising. */
  readonly named: readonly number[];
  /** Where it ends: `log.position` when it was asked. */
  readonly position: number;
}

/** The others could not help; the message says who failed why, and never what they sent. */
export class RebuildError extends Error {
  override readonly name = 'RebuildError';
  readonly code: 'too-few' | 'disagree';
  constructor(code: 'too-few' | 'disagree', message: string) {
    super(message);
    this.code = code;
  }
}

/** Throws RebuildError. */
export async function rebuild(
  options: PeersOptions,
  log: LogState,
  part: RepairPart,
): Promise<Rebuilt> {
  const { configuration, server } = options.party;
  const needed = configuration.threshold + 1;
  if (needed >= configuration.servers) {
    throw new RebuildError(
      'too-few',
      `with ${configuration.servers} servers and threshold ${configuration.threshold} a share can be ` +
        'made again from the log alone',
    );
  }
  const { position, hash } = log;
  const query: RepairQuery = { ...part, version: 1, log: log.log, position };
  const body = new Uint8Array(canonicalBytes(query));
  const data = (shown: Uint8Array) =>
    toBase64Url(repairData(logBytes(log), fromHex(hash, 32), shown));
  const { answers, faults } = await askPeers(
    options,
    '/repair',
    body,
    drawOnce(options),
    needed,
    (helper, bytes) => {
      const answer = decodeRepairAnswer(part, bytes);
      checkAnswer(options, helper, answer, query, data(answer.public));
      return answer;
    },
  );
  const { group, apart } = agreed(answers, needed, faults);
  if (group[0]!.masked.length === 0) {
    const [{ public: shown }] = group as [RepairAnswer];
    const value = valueOf(part, { shown, shares: fieldVector(0) });
    // Of t + 1 that say the same one is honest.
    return { value, checked: 'verified', from: indices(group), named: apart, position };
  }
  try {
    const words = group.map((each) => ({ server: each.server, shares: each.masked }));
    const { shares, checked, from, named } = missingShares(configuration, server, words);
    const value = valueOf(part, { shown: group[0]!.public, shares });
    return { value, checked, from, named: rising([...named, ...apart]), position };
  } catch (error) {
    if (!(error instanceof RepairError)) throw error;
    throw new RebuildError(error.code, error.message);
  }
}

/** Throws ServerFault. */
function checkAnswer(
  { party }: PeersOptions,
  helper: number,
  answer: RepairAnswer,
  query: RepairQuery,
  data: string,
): void {
  const { configuration, configDigest } = party;
  if (answer.config !== configDigest || answer.generation !== configuration.generation) {
    throw new ServerFault(helper, 'other-configuration', 'it has another configuration');
  }
  if (answer.server !== helper || answer.query !== toBase64Url(canonicalDigest(query))) {
    throw new ServerFault(helper, 'malformed', 'it answered another question');
  }
  if (answer.data !== data) {
    throw new ServerFault(helper, 'differs', 'it answered over another log than this server has');
  }
}

/** Those that hold alike, with an honest one among them, and who holds something else. */
function agreed(
  answers: readonly RepairAnswer[],
  needed: number,
  faults: readonly ServerFault[],
): { group: readonly RepairAnswer[]; apart: number[] } {
  const groups = new Map<string, RepairAnswer[]>();
  for (const answer of answers) {
    groups.set(answer.data, [...(groups.get(answer.data) ?? []), answer]);
  }
  const [group, second] = [...groups.values()].filter(({ length }) => length >= needed);
  if (group && !second) {
    const others = answers.filter((answer) => !group.includes(answer));
    return { group, apart: indices(others) };
  }
  if (answers.length >= needed) {
    const holds = `servers ${indices(answers).join(', ')} do not hold the same`;
    throw new RebuildError('disagree', `${holds}; ${needed} that agree are needed`);
  }
  const reasons = faults.map((fault) => `server ${fault.server}: ${fault.message}`);
  throw new RebuildError(
    'too-few',
    `${needed} other servers are needed, ${answers.length} helped; ${reasons.join('; ')}`,
  );
}

const rising = (servers: readonly number[]): number[] => [...servers].sort((a, b) => a - b);
const indices = (answers: readonly RepairAnswer[]): number[] =>
  rising(answers.map(({ server }) => server));

/** `heart-rate of bed-1, chunk 425000`: what an operator is told, never a value. */
export function partText(part: RepairPart): string {
  const name = (code: number) => vitalOfCode(code)?.name ?? `vital sign ${code}`;
  switch (part.kind) {
    case 'cells':
      return `${name(part.vital)} of ${part.stay}, chunk ${part.chunk}`;
    case 'products':
      return `products ${part.vitals.map(name).join(' × ')} of ${part.stay}, chunk ${part.chunk}`;
    case 'bins':
      return `bins of ${name(part.vital)} of ${part.stay} at ${part.window}`;
    case 'frame':
      return `the masked frame of ${part.stay} at position ${part.at}`;
    default:
      return `the ${part.kind === 'tags' ? 'tags' : 'hash'} of the batch at position ${part.at}`;
  }
}

/** One sentence for the operator. */
export function rebuiltText(part: RepairPart, { from, checked, named }: Rebuilt): string {
  const unchecked =
    checked === 'unchecked'
      ? ': as many servers as are needed helped and none more, so a wrong share would not show; ' +
        '`vitalshare audit` shows it'
      : '';
  const blamed =
    named.length > 0 ? ` Wrong was what ${serversText(named)} sent: tell that administrator.` : '';
  return `${partText(part)} rebuilt from ${serversText(from)} (${checked}${unchecked}).${blamed}`;
}

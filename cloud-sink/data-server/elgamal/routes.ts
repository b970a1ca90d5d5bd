/** The paths of encrypted sums (PROTOCOL.md, section 4), and how this server asks the others for the key. */
import type { PublicIdentity, Role } from '@vitalshare/edge/identity';
import { KEY_STEP_MS } from '../../limits.ts';
import { canonicalBytes } from '../../messages/canonical.ts';
import {
  DECRYPT_PATH,
  encodeCommitmentAnswer,
  encodeDealingAnswer,
  encodeDecryptAnswer,
  encodeKeyAnswer,
  encodeSumsAnswer,
  KEY_PATH,
  type KeyStep,
  parseDecryptQuery,
  parseKeyQuery,
  parseSumsQuery,
  SUMS_PATH,
} from '../../messages/elgamal.ts';
import { ProblemError } from '../../messages/problem.ts';
import type { Snapshot } from '../../messages/query.ts';
import { checkConfiguration, ServerFault } from '../../reader/request.ts';
import type { Applier } from '../apply.ts';
import { askPeers, drawOnce, type PeersOptions } from '../peers.ts';
import { EncryptedSums } from './desk.ts';
import type { KeyFile } from './key-file.ts';
import { type AskStep, KeyMaker } from './key-maker.ts';

export interface EncryptedSumsParts {
  readonly maker: KeyMaker;
  readonly desk: EncryptedSums;
}

/** Reads the key file. Throws PartyError where it is damaged. */
export function makeEncryptedSums(
  applier: Applier,
  file: KeyFile,
  peers: PeersOptions,
  breathe: () => Promise<void>,
): EncryptedSumsParts {
  const { random } = peers;
  const maker = new KeyMaker(applier.party, file, askStep(peers), random);
  return { maker, desk: new EncryptedSums({ applier, maker, random, breathe }) };
}

interface Asked {
  readonly body: Uint8Array;
  readonly asker: PublicIdentity;
}

type Post = (
  path: string,
  roles: readonly Role[],
  answer: (asked: Asked) => Promise<Uint8Array>,
) => void;

/** `reach` waits for the log to reach a snapshot. `parts` is absent where a server knows no others. */
export function addEncryptedSums(
  post: Post,
  parts: EncryptedSumsParts | undefined,
  reach: (asOf: Snapshot) => Promise<void>,
): void {
  const { maker, desk } = parts ?? {};
  post(KEY_PATH, ['researcher', 'data-server'], async ({ body, asker }) => {
    const { step } = parseKeyQuery(body);
    return await answerStep(there(maker), step, asker);
  });
  post(SUMS_PATH, ['researcher'], async ({ body, asker }) => {
    const query = parseSumsQuery(body);
    await reach(query.question.asOf);
    return encodeSumsAnswer(await there(desk).sums(query, asker));
  });
  post(DECRYPT_PATH, ['researcher'], async ({ body, asker }) => {
    const query = parseDecryptQuery(body);
    return encodeDecryptAnswer(await there(desk).decrypt(query, asker));
  });
}

/** [PROTO-83] A researcher is given a key that all servers hold alike; servers make it. */
async function answerStep(
  maker: KeyMaker,
  step: KeyStep,
  asker: PublicIdentity,
): Promise<Uint8Array> {
  if (step === 'key') {
    if (asker.role === 'researcher') await maker.key();
    return encodeKeyAnswer(await maker.dealings());
  }
  if (asker.role !== 'data-server') {
    throw new ProblemError('not-admitted', `asked by a ${asker.role}, needs a data-server`);
  }
  return step === 'commitment'
    ? encodeCommitmentAnswer(maker.commitment())
    : encodeDealingAnswer(await maker.dealing(asker));
}

function there<T>(part: T | undefined): T {
  if (part !== undefined) return part;
  throw new ProblemError('no-key', 'this server knows no others, and the key takes all of them');
}

/** As one signed question to each of the others. */
export function askStep(peers: PeersOptions): AskStep {
  return (step, parse) =>
    askPeers(
      peers,
      KEY_PATH,
      new Uint8Array(canonicalBytes({ version: 1, step })),
      drawOnce(peers),
      peers.party.configuration.servers - 1,
      (server, bytes) => {
        const answer = parse(bytes);
        checkConfiguration({ ...peers.party, addresses: NOWHERE }, server, answer);
        if (answer.server === server) return answer;
        throw new ServerFault(server, 'malformed', 'it answered for another server');
      },
      KEY_STEP_MS,
    );
}

const NOWHERE = { gateway: '', dataServers: [] };

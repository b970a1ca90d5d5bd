/**
 * One's rows, encrypted under one's own key, to the servers above: pieces go out while the next are made.
 * [PROTO-62]
 */
import { JOINT_PIECE_BYTES_MAX, JOINT_ROWS_A_BREATH } from '../../limits.ts';
import { encodeJointPiece } from '../../messages/joint.ts';
import { ProblemError } from '../../messages/problem.ts';
import { PaillierError } from '../../paillier/paillier.ts';
import { ServerFault } from '../../reader/request.ts';
import type { AskPeer } from '../peers.ts';
import { encryptRow, openProducts, productSlots } from './cross-products.ts';
import type { OwnKey } from './own-key.ts';
import type { JointRows } from './session.ts';

export interface OutgoingOptions {
  readonly ownKey: () => Promise<OwnKey>;
  /** Undefined where the other servers' addresses are not known. */
  readonly askPeer: AskPeer | undefined;
  readonly breathe: () => Promise<void>;
}

/** One's additive share of the products with each server of `above`. Throws ProblemError. */
export async function askAbove(
  { ownKey, askPeer, breathe }: OutgoingOptions,
  question: string,
  above: readonly number[],
  { data, rows }: JointRows,
  signal: AbortSignal,
): Promise<readonly (readonly bigint[])[]> {
  if (above.length === 0) return [];
  const { key, published, masks } = await ownKey();
  const slots = productSlots(key.public.bits, rows[0]!.length, rows.length);
  const perPiece = Math.floor(JOINT_PIECE_BYTES_MAX / key.public.ciphertextBytes);
  let sent: Promise<readonly Uint8Array[]> = Promise.resolve([]);
  for (let first = 0; first < rows.length; first += perPiece) {
    const ciphertexts: bigint[] = [];
    for (const row of rows.slice(first, first + perPiece)) {
      ciphertexts.push(encryptRow(key.public, masks, slots, row));
      if (ciphertexts.length % JOINT_ROWS_A_BREATH === 0) await breathe();
      if (signal.aborted) throw letGo();
    }
    const body = encodeJointPiece({
      ...{ question, data, rows: rows.length, first },
      ...(first === 0 ? { key: published } : {}),
      ciphertexts: key.public.toBytes(ciphertexts),
    });
    await sent;
    sent = Promise.all(above.map((server) => sendTo(askPeer, server, body, signal)));
    sent.catch(() => undefined); // The next turn hears of it.
  }
  const replies = await sent;
  return Promise.all(
    replies.map((bytes, i) =>
      named(above[i]!, () => openProducts(key, slots, key.public.fromBytes(bytes, slots.count))),
    ),
  );
}

async function sendTo(
  askPeer: AskPeer | undefined,
  server: number,
  body: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (!askPeer) throw peerMissing(server, 'its address is not known here');
  try {
    return await askPeer(server, '/joint/rows', body, signal);
  } catch (error) {
    if (!(error instanceof ServerFault)) throw error;
    if (!error.problem) throw peerMissing(server, error.message);
    const { code, message } = error.problem;
    throw new ProblemError(code, `server ${server}: ${message}`, { server });
  }
}

const letGo = (): ProblemError =>
  new ProblemError(
    'peer-missing',
    'the joint question was let go: it took too long, or this server stops',
  );

export const peerMissing = (server: number, why: string): ProblemError =>
  new ProblemError('peer-missing', `server ${server} does not take its part: ${why}`, { server });

/** What of another server's numbers does not hold is told with its name. */
export async function named<T>(server: number, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PaillierError)) throw error;
    throw new ProblemError('bad-cipher', `server ${server}: ${error.message}`, { server });
  }
}

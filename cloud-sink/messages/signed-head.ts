/**
 * Heads that somebody answers for (PROTOCOL.md, section 2, heads) [S8].
 *
 *   signed head   the gateway: "at `time` my log ended here"                             [PROTO-40]
 *     Ed25519 over "vitalshare head 1" ‖ configDigest 32 ‖ log 16 ‖ position u64 ‖ hash 32 ‖ time i64
 *   held head     a data server: "this signed head is of the log I hold, durably"        [PROTO-41]
 *     Ed25519 over "vitalshare held 1" ‖ server u8 ‖ heldAt i64 ‖ gateway's signature 64 ‖ the above
 *
 * The signature of a batch is over its hash alone and says nothing of a position; this one binds log,
 * position and hash, so two of one position with other hashes prove two stories to anybody.
 * As text, in a header:  position hash time signature  and, held,  server heldAt signature  more.
 */
import { concatBytes, fromBase64Url, fromHex, toBase64Url, utf8 } from '@vitalshare/edge/seal';
import { AnswerError } from './answer.ts';
import { ByteWriter } from './byte-reader.ts';
import { Fields } from './fields.ts';

export interface SignedHead {
  /** 16 bytes in hex. */
  readonly log: string;
  /** Of the next record. */
  readonly position: number;
  /** Of the batch that ends there, base64url. */
  readonly hash: string;
  /** ms UTC of the signature, by the gateway's clock. */
  readonly time: number;
  /** base64url. */
  readonly signature: string;
}

export interface HeldHead extends SignedHead {
  /** Index from 1. */
  readonly server: number;
  /** ms UTC, by the server's clock. */
  readonly heldAt: number;
  readonly serverSignature: string;
}

type Sign = (message: Uint8Array) => Uint8Array;
type Verify = (message: Uint8Array, signature: Uint8Array) => boolean;

const HEAD = utf8('vitalshare head 1');
const HELD = utf8('vitalshare held 1');
const POSITION_MAX = Number.MAX_SAFE_INTEGER;

/** Headers of HTTP: of a reply of the log, and of a follower's request for more [PROTO-44]. */
export const HEAD_HEADER = 'vitalshare-head';
export const HELD_HEADER = 'vitalshare-held';
/** Present on a reply of the log where nodes wait for servers to hold it. */
export const WAITING_HEADER = 'vitalshare-waiting';

type Unsigned = Omit<SignedHead, 'signature'>;

function headBytes(config: string, { log, position, hash, time }: Unsigned): Uint8Array {
  const writer = new ByteWriter(HEAD.length + 32 + 16 + 8 + 32 + 8);
  writer.put(HEAD);
  writer.put(fromBase64Url(config, 32));
  writer.put(fromHex(log, 16));
  writer.u64(position);
  writer.put(fromBase64Url(hash, 32));
  writer.i64(time);
  return writer.finish();
}

/** [PROTO-40] `config` is the configDigest. */
export const signHead = (config: string, head: Unsigned, sign: Sign): SignedHead => ({
  ...head,
  signature: toBase64Url(sign(headBytes(config, head))),
});

/** Whether the gateway signed it. Throws nothing: what does not decode was not signed. */
export const isSignedHead = (config: string, head: SignedHead, verify: Verify): boolean =>
  verify(headBytes(config, head), fromBase64Url(head.signature, 64));

function heldBytes(config: string, head: Omit<HeldHead, 'serverSignature'>): Uint8Array {
  const writer = new ByteWriter(HELD.length + 1 + 8 + 64);
  writer.put(HELD);
  writer.u8(head.server);
  writer.i64(head.heldAt);
  writer.put(fromBase64Url(head.signature, 64));
  return concatBytes(writer.finish(), headBytes(config, head));
}

/** [PROTO-41] */
export function signHeld(
  config: string,
  head: SignedHead,
  { server, heldAt }: { readonly server: number; readonly heldAt: number },
  sign: Sign,
): HeldHead {
  const { log, position, hash, time, signature } = head;
  const held = { log, position, hash, time, signature, server, heldAt };
  return { ...held, serverSignature: toBase64Url(sign(heldBytes(config, held))) };
}

/** Whether that server signed it: the gateway's signature inside is another question. */
export const isHeldHead = (config: string, held: HeldHead, verify: Verify): boolean =>
  verify(heldBytes(config, held), fromBase64Url(held.serverSignature, 64));

const HASH = '([\\w-]{43})';
const SIGNATURE = '([\\w-]{86})';
const HEAD_LINE = new RegExp(`^(\\d{1,16}) ${HASH} (\\d{1,16}) ${SIGNATURE}$`);
const HELD_LINE = new RegExp(`^(.{1,200}) (\\d{1,2}) (\\d{1,16}) ${SIGNATURE}$`);

export const headLine = ({ position, hash, time, signature }: SignedHead): string =>
  `${position} ${hash} ${time} ${signature}`;

export const heldLine = (held: HeldHead): string =>
  `${headLine(held)} ${held.server} ${held.heldAt} ${held.serverSignature}`;

/** Null where the line is none; its signature is still to be checked. */
export function parseHeadLine(log: string, line: string): SignedHead | null {
  const [, position, hash, time, signature] = HEAD_LINE.exec(line) ?? [];
  if (signature === undefined) return null;
  return parsedOrNull({ log, position: Number(position), hash, time: Number(time), signature });
}

export function parseHeldLine(log: string, line: string): HeldHead | null {
  const [, first, server, heldAt, serverSignature] = HELD_LINE.exec(line) ?? [];
  const head = first === undefined ? null : parseHeadLine(log, first);
  if (head === null) return null;
  const held = { ...head, server: Number(server), heldAt: Number(heldAt), serverSignature };
  try {
    return heldHeadOf(held);
  } catch {
    return null;
  }
}

function parsedOrNull(value: unknown): SignedHead | null {
  try {
    const fields = new Fields(value, fail);
    const head = signedHeadFields(fields);
    fields.end();
    return head;
  } catch {
    return null;
  }
}

const fail = (message: string) => new AnswerError('form', message);

/** Decoded and spelled again: one head has one spelling. */
const base64 = (fields: Fields, name: string, lengthBytes: number): string =>
  toBase64Url(fields.base64url(name, lengthBytes));

const signedHeadFields = (fields: Fields): SignedHead => ({
  log: fields.logId('log'),
  position: fields.integer('position', 0, POSITION_MAX),
  hash: base64(fields, 'hash', 32),
  time: fields.integer('time', 0, POSITION_MAX),
  signature: base64(fields, 'signature', 64),
});

/** Throws AnswerError `form`. */
export function heldHeadOf(value: unknown): HeldHead {
  const fields = new Fields(value, fail);
  const held = {
    ...signedHeadFields(fields),
    server: fields.integer('server', 1, 16),
    heldAt: fields.integer('heldAt', 0, POSITION_MAX),
    serverSignature: base64(fields, 'serverSignature', 64),
  };
  fields.end();
  return held;
}

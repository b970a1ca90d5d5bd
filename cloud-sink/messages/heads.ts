/**
 * How far a log is: `GET /logs` of a log host and `GET /head` of a data server (PROTOCOL.md,
 * sections 2 and 3). Clear: a hint where to look, proven only by the batches. What somebody answers for
 * is a signed or held head (`signed-head.ts`): in `GET /logs`, and `GET /heads` of a data server.
 */
import { fromBase64Url, toBase64Url } from '@vitalshare/edge/seal';
import { HASHES_MAX, LOGS_MAX } from '../limits.ts';
import { AnswerError } from './answer.ts';
import { CanonicalError, parseJson } from './canonical.ts';
import { Fields, isLogId } from './fields.ts';
import { type HeldHead, heldHeadOf, type SignedHead } from './signed-head.ts';

export interface LogHead {
  /** 16 bytes in hex. */
  readonly log: string;
  /** Of the next record. */
  readonly position: number;
  /** Of the last batch, base64url. */
  readonly hash: string;
  /** ms UTC of the last batch. */
  readonly time: number;
  /** The gateway's signature over this head [PROTO-40]; a host may have none. */
  readonly signed?: { readonly time: number; readonly signature: string };
}

/** `GET /heads`: what a data server holds durably, log by log [PROTO-41]. */
export interface ServerHeads {
  readonly server: number;
  readonly config: string;
  readonly heads: readonly HeldHead[];
}

/** Where a batch ends, and its hash (base64url). */
export interface BatchEnd {
  readonly position: number;
  readonly hash: string;
}

export interface ServerHead {
  /** Index from 1. */
  readonly server: number;
  /** configDigest, base64url. */
  readonly config: string;
  readonly heads: Readonly<Record<string, { readonly position: number; readonly hash: string }>>;
  /** Logs that were forked: how far this server answers for them [PROTO-43]. */
  readonly agreed?: Readonly<Record<string, number>>;
  /** The newest epoch any log's run has named; 0 before the first. */
  readonly epoch: number;
}

const POSITION_MAX = Number.MAX_SAFE_INTEGER;
const fail = (message: string) => new AnswerError('form', message);

/** Throws AnswerError `form`. */
export function parseLogs(body: Uint8Array): LogHead[] {
  const fields = new Fields({ logs: jsonOf(body) }, fail);
  return fields.list('logs', 0, LOGS_MAX).map((value) => {
    const head = new Fields(value, fail);
    const parsed = {
      log: head.logId('log'),
      position: head.integer('position', 0, POSITION_MAX),
      hash: toBase64Url(head.base64url('hash', 32)),
      time: head.integer('time', 0, POSITION_MAX),
    };
    const signed = head.has('signed') ? signatureOf(head.take('signed')) : undefined;
    head.end();
    return signed ? { ...parsed, signed } : parsed;
  });
}

function signatureOf(value: unknown): NonNullable<LogHead['signed']> {
  const fields = new Fields(value, fail);
  const time = fields.integer('time', 0, POSITION_MAX);
  const signature = toBase64Url(fields.base64url('signature', 64));
  fields.end();
  return { time, signature };
}

/** The head of a log host as the gateway signed it; null where it did not. */
export const signedHeadOf = ({ log, position, hash, signed }: LogHead): SignedHead | null =>
  signed ? { log, position, hash, ...signed } : null;

/** Throws AnswerError `form`. */
export function parseHeads(body: Uint8Array): ServerHeads {
  const fields = new Fields(jsonOf(body), fail);
  const answer = {
    server: fields.integer('server', 1, 16),
    config: toBase64Url(fields.base64url('config', 32)),
    heads: fields.list('heads', 0, LOGS_MAX).map(heldHeadOf),
  };
  fields.end();
  return answer;
}

/** `GET /hashes/<log>` of a data server. Throws AnswerError `form`. */
export function parseBatchEnds(body: Uint8Array): BatchEnd[] {
  const fields = new Fields({ ends: jsonOf(body) }, fail);
  return fields.list('ends', 0, HASHES_MAX).map((value) => {
    const end = new Fields(value, fail);
    const position = end.integer('position', 1, POSITION_MAX);
    const hash = toBase64Url(end.base64url('hash', 32));
    end.end();
    return { position, hash };
  });
}

/** Throws AnswerError `form`. */
export function parseHead(body: Uint8Array): ServerHead {
  const fields = new Fields(jsonOf(body), fail);
  const answer = {
    server: fields.integer('server', 1, 16),
    config: toBase64Url(fields.base64url('config', 32)),
    heads: Object.fromEntries(fields.entries('heads', LOGS_MAX).map(headEntry)),
    epoch: fields.integer('epoch', 0, 0xffffffff),
  };
  const agreed = fields.has('agreed') ? fields.entries('agreed', LOGS_MAX).map(agreedEntry) : [];
  fields.end();
  return agreed.length > 0 ? { ...answer, agreed: Object.fromEntries(agreed) } : answer;
}

function agreedEntry([log, value]: [string, unknown]): [string, number] {
  if (!isLogId(log)) throw fail('agreed must be keyed by log ids');
  return [log, new Fields({ position: value }, fail).integer('position', 0, POSITION_MAX)];
}

function headEntry([log, value]: [string, unknown]): [string, { position: number; hash: string }] {
  if (!isLogId(log)) throw fail('heads must be keyed by log ids');
  const head = new Fields(value, fail);
  const position = head.integer('position', 0, POSITION_MAX);
  const hash = toBase64Url(head.base64url('hash', 32));
  head.end();
  return [log, { position, hash }];
}

/** The hash of a head as bytes. */
export const headHash = (head: Pick<LogHead, 'hash'>): Uint8Array => fromBase64Url(head.hash, 32);

function jsonOf(body: Uint8Array): unknown {
  try {
    return parseJson(body);
  } catch (error) {
    if (error instanceof CanonicalError) throw fail(error.message);
    throw error;
  }
}

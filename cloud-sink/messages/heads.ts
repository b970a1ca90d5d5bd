/**
 * How far a log is: `GET /logs` of a log host and `GET /head` of a data server (PROTOCOL.md,
 * sections 2 and 3). Clear and unsigned: a hint where to look, proven only by the batches.
 */
import { fromBase64Url, toBase64Url } from '@vitalshare/edge/seal';
import { LOGS_MAX } from '../limits.ts';
import { AnswerError } from './answer.ts';
import { CanonicalError, parseJson } from './canonical.ts';
import { Fields, isLogId } from './fields.ts';

export interface LogHead {
  /** 16 bytes in hex. */
  readonly log: string;
  /** Of the next record. */
  readonly position: number;
  /** Of the last batch, base64url. */
  readonly hash: string;
  /** ms UTC of the last batch. */
  readonly time: number;
}

export interface ServerHead {
  /** Index from 1. */
  readonly server: number;
  /** configDigest, base64url. */
  readonly config: string;
  readonly heads: Readonly<Record<string, { readonly position: number; readonly hash: string }>>;
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
    head.end();
    return parsed;
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
  fields.end();
  return answer;
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

/**
 * The gateway's signature over where each of its logs ends now [S8] [PROTO-40]: made anew when the log
 * has grown or the last one is old, so a log that stands still costs a signature every ten seconds
 * however often it is asked for. Only what is durable is ever signed.
 */
import { type SignedHead, signHead } from '@vitalshare/cloud-sink/messages';
import { toBase64Url } from '@vitalshare/edge/seal';
import { HEAD_SIGN_EVERY_MS, SIGNED_HEADS_KEPT_MAX } from '../limits.ts';
import type { LogTools, MaskedLog } from './masked-log.ts';

export class SignedHeads {
  readonly #config: string;
  readonly #tools: Pick<LogTools, 'sign' | 'clock'>;
  readonly #last = new Map<string, SignedHead>();
  /** Log → position → hash, the newest of them. */
  readonly #signed = new Map<string, Map<number, string>>();

  /** `config` is the configDigest. */
  constructor(config: string, tools: Pick<LogTools, 'sign' | 'clock'>) {
    this.#config = config;
    this.#tools = tools;
  }

  of({ log, head: { position, hash } }: Pick<MaskedLog, 'log' | 'head'>): SignedHead {
    const last = this.#last.get(log);
    const nowMs = this.#tools.clock();
    const isFresh = last && Math.abs(nowMs - last.time) < HEAD_SIGN_EVERY_MS;
    if (isFresh && last.position === position) return last;
    // A clock that steps back must not make a newer head look older.
    const time = Math.max(nowMs, last && last.position < position ? last.time + 1 : 0);
    const head = { log, position, hash: toBase64Url(hash), time };
    const signed = signHead(this.#config, head, this.#tools.sign);
    this.#last.set(log, signed);
    this.#remember(signed);
    return signed;
  }

  /** Whether this process signed that position with that hash, not so long ago. */
  has({ log, position, hash }: Pick<SignedHead, 'log' | 'position' | 'hash'>): boolean {
    return this.#signed.get(log)?.get(position) === hash;
  }

  #remember({ log, position, hash }: SignedHead): void {
    let signed = this.#signed.get(log);
    if (!signed) this.#signed.set(log, (signed = new Map<number, string>()));
    signed.set(position, hash);
    const oldest = signed.keys().next().value;
    if (signed.size > SIGNED_HEADS_KEPT_MAX && oldest !== undefined) signed.delete(oldest);
  }
}

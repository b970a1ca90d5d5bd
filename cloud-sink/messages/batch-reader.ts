/**
 * Reads a log as its bytes arrive and lets through only what continues it (PROTOCOL.md, section 2).
 *
 * A *head* is (position of the next record, hash of the last batch). A batch that does not continue
 * the head, or that the gateway did not sign, ends the reading [PROTO-3]: a log has one past.
 */
import { constantTimeEqual } from '@vitalshare/edge/seal';
import { type Batch, decodeBatch, LogError, signedBytes } from './batch.ts';

export interface Head {
  readonly position: number;
  /** 32 bytes; zeros before the first batch. */
  readonly hash: Uint8Array;
}

export const EMPTY_HEAD: Head = { position: 0, hash: new Uint8Array(32) };

export interface BatchReaderOptions {
  readonly head: Head;
  /** The gateway's: `verifier(configuration.gateway.sign)` of `edge/identity/node` on a server. */
  readonly verify: (message: Uint8Array, signature: Uint8Array) => boolean;
}

export class BatchReader {
  #head: Head;
  readonly #verify: BatchReaderOptions['verify'];
  /** What is not let through yet is `#held` from `#from` to `#to`; behind it there is room. */
  #held = new Uint8Array(0);
  #from = 0;
  #to = 0;
  #consumedBytes = 0;

  constructor({ head, verify }: BatchReaderOptions) {
    this.#head = head;
    this.#verify = verify;
  }

  /** Behind the last batch that was let through. */
  get head(): Head {
    return this.#head;
  }

  /** Bytes of the batches let through: where a torn last batch begins [PROTO-5]. */
  get consumedBytes(): number {
    return this.#consumedBytes;
  }

  /** Bytes of a batch that is not whole yet. */
  get pendingBytes(): number {
    return this.#to - this.#from;
  }

  /**
   * The batches that end in these bytes, verified, one at a time: what stands before damage is
   * yielded before the LogError that names it. Each is consumed when it is yielded.
   */
  *push(chunk: Uint8Array): Generator<Batch, void, void> {
    this.#hold(chunk);
    while (this.pendingBytes > 0) {
      const pending = this.#held.subarray(this.#from, this.#to);
      const found = decodeBatch(pending, this.#head.position);
      if (found === null) break;
      this.#check(found.batch, found.signature);
      this.#from += found.batch.bytes.length;
      this.#consumedBytes += found.batch.bytes.length;
      const { position, count, hash } = found.batch;
      this.#head = { position: position + count, hash };
      yield found.batch;
    }
  }

  /** The bytes ended. Throws LogError `torn` where they ended inside a batch. */
  end(): void {
    if (this.pendingBytes > 0) {
      const { position } = this.#head;
      throw new LogError('torn', position, `the log ends ${this.pendingBytes} bytes into a batch`);
    }
  }

  /** Copies: the caller may fill its chunk again. Room doubles, so no byte is moved often. */
  #hold(chunk: Uint8Array): void {
    const pendingBytes = this.pendingBytes;
    if (this.#to + chunk.length > this.#held.length) {
      const roomBytes = Math.max(pendingBytes + chunk.length, 2 * pendingBytes);
      const room = roomBytes <= this.#held.length ? this.#held : new Uint8Array(roomBytes);
      room.set(this.#held.subarray(this.#from, this.#to));
      this.#held = room;
      this.#from = 0;
      this.#to = pendingBytes;
    }
    this.#held.set(chunk, this.#to);
    this.#to += chunk.length;
  }

  #check(batch: Batch, signature: Uint8Array): void {
    const { position, hash } = this.#head;
    if (batch.position !== position) {
      throw new LogError('fork', position, `got a batch of position ${batch.position}`);
    }
    if (!constantTimeEqual(batch.previous, hash)) {
      throw new LogError('fork', position, 'the batch continues another log than the one held');
    }
    if (!this.#verify(signedBytes(batch.hash), signature)) {
      throw new LogError('signature', position, 'the batch is not signed by the gateway');
    }
  }
}

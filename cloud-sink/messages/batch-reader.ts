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
  #held: Uint8Array = new Uint8Array(0);
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
    return this.#held.length;
  }

  /**
   * The batches that end in these bytes, verified, one at a time: what stands before damage is
   * yielded before the LogError that names it. Each is consumed when it is yielded.
   */
  *push(chunk: Uint8Array): Generator<Batch, void, void> {
    this.#held = this.#held.length === 0 ? chunk : joined(this.#held, chunk);
    for (;;) {
      const found = this.#held.length === 0 ? null : decodeBatch(this.#held, this.#head.position);
      if (found === null) break;
      this.#check(found.batch, found.signature);
      this.#held = this.#held.subarray(found.batch.bytes.length);
      this.#consumedBytes += found.batch.bytes.length;
      const { position, count, hash } = found.batch;
      this.#head = { position: position + count, hash };
      yield found.batch;
    }
    // Not a view of the caller's chunk, which it may fill again.
    this.#held = this.#held.slice();
  }

  /** The bytes ended. Throws LogError `torn` where they ended inside a batch. */
  end(): void {
    if (this.#held.length > 0) {
      const { position } = this.#head;
      throw new LogError('torn', position, `the log ends ${this.#held.length} bytes into a batch`);
    }
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

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

/**
 * The tag of a masked frame: the node's name for its frame, which only the gateway reads back.
 *
 *   tag = AES-256(tag key, node id u64 ‖ boot u32 ‖ sequence u32)                       [PROTO-8]
 *
 * One block of a permutation: equal tags are equal frames, and anybody else sees 16 random bytes.
 * Bit 63 of the id says that the frame was refused for good.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { TAGS_NODES_MAX } from '../limits.ts';

export interface FrameName {
  /** Below 2^63. */
  readonly id: bigint;
  readonly boot: number;
  readonly sequence: number;
  readonly refused: boolean;
}

const TAG_BYTES = 16;
const REFUSED = 1n << 63n;

/** Both directions under one key. A block cipher without padding answers every block at once. */
export class Tags {
  readonly #cipher;
  readonly #decipher;

  constructor(tagKey: Uint8Array) {
    this.#cipher = createCipheriv('aes-256-ecb', tagKey, null).setAutoPadding(false);
    this.#decipher = createDecipheriv('aes-256-ecb', tagKey, null).setAutoPadding(false);
  }

  make({ id, boot, sequence, refused }: FrameName): Uint8Array {
    const block = new Uint8Array(TAG_BYTES);
    const view = new DataView(block.buffer);
    view.setBigUint64(0, refused ? id | REFUSED : id, true);
    view.setUint32(8, boot, true);
    view.setUint32(12, sequence, true);
    return new Uint8Array(this.#cipher.update(block));
  }

  /** The names in tags that stand one behind the other. */
  *read(tags: Uint8Array): Generator<FrameName, void, void> {
    const plain = this.#decipher.update(tags);
    for (let at = 0; at + TAG_BYTES <= plain.length; at += TAG_BYTES) {
      const marked = plain.readBigUInt64LE(at);
      yield {
        id: marked & ~REFUSED,
        boot: plain.readUInt32LE(at + 8),
        sequence: plain.readUInt32LE(at + 12),
        refused: (marked & REFUSED) !== 0n,
      };
    }
  }
}

/** What each data server's tags may name, so that made-up ones, which name nodes at random, fill no memory. */
export class NodesNamed {
  readonly #ids = new Map<number, Set<bigint>>();

  /** Throws where a server has named more nodes than there can be; nothing of `names` is to be taken then. */
  add(server: number, names: readonly FrameName[]): void {
    let ids = this.#ids.get(server);
    if (!ids) this.#ids.set(server, (ids = new Set()));
    for (const { id } of names) ids.add(id);
    if (ids.size > TAGS_NODES_MAX) throw new Error(`server ${server} tells tags that are none`);
  }
}

/**
 * How fast one node may publish: frames and bytes a second, each with a burst. Who is faster is slowed and
 * loses nothing: its packet waits here, its socket is not read meanwhile, and TCP holds back the rest.
 *
 *   chunk of the socket ─► packets ─► wait until both buckets have paid ─► frame ─► the next chunk is read
 *
 * A bucket is the node's, not the connection's: coming back does not fill it.
 */
import { Buckets } from '@vitalshare/edge/operations';
import {
  NODE_BYTES_BURST,
  NODE_BYTES_PER_SECOND_MAX,
  NODE_FRAMES_BURST,
  NODE_FRAMES_PER_SECOND_MAX,
  NODES_MAX,
} from '../limits.ts';

export class Pace {
  readonly #frames = new Buckets(
    { perSecond: NODE_FRAMES_PER_SECOND_MAX, burst: NODE_FRAMES_BURST },
    NODES_MAX,
  );
  readonly #bytes = new Buckets(
    { perSecond: NODE_BYTES_PER_SECOND_MAX, burst: NODE_BYTES_BURST },
    NODES_MAX,
  );

  /** ms a packet of so many bytes has to wait; later packets of the node never less. */
  delayMs(node: string, bytes: number, nowMs: number): number {
    return Math.max(
      this.#frames.of(node, nowMs).delayMs(1, nowMs),
      this.#bytes.of(node, nowMs).delayMs(bytes, nowMs),
    );
  }
}

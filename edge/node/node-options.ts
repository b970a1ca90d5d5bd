/** What a node is built from and what it counts. */
import type { NodeCredential } from './credential.ts';
import type { Journal } from './memory-journal.ts';
import type { Time } from './time.ts';

/** Resolves when the MQTT exchange is over (PUBACK) or rejects; the node trusts neither [WIRE-2]. QoS 1. */
export type Publish = (topic: string, bytes: Uint8Array, qos?: 0 | 1) => Promise<void>;

export interface NodeOptions extends Partial<Time> {
  readonly credential: NodeCredential;
  readonly journal: Journal;
  /** Default 64, which is also the most [WIRE-16]. */
  readonly inFlightMax?: number;
  /** Bytes of sealed frames kept; default 64 MiB. */
  readonly journalBytesMax?: number;
  /** Frames in one boot; default 2^32 − 1, which is also the most [WIRE-4]. */
  readonly sequenceMax?: number;
  /** Bytes kept in memory while the disk is full; default 8 MiB. */
  readonly spareBytesMax?: number;
  /** The journal failed. The node goes on; what it could not keep is counted `dropped`, and a gap. */
  readonly onFault?: (error: unknown) => void;
}

/** At any time: offered + resumed = settled + refused + dropped + `bufferedFrames`. */
export interface NodeCounts {
  /** Frames given to `offer`. */
  offered: number;
  /** Frames found in the journal, kept by an earlier lifetime. */
  resumed: number;
  /** Durable in the gateway's log. */
  settled: number;
  /** Refused by the gateway for good. */
  refused: number;
  /** Not kept: the journal was full, failed, or too far behind. */
  dropped: number;
  /** Sent once as they came, while nothing was settled and the window was full [WIRE-16]. */
  live: number;
  /** Sends beyond a frame's first. */
  resent: number;
  /** Answers that did not open or named what this node has not used [WIRE-14]. */
  ignoredAnswers: number;
}

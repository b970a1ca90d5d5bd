/** What the broker asks of the gateway, and tells it. */
import type { RefusalReason } from './refusal.ts';

export interface BrokerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Whether this name and password belong to an enrolled node that is not revoked. */
  readonly admit: (name: string, password: Uint8Array) => Promise<boolean>;
  /** True: PUBACK may go. False: the node keeps the frame, without one. Throws Refusal. */
  readonly frame: (node: string, bytes: Uint8Array) => Promise<boolean>;
  /** A connection was refused or closed; `node` is undefined for a stranger. */
  readonly refused: (reason: RefusalReason, node: string | undefined) => void;
  /** An error that is no Refusal, for the operator. It was counted as `internal`. */
  readonly failed: (error: unknown) => void;
  readonly connected: (node: string, is: boolean) => void;
  /** A frame waits because its node is faster than it may be. */
  readonly slowed?: (delayMs: number) => void;
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Of one address; default CONNECTIONS_PER_ADDRESS_MAX. */
  readonly connectionsPerAddressMax?: number;
}

/** What the broker asks of the gateway, and tells it. */
import type { RefusalReason } from './refusal.ts';

export interface BrokerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Whether this name and password belong to an enrolled node that is not revoked. */
  readonly admit: (name: string, password: Uint8Array) => Promise<boolean>;
  /** Resolves when the frame is settled or is to be sent again; throws Refusal. */
  readonly frame: (node: string, bytes: Uint8Array) => Promise<void>;
  /** A connection was refused or closed; `node` is undefined for a stranger. */
  readonly refused: (reason: RefusalReason, node: string | undefined) => void;
  /** An error that is no Refusal, for the operator. It was counted as `internal`. */
  readonly failed: (error: unknown) => void;
  readonly connected: (node: string, is: boolean) => void;
}

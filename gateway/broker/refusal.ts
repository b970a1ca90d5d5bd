/**
 * What closes a connection, by its name in WIRE.md's table of outcomes. `unsettled` closes it only where the
 * gateway itself is closing: the frame could not be made durable, so nothing is acknowledged and the node
 * keeps it. `internal` is an error of the gateway.
 */
export const REFUSALS = [
  'bad-seal',
  'wrong-epoch',
  'wrong-topic',
  'bad-credentials',
  'too-large',
  'too-many',
  'no-connect',
  'bad-packet',
  'unsettled',
  'internal',
] as const;
export type RefusalReason = (typeof REFUSALS)[number];

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalReason;
  constructor(code: RefusalReason, message: string) {
    super(message);
    this.code = code;
  }
}

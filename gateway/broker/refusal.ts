/**
 * What closes a connection, by its name in WIRE.md's table of outcomes. `unsettled` is ours: the
 * frame could not be made durable, so nothing is acknowledged and the node keeps it. So is `internal`:
 * an error of the gateway itself.
 */
export const REFUSALS = [
  'bad-seal',
  'wrong-epoch',
  'wrong-topic',
  'bad-credentials',
  'too-large',
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

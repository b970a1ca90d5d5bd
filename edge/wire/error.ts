/**
 * The one error of the payload's boundary: bytes that opened under a node's key and are still not a
 * frame. The code is the reason the gateway counts it under (WIRE.md, Outcomes).
 *
 * The message names the field, what was expected and where; it never quotes a reading or a sample.
 */

export const WIRE_ERRORS = {
  'unknown-version': 'a payload version, block type or event that this version does not know',
  'unknown-vital': 'a vital sign, channel, lead or unit that edge/vital does not know',
  malformed: 'anything else that WIRE.md does not allow',
} as const;
export type WireErrorCode = keyof typeof WIRE_ERRORS;

export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code: WireErrorCode;
  /** Byte offset, in the payload or answer, of the field that was refused. */
  readonly position: number;

  constructor(code: WireErrorCode, position: number, detail: string) {
    super(`byte ${position}: ${detail}`);
    this.code = code;
    this.position = position;
  }
}

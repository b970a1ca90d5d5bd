/** Thrown by every decoder of a log record: hostile, damaged or foreign bytes. */
export type RecordFault =
  | 'short' // a field runs past the end, or bytes are left behind the last one
  | 'range' // a field is outside what PROTOCOL.md allows
  | 'element' // a masked word is not below 2^61 - 1 [S6]
  | 'json' // not canonical JSON, or not of the record's form
  | 'sealed'; // a run record's secrets do not open for this server

export class RecordError extends Error {
  override readonly name = 'RecordError';
  readonly code: RecordFault;
  constructor(code: RecordFault, message: string) {
    super(message);
    this.code = code;
  }
}

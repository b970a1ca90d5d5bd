/**
 * The length and place of a batch from its header alone, for walking through a file without opening
 * anything (PROTOCOL.md, section 2): position u64 at byte 9, count u32 at 17, body length u32 at 61.
 */
export const HEADER_BYTES = 65;
const SIGNATURE_BYTES = 64;

export interface BatchSpan {
  readonly position: number;
  readonly count: number;
  /** Header to signature. */
  readonly bytes: number;
}

/** The batch at `at`, or null where its header is not whole. Only for bytes that were verified. */
export function spanAt(bytes: Uint8Array, at: number): BatchSpan | null {
  if (at + HEADER_BYTES > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER_BYTES);
  return {
    position: Number(view.getBigUint64(9, true)),
    count: view.getUint32(17, true),
    bytes: HEADER_BYTES + view.getUint32(61, true) + SIGNATURE_BYTES,
  };
}

/** How many of `bytes` are whole batches that follow each other from the first byte. */
export function wholeBatches(bytes: Uint8Array): number {
  let at = 0;
  for (;;) {
    const span = spanAt(bytes, at);
    if (span === null || at + span.bytes > bytes.length) return at;
    at += span.bytes;
  }
}

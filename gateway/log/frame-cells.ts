/**
 * Which cells a masked frame of this gateway's own log fills, from its column headers alone
 * (PROTOCOL.md, section 2): the masked values are skipped, not read.
 *
 *   stay u32 ‖ counter u64 ‖ tag 16 B ‖ columns u8 ‖ ( vital u8 ‖ start u32 ‖ rows u16
 *     ‖ presence ⌈rows/8⌉ B ‖ masked u64 × present ‖ commitment 16 B )*
 */
import { presenceBytes, presentCount } from '@vitalshare/cloud-sink/messages';

const COLUMNS_AT = 28;
const COLUMN_HEADER_BYTES = 7;
const COMMITMENT_BYTES = 16;

export interface FrameColumn {
  readonly vital: number;
  readonly start: number;
  readonly rows: number;
  /** A view that does not outlive the record. */
  readonly presence: Uint8Array;
}

/** Throws RangeError on bytes that are no masked frame. */
export function columnsOfFrame(record: Uint8Array): FrameColumn[] {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const columns: FrameColumn[] = [];
  let at = COLUMNS_AT + 1;
  for (let i = view.getUint8(COLUMNS_AT); i > 0; i--) {
    const vital = view.getUint8(at);
    const start = view.getUint32(at + 1, true);
    const rows = view.getUint16(at + 5, true);
    at += COLUMN_HEADER_BYTES;
    const presence = record.subarray(at, at + presenceBytes(rows));
    at += presence.length + 8 * presentCount(presence) + COMMITMENT_BYTES;
    columns.push({ vital, start, rows, presence });
  }
  return columns;
}

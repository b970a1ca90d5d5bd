/**
 * Bytes a reading takes between gateway and log: masked frames as they are appended, with their record
 * heads and their part of a sealed and signed batch (PROTOCOL.md, section 2). Counted, not computed.
 */
import { MaskKeys, maskRoot, setsOf, type SharingConfig } from '@vitalshare/edge/sharing';
import { splitFrame } from '@vitalshare/edge/sharing/split';
import {
  columnHeader,
  encodeBatch,
  encodeMaskedFrame,
  KIND,
  type LogRecord,
} from '../messages/messages.ts';

const READINGS = 60;

/** From the bytes of one whole batch. */
export function bytesPerReading(config: SharingConfig, columns: number, frames: number): number {
  const context = { log: new Uint8Array(16), epoch: 1, run: 1, generation: 1 };
  const root = maskRoot(new Uint8Array(32), new Uint8Array(32));
  const keys = new MaskKeys(config, context, new Map(setsOf(config).map((mask) => [mask, root])));
  const records = Array.from({ length: frames }, (_, i) => frameRecord(keys, columns, i + 1));
  const header = { run: 1, position: 2, time: 0, previous: new Uint8Array(32) };
  const sign = () => new Uint8Array(64);
  const { bytes } = encodeBatch(header, records, new Uint8Array(32), sign);
  return bytes.length / (frames * READINGS);
}

function frameRecord(keys: MaskKeys, columns: number, counter: number): LogRecord {
  const rows = READINGS / columns;
  const heads = Array.from({ length: columns }, (_, vital) => {
    const presence = new Uint8Array(Math.ceil(rows / 8)).fill(0xff);
    if (rows % 8 > 0) presence[presence.length - 1] = (1 << (rows % 8)) - 1;
    return { vital: vital + 1, start: 1_700_000_000, rows, presence };
  });
  const values = Array.from({ length: rows }, (_, i) => 700 + i);
  const masked = splitFrame(keys, 'bed-01', counter, {
    columns: heads.map((head) => ({ header: columnHeader(head), values })),
    products: [],
    segments: [],
  });
  const bytes = encodeMaskedFrame({
    stay: 1,
    counter,
    tag: new Uint8Array(16),
    columns: heads.map((head, i) => ({ ...head, ...masked.columns[i]! })),
    products: [],
    segments: [],
  });
  return { kind: KIND.frame, bytes };
}

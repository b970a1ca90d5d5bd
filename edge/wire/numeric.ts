/**
 * Block 1, a numeric column [WIRE-8]:
 *
 *   vital u8 ‖ quality u8 ‖ startSecond u32 ‖ rowCount u16
 *   ‖ presence ⌈rowCount/8⌉ bytes ‖ value i32 × (bits set)
 *
 * Whether a value is plausible is not asked here: the gateway answers that reading by reading.
 */
import { ROWS_IN_COLUMN_MAX } from '../limits.ts';
import { vitalOfCode } from '../vital/vital.ts';
import type { ByteReader, ByteWriter } from './cursor.ts';
import type { NumericColumn } from './frame.ts';
import { readQuality, writeQuality } from './quality.ts';

export function readColumn(reader: ByteReader): NumericColumn {
  const vital = vitalOfCode(reader.u8('vital'));
  if (vital === undefined) reader.fail('unknown-vital', 'vital: not a known vital sign', 1);
  const quality = readQuality(reader);
  const startSecond = reader.u32('startSecond');
  const rowCount = reader.u16('rowCount', 1, ROWS_IN_COLUMN_MAX);
  const presence = reader.bytes('presence', Math.ceil(rowCount / 8));
  if (hasUnusedBits(presence, rowCount)) {
    reader.fail('malformed', 'presence: expected unused bits to be zero', 1);
  }
  const values = reader.i32s('values', bitsSet(presence));
  return { vital, quality, startSecond, rowCount, presence, values };
}

export function writeColumn(writer: ByteWriter, column: NumericColumn): void {
  const { vital, rowCount, presence, values } = column;
  writer.u8('vital', vital.code);
  writeQuality(writer, column.quality);
  writer.u32('startSecond', column.startSecond);
  writer.u16('rowCount', rowCount, 1, ROWS_IN_COLUMN_MAX);
  if (presence.length !== Math.ceil(rowCount / 8) || hasUnusedBits(presence, rowCount)) {
    throw new RangeError(`${vital.name}: expected presence to be ${rowCount} bits, then zeros`);
  }
  if (values.length !== bitsSet(presence)) {
    throw new RangeError(`${vital.name}: expected one value for each bit set in presence`);
  }
  writer.bytes(presence);
  writer.i32s(values);
}

function hasUnusedBits(presence: Uint8Array, rowCount: number): boolean {
  const used = rowCount % 8;
  return used !== 0 && presence[presence.length - 1]! >> used !== 0;
}

function bitsSet(presence: Uint8Array): number {
  let count = 0;
  for (const byte of presence) {
    for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  }
  return count;
}

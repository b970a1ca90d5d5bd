/** Signal quality, as both kinds of reading carry it: 0 to 4 bars, 255 not known [WIRE-10]. */
import type { ByteReader, ByteWriter } from './cursor.ts';
import { QUALITY_UNKNOWN } from './frame.ts';

const BARS_MAX = 4;
const isQuality = (quality: number) => quality <= BARS_MAX || quality === QUALITY_UNKNOWN;

export function readQuality(reader: ByteReader): number {
  const quality = reader.u8('quality');
  if (!isQuality(quality)) reader.fail('malformed', 'quality: expected 0 to 4, or 255', 1);
  return quality;
}

export function writeQuality(writer: ByteWriter, quality: number): void {
  if (!isQuality(quality)) throw new RangeError('quality: expected 0 to 4, or 255');
  writer.u8('quality', quality);
}

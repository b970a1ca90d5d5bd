/**
 * One bins record into the store: this server's shares of its counts, under a key of their own
 * [PROTO-36].
 *
 *   key    log u16 ‖ stay u32 ‖ vital u8 ‖ window u32 ‖ position u64        big-endian
 *   value  readings u16 ‖ share u64 × bins                                  little-endian
 *
 * Increments are kept one by one, so what counts as of a position is known for ever [PROTO-13].
 */
import {
  elementCount,
  type FieldVector,
  readElements,
  writeElements,
} from '@vitalshare/edge/field';
import { type MaskKeys, USE } from '@vitalshare/edge/sharing';
import { deriveShares } from '@vitalshare/edge/sharing/derive';
import type { MaskedBins } from '../messages/bins-record.ts';
import { binsKey } from './keys.ts';
import type { StayState } from './state.ts';
import type { Put } from './store.ts';

export interface Increment {
  readonly readings: number;
  /** One element a bin. */
  readonly shares: FieldVector;
}

/** The store's row for a record at `position` whose counter was found to rise. */
export function binsPut(
  keys: MaskKeys,
  server: number,
  stay: StayState,
  position: number,
  { counter, vital, window, readings, masked }: MaskedBins,
): Put {
  const shares = deriveShares(keys, server, USE.bin, stay.stay, counter, masked);
  const value = new Uint8Array(2 + 8 * elementCount(shares));
  new DataView(value.buffer).setUint16(0, readings, true);
  writeElements(shares, value, 2);
  const key = binsKey(stay.log, stay.number, vital, window, position);
  return { table: 'bins', key, value };
}

/** Throws where the store holds something else. */
export const readIncrement = (value: Uint8Array): Increment => ({
  readings: new DataView(value.buffer, value.byteOffset).getUint16(0, true),
  shares: readElements(value, 2, (value.length - 2) >> 3),
});

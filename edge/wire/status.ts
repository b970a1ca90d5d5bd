/**
 * Blocks 3 and 4: how the device is, and what it reports beside readings [WIRE-10].
 *
 *   status = battery u8 ‖ link i8 ‖ buffered u32 ‖ resetCause u8 ‖ length u8 ‖ firmware (ASCII)
 *   event  = code u8 ‖ at u64
 */
import type { ByteReader, ByteWriter } from './cursor.ts';
import {
  EVENT_CODES,
  RESET_CAUSES,
  type EventName,
  type NodeEvent,
  type ResetCause,
  type Status,
} from './frame.ts';

const BATTERY_UNKNOWN = 255;
const LINK_UNKNOWN = -128;
/** Printable ASCII only: pages and logs show this text. */
const FIRMWARE = /^[\x20-\x7e]{0,255}$/;

export function readStatus(reader: ByteReader): Status {
  const battery = reader.u8('battery');
  if (battery > 100 && battery !== BATTERY_UNKNOWN) {
    reader.fail('malformed', 'battery: expected 0 to 100, or 255', 1);
  }
  const link = reader.i8('link');
  const bufferedFrames = reader.u32('buffered');
  const resetCause = RESET_CAUSES[reader.u8('resetCause', 0, RESET_CAUSES.length - 1)]!;
  const text = reader.bytes('firmware', reader.u8('length'));
  const firmware = String.fromCharCode(...text);
  if (!FIRMWARE.test(firmware)) {
    reader.fail('malformed', 'firmware: expected printable ASCII', text.length);
  }
  return {
    batteryPercent: battery === BATTERY_UNKNOWN ? null : battery,
    linkDbm: link === LINK_UNKNOWN ? null : link,
    ...{ bufferedFrames, resetCause, firmware },
  };
}

export function writeStatus(writer: ByteWriter, status: Status): void {
  const { batteryPercent, linkDbm, firmware } = status;
  if (batteryPercent === null) writer.u8('battery', BATTERY_UNKNOWN);
  else writer.u8('battery', batteryPercent, 0, 100);
  if (linkDbm === null) writer.i8('link', LINK_UNKNOWN);
  else writer.i8('link', linkDbm, -127);
  writer.u32('buffered', status.bufferedFrames);
  writer.u8('resetCause', codeOfCause(status.resetCause));
  if (!FIRMWARE.test(firmware)) {
    throw new RangeError('firmware: expected at most 255 characters of printable ASCII');
  }
  writer.u8('length', firmware.length);
  writer.bytes(Uint8Array.from(firmware, (char) => char.charCodeAt(0)));
}

export function readEvent(reader: ByteReader): NodeEvent {
  const name = nameOfEvent(reader.u8('event'));
  if (name === undefined) reader.fail('unknown-version', 'event: not a known event', 1);
  return { name, atUs: reader.u64('at') };
}

export function writeEvent(writer: ByteWriter, event: NodeEvent): void {
  writer.u8('event', EVENT_CODES[event.name]);
  writer.u64('at', event.atUs);
}

const codeOfCause = (cause: ResetCause): number => RESET_CAUSES.indexOf(cause);

function nameOfEvent(code: number): EventName | undefined {
  const names = Object.keys(EVENT_CODES) as EventName[];
  return names.find((name) => EVENT_CODES[name] === code);
}

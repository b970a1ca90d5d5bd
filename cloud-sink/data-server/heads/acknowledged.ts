/**
 * `alarms.json` of a party folder: which alarms its operator has dealt with, by id, and when (ms UTC).
 * The command writes it, beside a running server or without one; the server only reads it, every few
 * seconds, and keeps the time with the alarm in its store. Nothing is decided on it.
 */
import { join } from 'node:path';
import { partyFileExists, readPartyFile, writePartyFile } from '@vitalshare/edge/keys/node';
import { ALARMS_MAX } from '../../limits.ts';

export type Acknowledged = ReadonlyMap<string, number>;

const fileOf = (folder: string): string => join(folder, 'alarms.json');

/** Throws PartyError where the file is damaged. */
export function readAcknowledged(folder: string): Acknowledged {
  const file = fileOf(folder);
  if (!partyFileExists(file)) return new Map();
  const remedy = 'remove it and acknowledge again.';
  return readPartyFile(file, parseAcknowledged, { secret: false, remedy });
}

export function writeAcknowledged(folder: string, acknowledged: Acknowledged): void {
  writePartyFile(fileOf(folder), { acknowledged: Object.fromEntries(acknowledged) });
}

/** For the server: a file that cannot be read is said once, and acknowledges nothing. */
export function acknowledgedIn(
  folder: string,
  say: (sentence: string) => void,
): () => Acknowledged {
  let said = '';
  return () => {
    try {
      const acknowledged = readAcknowledged(folder);
      said = '';
      return acknowledged;
    } catch (error) {
      const message = error instanceof Error ? error.message : 'alarms.json cannot be read';
      if (said !== message) say(message);
      said = message;
      return new Map();
    }
  };
}

function parseAcknowledged(value: unknown): Acknowledged {
  const { acknowledged } = Object(value) as { acknowledged?: unknown };
  const entries = Object.entries(Object(acknowledged) as Record<string, unknown>);
  const isWell = ([id, time]: [string, unknown]): boolean =>
    /^[0-9a-f]{8}$/.test(id) && Number.isSafeInteger(time);
  if (typeof acknowledged !== 'object' || entries.length > ALARMS_MAX || !entries.every(isWell)) {
    throw new TypeError('acknowledged must be at most 256 ids of alarms, each with a time');
  }
  return new Map(entries as [string, number][]);
}

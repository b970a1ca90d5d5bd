/**
 * `keys.json`, the keys a party got in the ceremony (SHARING.md, Keys).
 *
 *   gateway      { "epoch": 1, "split": {"<mask>": K_A …}, "log": L, "tag": tag key }
 *   data server  { "split": {"<epoch>": {"<mask>": K_A …}}, "log": L, "zero": {"<mask>": Z_A …} }
 *
 * Every key is base64url of 32 bytes. The gateway's file has no zero keys and a data server's no set
 * it is not a member of [S10]; a file that says otherwise is refused.
 */
import { join } from 'node:path';
import { fromBase64Url, toBase64Url } from '../seal/seal.ts';
import { setsOf, setsOfServer } from '../sharing/sharing.ts';
import { PartyError, readPartyFile } from './files.ts';
import { KEYS_FILE, loadMember } from './party.ts';

export interface GatewayKeys {
  readonly epoch: number;
  /** Mask of a set → K_A, for every set. */
  readonly split: ReadonlyMap<number, Uint8Array>;
  /** L: seals the log for the data servers [PROTO-4]. */
  readonly log: Uint8Array;
  /** AES-256 key of the tags in masked frames [PROTO-8]. */
  readonly tag: Uint8Array;
}

export interface ServerKeys {
  /** Epoch → mask of a set this server is in → K_A. */
  readonly split: ReadonlyMap<number, ReadonlyMap<number, Uint8Array>>;
  readonly log: Uint8Array;
  /** Mask of a set this server is in → Z_A. */
  readonly zero: ReadonlyMap<number, Uint8Array>;
}

const KEY_BYTES = 32;
const KEYS_OPTIONS = {
  secret: true,
  remedy: 'the key ceremony writes it (`vitalshare keys --help`).',
};

/** Throws PartyError on a missing or damaged file, and where this party is not the gateway. */
export function loadGatewayKeys(folder: string): GatewayKeys {
  const { configuration, identity } = loadMember(folder);
  const file = join(folder, KEYS_FILE);
  if (identity.role !== 'gateway') throw wrongRole(file, identity.role, 'the gateway');
  const masks = setsOf(configuration);
  return readPartyFile(file, (value) => parseGatewayKeys(value, masks), KEYS_OPTIONS);
}

/** Throws PartyError on a missing or damaged file, and where this party is no data server. */
export function loadServerKeys(folder: string): ServerKeys {
  const { configuration, identity, server } = loadMember(folder);
  const file = join(folder, KEYS_FILE);
  if (server === undefined) throw wrongRole(file, identity.role, 'a data server');
  const masks = setsOfServer(configuration, server);
  return readPartyFile(file, (value) => parseServerKeys(value, masks), KEYS_OPTIONS);
}

export const gatewayKeysJson = ({ epoch, split, log, tag }: GatewayKeys): unknown => ({
  epoch,
  split: keyMapJson(split),
  log: toBase64Url(log),
  tag: toBase64Url(tag),
});

export const serverKeysJson = ({ split, log, zero }: ServerKeys): unknown => ({
  split: Object.fromEntries([...split].map(([epoch, keys]) => [String(epoch), keyMapJson(keys)])),
  log: toBase64Url(log),
  zero: keyMapJson(zero),
});

export const keyMapJson = (keys: ReadonlyMap<number, Uint8Array>): Record<string, string> =>
  Object.fromEntries([...keys].map(([mask, key]) => [String(mask), toBase64Url(key)]));

/** Exactly one key for each of `masks`, which rise. Throws TypeError that names `field` only. */
export function parseKeyMap(
  value: unknown,
  field: string,
  masks: readonly number[],
): Map<number, Uint8Array> {
  const fields = fieldsOf(value, field);
  if (fields.size !== masks.length || !masks.every((mask) => fields.has(String(mask)))) {
    throw new TypeError(`${field} must hold keys of exactly the sets ${masks.join(', ')}`);
  }
  return new Map(
    masks.map((mask) => [mask, parseKey(fields.get(String(mask)), `${field} ${mask}`)]),
  );
}

export function parseKey(value: unknown, field: string): Uint8Array {
  try {
    if (typeof value === 'string') return fromBase64Url(value, KEY_BYTES);
  } catch {
    // Falls through: nothing of the value may stand in the error.
  }
  throw new TypeError(`${field} must be base64url of ${KEY_BYTES} bytes`);
}

export function fieldsOf(value: unknown, field: string): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${field} must be an object`);
  }
  return new Map<string, unknown>(Object.entries(value));
}

function parseGatewayKeys(value: unknown, masks: readonly number[]): GatewayKeys {
  const fields = fieldsOf(value, 'keys');
  if (fields.has('zero')) throw new TypeError('a gateway must not hold zero keys');
  return {
    epoch: parseEpoch(fields.get('epoch')),
    split: parseKeyMap(fields.get('split'), 'split', masks),
    log: parseKey(fields.get('log'), 'log'),
    tag: parseKey(fields.get('tag'), 'tag'),
  };
}

function parseServerKeys(value: unknown, masks: readonly number[]): ServerKeys {
  const fields = fieldsOf(value, 'keys');
  const split = new Map<number, ReadonlyMap<number, Uint8Array>>();
  for (const [epoch, keys] of fieldsOf(fields.get('split'), 'split')) {
    split.set(parseEpoch(Number(epoch)), parseKeyMap(keys, `split of epoch ${epoch}`, masks));
  }
  return {
    split,
    log: parseKey(fields.get('log'), 'log'),
    zero: parseKeyMap(fields.get('zero'), 'zero', masks),
  };
}

export function parseEpoch(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535) {
    return value;
  }
  throw new TypeError('epoch must be a whole number from 1 to 65535');
}

const wrongRole = (file: string, role: string, expected: string): PartyError =>
  new PartyError('mismatch', file, `${file} belongs to a ${role}; expected ${expected}.`);

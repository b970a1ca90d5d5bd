/**
 * `elgamal.json`: what a server knows of the key of encrypted sums, step by step [PROTO-83].
 *
 *   { "own"?: {"coefficients": [scalar…], "dealing"}, "heard"?: {"<server>": commitment…},
 *     "dealings"?: [dealing…], "share"?: scalar, "confirmed": boolean }
 *
 * Its own coefficients stand in it until all servers have said that they hold their shares of them.
 */
import { join } from 'node:path';
import { partyFileExists, readPartyFile, writePartyFile } from '@vitalshare/edge/keys/node';
import { fromBase64Url, toBase64Url } from '@vitalshare/edge/seal';
import { decodeScalar, encodeScalar } from '../../elgamal/group.ts';
import { dealingJson, type ShownDealing, takeDealing } from '../../messages/elgamal.ts';
import { Fields } from '../../messages/fields.ts';

export interface StoredKey {
  readonly own?: { readonly coefficients: readonly bigint[]; readonly dealing: ShownDealing };
  /** Server → what it committed to, of all others. */
  readonly heard?: ReadonlyMap<number, Uint8Array>;
  /** Of all servers, by rising index, checked. */
  readonly dealings?: readonly ShownDealing[];
  readonly share?: bigint;
  readonly confirmed: boolean;
}

/** Where it is kept. `save` returns when it would survive a crash. */
export interface KeyFile {
  readonly load: () => StoredKey | undefined;
  readonly save: (stored: StoredKey) => void;
}

/** Of a party folder, readable by its owner alone. `load` throws PartyError on a damaged one. */
export function keyFileIn(folder: string): KeyFile {
  const file = join(folder, 'elgamal.json');
  return {
    load: () =>
      partyFileExists(file)
        ? readPartyFile(file, parseStored, { secret: true, remedy: '' })
        : undefined,
    save: (stored) => writePartyFile(file, storedJson(stored)),
  };
}

export const storedJson = ({ own, heard, dealings, share, confirmed }: StoredKey): unknown => ({
  ...(own && {
    own: {
      coefficients: own.coefficients.map(scalarJson),
      dealing: dealingJson(own.dealing),
    },
  }),
  ...(heard && {
    heard: Object.fromEntries([...heard].map(([j, digest]) => [String(j), toBase64Url(digest)])),
  }),
  ...(dealings && { dealings: dealings.map(dealingJson) }),
  ...(share === undefined ? {} : { share: scalarJson(share) }),
  confirmed,
});

const refuse = (message: string): Error => new TypeError(message);

/** Throws TypeError that names a field only. */
export function parseStored(value: unknown): StoredKey {
  const fields = new Fields(value, refuse);
  const stored = {
    ...(fields.has('own') ? { own: takeOwn(fields.take('own')) } : {}),
    ...(fields.has('heard')
      ? {
          heard: new Map(
            fields.entries('heard', 16).map(([server, digest]) => {
              const part = new Fields({ digest }, refuse);
              return [Number(server), part.base64url('digest', 32)];
            }),
          ),
        }
      : {}),
    ...(fields.has('dealings')
      ? { dealings: fields.list('dealings', 1, 16).map((each) => takeDealing(each, refuse)) }
      : {}),
    ...(fields.has('share') ? { share: scalarOf(fields.take('share'), 'share') } : {}),
    confirmed: fields.boolean('confirmed'),
  };
  fields.end();
  return stored;
}

function takeOwn(value: unknown) {
  const fields = new Fields(value, refuse);
  const coefficients = fields
    .list('coefficients', 1, 16)
    .map((each) => scalarOf(each, 'coefficients'));
  const dealing = takeDealing(fields.take('dealing'), refuse);
  fields.end();
  return { coefficients, dealing };
}

const scalarJson = (scalar: bigint): string => toBase64Url(encodeScalar(scalar));

function scalarOf(value: unknown, field: string): bigint {
  try {
    if (typeof value === 'string') return decodeScalar(fromBase64Url(value, 32), field);
  } catch {
    // Falls through: nothing of a secret may stand in an error.
  }
  throw refuse(`${field} must be base64url of 32 bytes below the order of the group`);
}

/**
 * A party's own folder: who it is, which world it is in, where the others are.
 *
 *   identity.json        its own keys (secret)              made by itself, never leaves the folder
 *   configuration.json   the world, the same at every party
 *   addresses.json       where this party listens and finds the others; may change at any time
 *   keys.json            the keys of the ceremony (secret; gateway and data servers)
 */
import { join } from 'node:path';
import {
  type Identity,
  parsePublicIdentity,
  publicOf,
  type PublicIdentity,
} from '../identity/identity.ts';
import { fromBase64Url } from '../seal/seal.ts';
import { type Addresses, parseAddresses } from './addresses.ts';
import {
  configDigest,
  type Configuration,
  parseConfiguration,
  partiesOf,
} from './configuration.ts';
import { PartyError, readPartyFile, writePartyFile } from './files.ts';

export interface Party {
  readonly folder: string;
  readonly identity: Identity;
  readonly configuration: Configuration;
  /** base64url of 32 bytes [PROTO-1]. */
  readonly configDigest: string;
  readonly addresses: Addresses;
  /** This party's index from 1 where it is a data server. */
  readonly server: number | undefined;
}

/** A party without addresses, as it is during the ceremony. */
export type Member = Omit<Party, 'addresses'>;

export const IDENTITY_FILE = 'identity.json';
export const CONFIGURATION_FILE = 'configuration.json';
export const ADDRESSES_FILE = 'addresses.json';
export const KEYS_FILE = 'keys.json';

/** Everything but the keys. Throws PartyError that names the file. */
export function loadParty(folder: string): Party {
  const member = loadMember(folder);
  const addresses = readPartyFile(
    join(folder, ADDRESSES_FILE),
    (value) => parseAddresses(value, member.configuration.servers),
    {
      secret: false,
      remedy:
        '`vitalshare up` writes it; with servers of your own write {"gateway": url, "dataServers": [url…]}.',
    },
  );
  return { ...member, addresses };
}

/** Throws PartyError that names the file. */
export function loadMember(folder: string): Member {
  const identity = loadIdentity(folder);
  const file = join(folder, CONFIGURATION_FILE);
  const configuration = readPartyFile(file, parseConfiguration, {
    secret: false,
    remedy: 'every party of a world has the same one, made by `vitalshare keys make`.',
  });
  checkMember(file, identity, configuration);
  const index = configuration.dataServers.findIndex(({ sign }) => sign === identity.sign);
  return {
    folder,
    identity,
    configuration,
    configDigest: configDigest(configuration),
    server: index < 0 ? undefined : index + 1,
  };
}

export const loadIdentity = (folder: string): Identity =>
  readPartyFile(join(folder, IDENTITY_FILE), parseIdentity, {
    secret: true,
    remedy: 'make this party with `vitalshare keys make`, or give its folder with --dir.',
  });

/** Throws PartyError where this identity stands nowhere in the configuration, or under other keys. */
export function checkMember(
  file: string,
  identity: PublicIdentity,
  configuration: Configuration,
): void {
  const own = JSON.stringify(publicOf(identity));
  if (partiesOf(configuration).some((party) => JSON.stringify(publicOf(party)) === own)) return;
  throw new PartyError(
    'mismatch',
    file,
    `${file} is the configuration of a world that ${identity.name} is not part of; use the one made with its identity.`,
  );
}

/** Replaces addresses.json durably. */
export const saveAddresses = (folder: string, addresses: Addresses): void =>
  writePartyFile(join(folder, ADDRESSES_FILE), addresses);

function parseIdentity(value: unknown): Identity {
  const shown = parsePublicIdentity(value);
  const fields = new Map<string, unknown>(Object.entries(value as object));
  return {
    ...shown,
    signSecret: secretText(fields, 'signSecret'),
    sealSecret: secretText(fields, 'sealSecret'),
  };
}

function secretText(fields: ReadonlyMap<string, unknown>, field: string): string {
  const value = fields.get(field);
  if (typeof value !== 'string') throw new TypeError(`${field} is missing`);
  fromBase64Url(value, 32);
  return value;
}

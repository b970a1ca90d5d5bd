/**
 * The key ceremony [S10], each step the act of one party that sees its own folder and what others
 * handed it: public identities, the configuration, messages sealed to it.
 *
 *   1. every party      makeOwnIdentity   → its public identity
 *   2. anyone           makeConfiguration → the configuration, the same for all
 *   3. every party      joinWorld
 *   4. the gateway      dealSplitKeys     → K_A and L for each member (it sees plaintext anyway)
 *   5. each data server contributeZero    → its part of Z_A for the other members of A
 *   6. each data server acceptMessages
 *
 * No party sees every key: the gateway knows no Z_A, a data server no K_A of a set it is not in. A
 * step that was done already is refused, or gives the same keys again where a message was lost.
 */
import { join } from 'node:path';
import { makeIdentity, publicOf, type PublicIdentity, type Role } from '../identity/node.ts';
import { toBase64Url } from '../seal/seal.ts';
import { configDigest, type Configuration, parseConfiguration } from './configuration.ts';
import {
  createPartyFile,
  makePrivateFolder,
  PartyError,
  partyFileExists,
  readPartyFile,
} from './files.ts';
import { checkMember, CONFIGURATION_FILE, IDENTITY_FILE, loadIdentity } from './party.ts';

export type Random = (lengthBytes: number) => Uint8Array;

/** Step 1. Throws PartyError where the folder has an identity already. */
export function makeOwnIdentity(
  folder: string,
  name: string,
  role: Role,
  random: Random,
): PublicIdentity {
  const identity = makeIdentity(name, role, random);
  makePrivateFolder(folder);
  createPartyFile(join(folder, IDENTITY_FILE), identity);
  return publicOf(identity);
}

export interface ConfigurationChoice {
  readonly threshold: number;
  readonly minimumCohort: number;
  /** All parties; data servers get their indices in this order. */
  readonly parties: readonly PublicIdentity[];
}

/** Step 2. `random` names the world; nothing secret depends on it. */
export function makeConfiguration(choice: ConfigurationChoice, random: Random): Configuration {
  const ofRole = (role: Role): PublicIdentity[] =>
    choice.parties.filter((party) => party.role === role).map(publicOf);
  const dataServers = ofRole('data-server');
  const gateways = ofRole('gateway');
  if (gateways.length !== 1) {
    throw new RangeError(`a world has one gateway, got ${gateways.length}`);
  }
  return parseConfiguration({
    vitalshare: 'configuration',
    version: 1,
    world: toBase64Url(random(16)),
    servers: dataServers.length,
    threshold: choice.threshold,
    generation: 1,
    minimumCohort: choice.minimumCohort,
    gateway: gateways[0],
    dataServers,
    researchers: ofRole('researcher'),
    physicians: ofRole('physician'),
  });
}

/** Step 3. Stores the configuration; a second, different one is refused. */
export function joinWorld(folder: string, value: unknown): Configuration {
  const configuration = parseConfiguration(value);
  const file = join(folder, CONFIGURATION_FILE);
  checkMember(file, loadIdentity(folder), configuration);
  if (!partyFileExists(file)) {
    createPartyFile(file, configuration);
    return configuration;
  }
  const stored = readPartyFile(file, parseConfiguration, { secret: false, remedy: '' });
  if (configDigest(stored) !== configDigest(configuration)) {
    throw new PartyError('mismatch', file, `${file} is of another world; it is never overwritten.`);
  }
  return stored;
}

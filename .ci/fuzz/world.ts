/** Parties of the fuzzer's worlds: the same keys in every run, so that a case can be run again. */
import { type Identity, makeIdentity, publicOf, type Role } from '../../edge/identity/node.ts';
import {
  configDigest,
  type Configuration,
  parseConfiguration,
} from '../../edge/keys/configuration.ts';
import { toBase64Url } from '../../edge/seal/bytes.ts';
import { hashOf, randomOf } from './random.ts';

export interface FuzzWorld {
  readonly configuration: Configuration;
  readonly configDigest: string;
  readonly gateway: Identity;
  readonly servers: readonly Identity[];
  readonly researcher: Identity;
  readonly physician: Identity;
}

const worlds = new Map<number, FuzzWorld>();

export function worldOf(servers: number): FuzzWorld {
  const known = worlds.get(servers);
  if (known) return known;
  const party = (name: string, role: Role): Identity =>
    makeIdentity(name, role, randomOf(servers, hashOf(name), 0).bytes);
  const gateway = party('gateway', 'gateway');
  const dataServers = Array.from({ length: servers }, (_, i) =>
    party(`server ${i + 1}`, 'data-server'),
  );
  const researcher = party('researcher', 'researcher');
  const physician = party('physician', 'physician');
  const configuration = parseConfiguration({
    vitalshare: 'configuration',
    version: 1,
    world: toBase64Url(new Uint8Array(16).fill(servers)),
    servers,
    threshold: 1,
    generation: 1,
    minimumCohort: 1,
    gateway: publicOf(gateway),
    dataServers: dataServers.map(publicOf),
    researchers: [publicOf(researcher)],
    physicians: [publicOf(physician)],
  });
  const world = {
    configuration,
    configDigest: configDigest(configuration),
    gateway,
    servers: dataServers,
    researcher,
    physician,
  };
  worlds.set(servers, world);
  return world;
}

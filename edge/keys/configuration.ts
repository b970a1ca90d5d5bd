/**
 * The configuration of a world: who its parties are and how readings are shared among them
 * (PROTOCOL.md, section 1). It is public and the same at every party.
 *
 *   configDigest = base64url(SHA-256(canonical JSON))                                   [PROTO-1]
 *
 * Addresses are not part of it: a party that moves is still the same party.
 */
import { parsePublicIdentity, type PublicIdentity, type Role } from '../identity/identity.ts';
import { PEOPLE_MAX } from '../limits.ts';
import { fromBase64Url, toBase64Url } from '../seal/seal.ts';
import { checkConfig, SharingError } from '../sharing/sharing.ts';
import { canonicalDigest } from './canonical.ts';

export interface Configuration {
  readonly vitalshare: 'configuration';
  readonly version: 1;
  /** 16 random bytes, base64url: two worlds of the same parties are two worlds. */
  readonly world: string;
  /** n, 2 to 16 [SHARE-2]. */
  readonly servers: number;
  /** t, 1 to n − 1. */
  readonly threshold: number;
  /** Counts changes of servers; shares of two generations never mix. */
  readonly generation: number;
  /** k: fewer patients than this are no statistic [PROTO-14]. */
  readonly minimumCohort: number;
  readonly gateway: PublicIdentity;
  /** Server j is the j-th, from 1. */
  readonly dataServers: readonly PublicIdentity[];
  readonly researchers: readonly PublicIdentity[];
  readonly physicians: readonly PublicIdentity[];
}

/** Thrown on a value that is no configuration. `field` is the first one found wrong. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly field: string;
  constructor(field: string, expected: string) {
    super(`configuration: ${field} must be ${expected}`);
    this.field = field;
  }
}

const FIELDS = [
  'vitalshare',
  'version',
  'world',
  'servers',
  'threshold',
  'generation',
  'minimumCohort',
  'gateway',
  'dataServers',
  'researchers',
  'physicians',
] as const;
const IDENTITY_FIELDS = ['name', 'role', 'sign', 'seal'] as const;
const COHORT_MAX = 1_000_000;
const GENERATION_MAX = 2 ** 32 - 1;

/**
 * A configuration out of parsed JSON. Throws ConfigurationError or IdentityError. Unknown fields are
 * refused: two parties that read a file differently must not get one digest.
 */
export function parseConfiguration(value: unknown): Configuration {
  const fields = fieldsOf(value, 'value', FIELDS);
  if (fields.get('vitalshare') !== 'configuration') {
    throw new ConfigurationError('vitalshare', '"configuration"');
  }
  if (fields.get('version') !== 1) throw new ConfigurationError('version', '1');
  const configuration: Configuration = {
    vitalshare: 'configuration',
    version: 1,
    world: parseWorld(fields.get('world')),
    servers: integer(fields, 'servers', 2, 16),
    threshold: integer(fields, 'threshold', 1, 15),
    generation: integer(fields, 'generation', 1, GENERATION_MAX),
    minimumCohort: integer(fields, 'minimumCohort', 1, COHORT_MAX),
    gateway: party(fields.get('gateway'), 'gateway', 'gateway'),
    dataServers: parties(fields, 'dataServers', 'data-server'),
    researchers: parties(fields, 'researchers', 'researcher'),
    physicians: parties(fields, 'physicians', 'physician'),
  };
  checkSharing(configuration);
  checkDistinct(configuration);
  return configuration;
}

/** [PROTO-1] */
export const configDigest = (configuration: Configuration): string =>
  toBase64Url(canonicalDigest(configuration));

/** Everybody in it, gateway first. */
export const partiesOf = (configuration: Configuration): readonly PublicIdentity[] => [
  configuration.gateway,
  ...configuration.dataServers,
  ...configuration.researchers,
  ...configuration.physicians,
];

function checkSharing({ servers, threshold, dataServers }: Configuration): void {
  try {
    checkConfig({ servers, threshold });
  } catch (error) {
    if (!(error instanceof SharingError)) throw error;
    throw new ConfigurationError('servers and threshold', `allowed: ${error.message}`);
  }
  if (dataServers.length !== servers) {
    throw new ConfigurationError('dataServers', `${servers} identities, got ${dataServers.length}`);
  }
}

/** One key in two places would let one party be two of the t + 1. */
function checkDistinct(configuration: Configuration): void {
  const everybody = partiesOf(configuration);
  for (const field of ['sign', 'seal'] as const) {
    if (new Set(everybody.map((identity) => identity[field])).size !== everybody.length) {
      throw new ConfigurationError(`every ${field} key`, 'of one party only');
    }
  }
}

function parties(fields: Fields, field: string, role: Role): PublicIdentity[] {
  const value = fields.get(field);
  if (!Array.isArray(value) || value.length > PEOPLE_MAX) {
    throw new ConfigurationError(field, `a list of at most ${PEOPLE_MAX}`);
  }
  return value.map((item: unknown, index) => party(item, `${field}[${index}]`, role));
}

function party(value: unknown, field: string, role: Role): PublicIdentity {
  fieldsOf(value, field, IDENTITY_FIELDS);
  const identity = parsePublicIdentity(value);
  if (identity.role !== role) throw new ConfigurationError(`${field}.role`, role);
  return identity;
}

function parseWorld(value: unknown): string {
  try {
    if (typeof value === 'string') return toBase64Url(fromBase64Url(value, 16));
  } catch {
    // Falls through to the one sentence for every wrong value.
  }
  throw new ConfigurationError('world', 'base64url of 16 bytes');
}

function integer(fields: Fields, field: string, min: number, max: number): number {
  const value = fields.get(field);
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
    return value;
  }
  throw new ConfigurationError(field, `a whole number from ${min} to ${max}`);
}

type Fields = ReadonlyMap<string, unknown>;

function fieldsOf(value: unknown, field: string, names: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigurationError(field, 'an object');
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  if (fields.size !== names.length || !names.every((name) => fields.has(name))) {
    throw new ConfigurationError(field, `an object of exactly ${names.join(', ')}`);
  }
  return fields;
}

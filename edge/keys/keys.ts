/**
 * The door `@vitalshare/edge/keys`: the configuration all parties share, its digest, and the
 * canonical JSON both are made of. What touches folders and key material is behind `./keys/node`.
 */
export {
  canonicalBytes,
  canonicalDigest,
  CanonicalError,
  canonicalJson,
  type Json,
  parseCanonical,
  parseJson,
} from './canonical.ts';
export {
  configDigest,
  type Configuration,
  ConfigurationError,
  parseConfiguration,
  partiesOf,
} from './configuration.ts';

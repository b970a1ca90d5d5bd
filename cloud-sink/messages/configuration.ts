/**
 * The configuration of a world (PROTOCOL.md, section 1). It lives in `edge/keys`, since the key
 * ceremony needs it below this room.                                                    [PROTO-1]
 */
export {
  configDigest,
  type Configuration,
  ConfigurationError,
  parseConfiguration,
  partiesOf,
} from '@vitalshare/edge/keys';

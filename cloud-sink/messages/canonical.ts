/** Canonical JSON. It lives in `edge/keys`, since the key ceremony signs it as well. */
export {
  canonicalBytes,
  canonicalDigest,
  CanonicalError,
  canonicalJson,
  type Json,
  parseCanonical,
  parseJson,
} from '@vitalshare/edge/keys';

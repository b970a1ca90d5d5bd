/** The door `@vitalshare/edge/identity`: who signs and who is sealed to, for the browser. */
export {
  makeIdentity,
  sign,
  type Signer,
  signer,
  verifier,
  type Verifier,
  verify,
} from './noble.ts';
export {
  type Identity,
  IdentityError,
  keyId,
  parsePublicIdentity,
  type PublicIdentity,
  publicOf,
  type Role,
  ROLES,
} from './public.ts';

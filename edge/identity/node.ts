/** The door `@vitalshare/edge/identity/node`: the door `./identity` on node:crypto. */
export type { Signer, Verifier } from './noble.ts';
export { makeIdentity, sign, signer, verifier, verify } from './openssl.ts';
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

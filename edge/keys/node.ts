/**
 * The door `@vitalshare/edge/keys/node`: party folders. The steps that fill them have a door of their
 * own (`./keys/ceremony/node`), since a data server's makes zero keys and a gateway may not reach that.
 */
export { type Addresses, type Endpoint, urlAt } from './addresses.ts';
export { isAlive, lockFolder } from './folder-lock.ts';
export {
  PartyError,
  type PartyFault,
  partyFileExists,
  readableByOthers,
  readPartyFile,
  writePartyFile,
} from './files.ts';
export { type GatewayKeys, loadGatewayKeys, loadServerKeys, type ServerKeys } from './key-files.ts';
export { loadMember, loadParty, type Member, type Party, saveAddresses } from './party.ts';

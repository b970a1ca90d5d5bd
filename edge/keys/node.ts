/**
 * The door `@vitalshare/edge/keys/node`: party folders and the key ceremony [S10].
 */
export { type Addresses, type Endpoint } from './addresses.ts';
export {
  joinWorld,
  makeConfiguration,
  makeOwnIdentity,
  type ConfigurationChoice,
} from './ceremony.ts';
export { dealSplitKeys } from './deal.ts';
export { PartyError, type PartyFault, readableByOthers } from './files.ts';
export { type GatewayKeys, loadGatewayKeys, loadServerKeys, type ServerKeys } from './key-files.ts';
export { type KeyMessage, KeyMessageError, type KeyMessageFault, parseMessage } from './message.ts';
export { loadMember, loadParty, type Member, type Party, saveAddresses } from './party.ts';
export { acceptMessages, contributeZero } from './zero-keys.ts';

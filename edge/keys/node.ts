/**
 * The door `@vitalshare/edge/keys/node`: party folders and the key ceremony [S10].
 */
export { type Addresses, type Endpoint } from './addresses.ts';
export { PartyError, type PartyFault, readableByOthers } from './files.ts';
export { type GatewayKeys, loadGatewayKeys, loadServerKeys, type ServerKeys } from './key-files.ts';
export { loadParty, type Party, saveAddresses } from './party.ts';
